"""Rows of a table for a Kusto engine, built from events.

One rule holds this together: a row stands for an event only if every field that matters reads back from it
as the event has it. Where it does not, the event is not representable, with the reason. A missing text is
the empty text, as a Kusto `string` is never null; every other missing value is null.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from converter.ir import Value
from converter.layout import (
    CellPlace,
    EventsLayout,
    FieldLayout,
    Kind,
    Layout,
    Selector,
    TableLayout,
)

from .cells import Cell, cell_of, missing, shown
from .event import Dataset, Document, Event, values_of
from .event_xml import xml_of
from .row_fields import fill, is_only, needs_text, problem, values_in


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one table."""

    table: str
    columns: Mapping[str, str]
    """Kusto type by column, in the order of the cells."""
    rows: tuple[tuple[Cell, ...], ...]
    """Texts, numbers, booleans, aware datetimes, None; JSON values in a dynamic column."""
    event_ids: tuple[str, ...]
    """The event of each row."""
    not_representable: tuple[tuple[str, str], ...]
    """Events of this table that no row stands for, with the reason."""
    is_joined: bool = False
    """Whether the rows tell about other rows, and stand for no event themselves."""
    told_by: str = ""
    """Column whose text tells the event of a row, though it is not the event's identity."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One row before anybody asks whether it stands for its event."""

    cells: Mapping[str, Cell]
    problems: Mapping[str, str]
    """Field to the reason why it does not read back."""


def rows(
    layout: Layout,
    dataset: Dataset,
    ingestion_column: str,
    fields: Collection[str] | None = None,
) -> Rows:
    """Build the rows of a table for the events that belong to it.

    `ingestion_column` gets the time at which the event became visible. `fields` are the fields that a
    rule reads: only they decide whether an event is representable. Without them every field decides
    that some event of the dataset has.
    """
    table = layout if isinstance(layout, TableLayout) else _events_table(layout, dataset, fields)
    if fields is None:
        table = table.with_others(_present(dataset))
    read = fields_present(dataset, table) if fields is None else fields
    columns = {**table.columns, ingestion_column: "datetime"}
    built: list[tuple[Cell, ...]] = []
    ids: list[str] = []
    refused: list[tuple[str, str]] = []
    for event in dataset.events:
        if not is_of_log_source(table, event.document) or not is_of_table(table, event.document):
            continue
        row = row_of(table, event, read)
        if row.problems:
            refused.append((event.id, next(iter(row.problems.values()))))
            continue
        cells = {**row.cells, ingestion_column: event.visible}
        built.append(tuple(cells[column] for column in columns))
        ids.append(event.id)
    told_by = table.id if table.id == table.xml else ""
    return Rows(table.name, columns, tuple(built), tuple(ids), tuple(refused), told_by=told_by)


def unplaced(layouts: Sequence[TableLayout], dataset: Dataset) -> tuple[tuple[str, str], ...]:
    """Return the events of the log source that belong to none of its tables, with the reason."""
    return tuple(
        (event.id, _why_unplaced(layouts, event.document))
        for event in dataset.events
        if any(is_of_log_source(layout, event.document) for layout in layouts)
        and not any(is_of_table(layout, event.document) for layout in layouts)
    )


def row_of(layout: TableLayout, event: Event, fields: Collection[str]) -> EventRow:
    """Build one row and say which of `fields` do not read back from it."""
    cells: dict[str, Cell] = {name: missing(kind) for name, kind in layout.columns.items()}
    if layout.xml:
        cells[layout.xml] = xml_of({}, event.id)
    values = {field.name: values_in(event.document, field) for field in layout.fields}
    empty = {
        field.places[0]
        for field in layout.fields
        if _is_plain(field) and field.name in fields and not values[field.name]
    }
    needed = {
        field.places[0]
        for field in layout.fields
        if field.name in fields and needs_text(field, values[field.name])
    }
    for field in sorted(layout.fields, key=lambda one: _order(one, values[one.name])):
        # What no rule reads must not fill the place of what a rule reads and the event lacks.
        if field.name in fields or empty.isdisjoint(field.places):
            fill(cells, field, layout, values[field.name], needed)
    cells[layout.time] = _time(layout, event)
    is_told = layout.id == layout.xml
    if not is_told and not any(name in fields and values.get(name) for name in _identities(layout)):
        cells[layout.id] = _identity(event, layout.columns[layout.id])
    problems = dict(_untold(layout, event.document))
    for field in layout.fields:
        if field.name in fields:
            reason = problem(cells, field, layout, values[field.name])
            if reason:
                problems[field.name] = reason
    return EventRow(cells, problems)


