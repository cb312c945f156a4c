"""The columns that a query hands on: what they are called, and how each table yields them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sigma.exceptions import SigmaError

from sigma.sigmaproof.kusto_names import is_plain
from sigma.sigmaproof.tables import Column, ColumnType, EcsTable, Table, bracketed

from .keywords import Note
from .layout import wrapped
from .search import assignment, is_column, reads

_TEXT: ColumnType = "string"


@dataclass(frozen=True, slots=True)
class Output:
    """One column of the result: a term's has the name of the rule's field."""

    name: str
    columns: tuple[Column | None, ...]
    """How each table yields it, in the order of the tables; None where a table never has a value."""

    def is_mixed(self) -> bool:
        """Say whether the tables hold it as different types."""
        return len({column.type for column in self.columns if column is not None}) > 1

    def has_arrays(self) -> bool:
        """Say whether a row of some table may give several rows."""
        return any(column is not None and column.type == "dynamic" for column in self.columns)

    def is_list(self) -> bool:
        """Say whether a row may hold several values of it."""
        return not self.is_mixed() and self.has_arrays()

    def expression(self, place: int) -> str | None:
        """Return what the table in that place yields; None where it never has a value."""
        column = self.columns[place]
        if column is None:
            return None
        read = reads(column)
        return f"tostring({read})" if self.is_mixed() and column.type != _TEXT else read

    def cell(self, place: int) -> str | None:
        """Return what the table in that place yields before arrays get a row for each element."""
        column = self.columns[place]
        is_array = column is not None and column.type == "dynamic"
        return reads(column) if column is not None and is_array else self.expression(place)

    def is_stored(self, place: int) -> bool:
        """Say whether the table has a column of just that name."""
        expression = self.expression(place)
        return expression is not None and is_column(self.name, expression)


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column of a result that a rule file may name."""

    name: str
    is_list: bool = False


@dataclass(slots=True)
class Wanted:
    """The fields that a result shows beside what it is about.

    A deployed query names every column plainly, as a rule file cannot name others, and `shown` says after
    the query is written which column holds which field.
    """

    fields: Sequence[str]
    """Those of the rule."""
    is_deployed: bool = False
    entities: Sequence[str] = ()
    """Those of the pack's entities, shown where the tables have them."""
    assets: Sequence[str] = ()
    """Stored columns that the platform demands."""
    shown: dict[str, ShownColumn] = field(default_factory=dict)


def term_output(field: str, tables: Sequence[Table]) -> Output:
    """Return the column of a term's field; raises where a table cannot yield it.

    It keeps the name of the column where the field's is the same but for case: engines that ignore case
    cannot hold both.
    """
    output = Output(field, tuple(table.column(field) for table in tables))
    stored = _as_stored(output)
    is_same = stored.columns == output.columns and stored.name.lower() == field.lower()
    return stored if is_same else output


def context_outputs(
    wanted: Wanted, tables: Sequence[Table], taken: frozenset[str], note: Note
) -> list[Output]:
    """Return the columns that are shown beside the result; a field without a column is left out."""
    outputs = {
        asset: Output(asset, tuple(Column(asset, _TEXT) for _ in tables))
        for asset in wanted.assets
        if asset not in taken
    }
    for asked in dict.fromkeys((*wanted.fields, *wanted.entities)):
        if asked in taken or not _is_certain(asked, tables):
            continue
        try:
            output = _as_stored(term_output(asked, tables))
        except SigmaError as error:
            if asked in wanted.fields:
                note("context-field", f"{asked} is not shown beside the result: {error}")
            continue
        if _is_joined(output, tables):
            if asked in wanted.fields:
                note(
                    "context-field", f"{asked} is not shown: another table would have to be joined"
                )
            continue
        if wanted.is_deployed:
            output = replace(output, name=plain_name(output.name))
        if output.name in taken or not any(output.columns):
            continue
        if outputs.setdefault(output.name, output).columns == output.columns:
            wanted.shown[asked] = ShownColumn(output.name, output.is_list())
    return list(outputs.values())


def _is_joined(output: Output, tables: Sequence[Table]) -> bool:
    """Say whether only a join has what a table yields, which a column to look at is not worth."""
    pairs = zip(output.columns, tables, strict=True)
    return any(
        column is not None and any(column.expression in one.columns for one in table.joined)
        for column, table in pairs
    )


def shown_terms(wanted: Wanted, fields: Sequence[str], terms: Sequence[Output]) -> list[str]:
    """Write the operator that gives terms plain names, where a deployed query needs them."""
    if not wanted.is_deployed:
        return []
    copies = []
    for asked, term in zip(fields, terms, strict=True):
        plain = plain_name(term.name)
        wanted.shown[asked] = ShownColumn(plain)
        if plain != term.name:
            copies.append(f"{plain} = {bracketed(term.name)}")
    return wrapped("| extend ", copies) if copies else []


def computed(outputs: Sequence[Output], place: int, extended: Mapping[str, str]) -> list[str]:
    """Write the operators that add the columns which the table in that place does not store.

    `extended` are those that a query computes where it reads them, which nothing does that names no more
    than the column.
    """
    shown = {one.expression(place) for one in outputs if one.is_stored(place)}
    lines = [f"| extend {one} = {value}" for one, value in extended.items() if one in shown]
    added = [
        assignment(output.name, expression)
        for output in outputs
        if not output.is_stored(place) and (expression := output.expression(place)) is not None
    ]
    return [*lines, *(wrapped("| extend ", added) if added else [])]


def plain_name(name: str) -> str:
    """Return a name that can stand without brackets: `user.name` becomes `user_name`."""
    if is_plain(name):
        return name
    plain = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "field"
    plain = f"_{plain}" if plain[0].isdigit() else plain
    return plain if is_plain(plain) else f"{plain}_"


def _as_stored(output: Output) -> Output:
    """Keep the column's own name where all tables store the field under one plain name, JSON as it is."""
    columns = (
        replace(column, expression=column.json_text) if column and column.json_text else column
        for column in output.columns
    )
    output = replace(output, columns=tuple(columns))
    stored = {column.expression for column in output.columns if column is not None}
    only = next(iter(stored)) if len(stored) == 1 else ""
    return replace(output, name=only) if is_plain(only) else output


def _is_certain(field: str, tables: Sequence[Table]) -> bool:
    """Say whether the column exists; one that is only assumed must not break the query."""
    return all(table.knows(field) for table in tables if isinstance(table, EcsTable))
