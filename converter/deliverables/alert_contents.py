"""What the alerts of a Microsoft rule show: entities, details and a name, all of columns that the query returns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from converter.diagnostic import Diagnostic, Severity
from converter.languages.kusto import output_columns
from converter.render import RenderedQuery
from sigma.sigmaproof.mapping_entities import MAXIMUM_ENTITIES, is_told
from sigma.sigmaproof.tables import Table

from .sentinel_limits import (
    LONGEST_DETAIL_KEY,
    MAXIMUM_DETAILS,
    MAXIMUM_NAME,
)

_FIXED = {
    "EventId": "",
    "EventTime": "",
    "Ingested": "Ingested",
    "EventCount": "EventCount",
    "ValueCount": "ValueCount",
    "FirstSeen": "FirstSeen",
    "LastSeen": "LastSeen",
}
"""Details of every rule, and the columns that our queries give them; time and identity are the table's."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity and the columns by which it is told."""

    type: str
    columns: Mapping[str, str]
    """Identifier to column."""


@dataclass(frozen=True, slots=True)
class AlertContents:
    """Columns of the result and what they are for."""

    entities: tuple[Entity, ...]
    details: Mapping[str, str]
    """Key of a detail to column."""

    def key_of(self, column: str) -> str | None:
        """Return the detail that shows a column."""
        return next((key for key, shown in self.details.items() if shown == column), None)


def contents_of(
    rendered: RenderedQuery,
    fields: Sequence[str],
    grouping: Sequence[str],
    is_filter: bool,
    remarks: list[Diagnostic],
) -> AlertContents:
    """Return what alerts show; `fields` are those of the rule, the most important ones first.

    A filter returns the event itself, so that its time and identity are there in any case.

    Fields of `grouping` are details even where they tell an entity.
    """
    entities: list[Entity] = []
    for entity in _entities(rendered):
        if entity not in entities:
            entities.append(entity)
    entities = entities[:MAXIMUM_ENTITIES]
    told = {column for entity in entities for column in entity.columns.values()}
    grouped = [column for one in grouping if (column := _column(rendered, one))]
    columns = [column for one in fields if (column := _column(rendered, one))]
    shown = [*grouped, *(column for column in columns if column not in told)]
    details: dict[str, str] = {}
    for key, column in (*_fixed(rendered, is_filter), *((_key(one), one) for one in shown)):
        if column not in details.values():
            details[_free(key, details)] = column
    if len(details) > MAXIMUM_DETAILS:
        left = list(details.values())[MAXIMUM_DETAILS:]
        what = (
            f"an alert has {MAXIMUM_DETAILS} custom details at most; {', '.join(left)} are left out,"
            " and stay columns of the query"
        )
        remarks.append(Diagnostic("details-left-out", Severity.NOTE, what))
    kept = dict(list(details.items())[:MAXIMUM_DETAILS])
    return AlertContents(tuple(entities), kept)


def display_name(title: str, contents: AlertContents) -> str | None:
    """Return the alert's name with the entity that it is about; None where there is no room."""
    if not contents.entities or "{{" in title:
        return None
    column = next(iter(contents.entities[0].columns.values()))
    name = f"{title}: {{{{{column}}}}}"
    return name if len(name) <= MAXIMUM_NAME else None


def _entities(rendered: RenderedQuery) -> Iterator[Entity]:
    packs = (rendered.pack,) if rendered.pack else rendered.packs
    for entity in (one for pack in packs for one in pack.entities):
        for identifiers in (entity.identifiers, entity.otherwise):
            columns = {
                identifier: column
                for identifier, field in identifiers.items()
                if (column := _column(rendered, field)) is not None
            }
            if is_told(entity.type, columns):
                yield Entity(entity.type, columns)
                break


def _column(rendered: RenderedQuery, field: str) -> str | None:
    shown = rendered.shown.get(field)
    return None if shown is None or shown.is_list else shown.name


def _fixed(rendered: RenderedQuery, is_filter: bool) -> Iterator[tuple[str, str]]:
    """Yield the details of every rule whose columns this query returns."""
    tables = [table for table in rendered.tables if table.name in rendered.searched]
    if not tables:
        return
    own = {"EventId": tables[0].id or "", "EventTime": tables[0].time}
    returned = output_columns(rendered.text, schemas_of(tables))
    if returned is None:
        returned = dict.fromkeys(own.values(), "") if is_filter else {}
    for key, column in {**_FIXED, **own}.items():
        if column in returned:
            yield key, column


def schemas_of(tables: Sequence[Table]) -> dict[str, dict[str, str]]:
    """Return the columns of tables as far as fields of the rule are read from them."""
    return {
        table.name: {
            **{column.expression: column.type for column in table.columns.values()},
            table.time: "datetime",
            **({table.id: "string"} if table.id else {}),
            **dict.fromkeys(table.assets, "string"),
        }
        for table in tables
    }


def _key(column: str) -> str:
    """Return a key for a column: its name, or the last of its words that fit."""
    if len(column) <= LONGEST_DETAIL_KEY and column[0].isalpha():
        return column
    end = column[-LONGEST_DETAIL_KEY:]
    word = re.search(r"(?<=_)[A-Za-z]|[A-Z]", end)
    start = word.start() if word else 0
    return end[start:].lstrip("_0123456789") or "Detail"


def _free(key: str, taken: Mapping[str, str]) -> str:
    """Return the key, with a number where it is taken."""
    if key not in taken:
        return key
    numbers = (str(number) for number in range(2, len(taken) + 3))
    named = (key[: LONGEST_DETAIL_KEY - len(number)] + number for number in numbers)
    return next(name for name in named if name not in taken)