def _is_plain(field: FieldLayout) -> bool:
    return bool(field.places) and not (field.cases or field.values)


def _identity(event: Event, column_type: str) -> Cell:
    """Return the event's identity as its column holds it; a number is made of it."""
    if column_type == "string":
        return event.id
    return int.from_bytes(sha256(event.id.encode()).digest()[:6])


def _identities(layout: TableLayout) -> Iterator[str]:
    """Yield the fields that the column of the identity holds: a rule may compare them."""
    yield layout.id
    for field in layout.fields:
        if any(place.column == layout.id and not place.path for place in field.places):
            yield field.name


def _untold(layout: TableLayout, document: Document) -> Iterator[tuple[str, str]]:
    """Yield the fields that the event lacks by which this part of the table is told from others."""
    for name, some in layout.only.items():
        if not values_of(document, name):
            yield name, f"{layout.name} tells such events by {name} {shown(some)}: missing"


def fields_present(dataset: Dataset, layout: TableLayout) -> frozenset[str]:
    """Return the fields that some event has, but for time and identity, which the harness sets."""
    present = _present(dataset)
    return frozenset(
        field.name
        for field in layout.fields
        if field.name in present
        and not any(
            place.column in (layout.time, layout.id) and not place.path for place in field.places
        )
    )


def _present(dataset: Dataset) -> frozenset[str]:
    return frozenset(name for event in dataset.events for name in _leaves(event.document, ""))


def is_of_log_source(layout: TableLayout, document: Document) -> bool:
    """Say whether the event satisfies the conditions that the log source implies."""
    return all(value in values_of(document, name) for name, value in layout.condition.items())


def is_of_table(layout: TableLayout, document: Document) -> bool:
    """Say whether the event fits this table's selector and that of no other table."""
    is_here = not layout.selector or _fits(layout.selector, document)
    return is_here and not any(_fits(rival, document) for rival in layout.rivals)


def _fits(selector: Selector, document: Document) -> bool:
    """Say whether some field has the selector's value and none has another one."""
    found = [
        any(is_only(values, one) for one in (value if isinstance(value, tuple) else (value,)))
        for name, value in selector.items()
        if (values := values_of(document, name))
    ]
    return bool(found) and all(found)


def _why_unplaced(layouts: Sequence[TableLayout], document: Document) -> str:
    names = sorted({name for layout in layouts for name in layout.selector})
    values = {name: values_of(document, name) for name in names}
    has = ", ".join(f"{name} {shown(v) if v else 'missing'}" for name, v in values.items())
    tables = [layout.name for layout in layouts if _fits(layout.selector, document)]
    if tables:
        return f"several tables could hold the event ({', '.join(tables)}): {has}"
    return f"no table holds such an event: {has}"


def _time(layout: TableLayout, event: Event) -> datetime:
    """Return the time column's value; the primary time where the layout or the event names no other."""
    for value in values_of(event.document, layout.time_field) if layout.time_field else ():
        cell = cell_of(value, Kind.DATE, "datetime")
        if isinstance(cell, datetime):
            return cell
    return event.time


def _order(field: FieldLayout, values: Sequence[Value]) -> tuple[bool, int, int]:
    """Write first what stands in one column, last what is derived or added to the event.

    Of what is derived, that comes first which leaves the fewest texts: `rename` tells one of those of `change`.
    """
    texts = sum(meaning in values for meaning in field.cases.values())
    return field.is_enrichment, 2 if field.cases else min(len(field.places), 2) - 1, texts


def _field_of_events(name: str, column_type: str) -> FieldLayout:
    return FieldLayout(name, _KINDS.get(column_type, Kind.TEXT), (CellPlace(name),))


def _events_table(
    layout: EventsLayout, dataset: Dataset, fields: Collection[str] | None
) -> TableLayout:
    """Lay out one column for every field of the events, and for every field that a rule reads."""
    present = _present(dataset)
    names = sorted(({*fields} if fields is not None else present) | {layout.id})
    types = {name: layout.types.get(name, "string") for name in names}
    return TableLayout(
        name=layout.name,
        columns={layout.time: "datetime", **types},
        fields=tuple(_field_of_events(name, types[name]) for name in names),
        time=layout.time,
        id=layout.id,
        time_field="",
    )


_KINDS = {"bool": Kind.BOOLEAN, "long": Kind.NUMBER, "real": Kind.NUMBER, "datetime": Kind.DATE}


def _leaves(node: object, path: str) -> Iterator[str]:
    match node:
        case dict():
            for key, inner in node.items():
                yield from _leaves(inner, f"{path}.{key}" if path else str(key))
        case list():
            for item in node:
                yield from _leaves(item, path)
        case None:
            return
        case _:
            yield path
