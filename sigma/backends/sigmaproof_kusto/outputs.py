"""The columns that a query hands on: what they are called, and how each table yields them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sigma.exceptions import SigmaError

from sigma.sigmaproof.kusto_names import is_plain
from sigma.sigmaproof.tables import Column, EcsTable, Table

from .keywords import Note
from .search import is_column, reads

_TEXT = "string"


@dataclass(frozen=True, slots=True)
class Output:
    """One column of the result: a term's has the name of the rule's field."""

    name: str
    columns: tuple[Column | None, ...]
    """How each table yields it, in the order of the tables; None where a table never has a value."""

    def is_mixed(self) -> bool:
        """Say whether the tables hold it as different types."""
        return len({column.type for column in self.columns if column is not None}) > 1

    def expression(self, place: int) -> str | None:
        """Return what the table in that place yields; None where it never has a value."""
        column = self.columns[place]
        if column is None:
            return None
        read = reads(column)
        return f"tostring({read})" if self.is_mixed() and column.type != _TEXT else read

    def is_stored(self, place: int) -> bool:
        """Say whether the table has a column of just that name."""
        expression = self.expression(place)
        return expression is not None and is_column(self.name, expression)


def term_output(field: str, tables: Sequence[Table]) -> Output:
    """Return the column of a term's field; raises where a table cannot yield it.

    It keeps the name of the column where the field's is the same but for case: engines that ignore case
    cannot hold both.
    """
    output = Output(field, tuple(table.column(field) for table in tables))
    stored = _as_stored(output)
    return stored if stored.name.lower() == field.lower() else output


def context_outputs(
    fields: Sequence[str], tables: Sequence[Table], taken: frozenset[str], note: Note
) -> list[Output]:
    """Return the columns that are shown beside the result; a field without a column is left out."""
    outputs = []
    for field in dict.fromkeys(fields):
        if field in taken or not _is_certain(field, tables):
            continue
        try:
            output = _as_stored(term_output(field, tables))
        except SigmaError as error:
            note("context-field", f"{field} is not shown beside the result: {error}")
            continue
        if output.name not in taken and any(column is not None for column in output.columns):
            outputs.append(output)
    return list({output.name: output for output in outputs}.values())


def _as_stored(output: Output) -> Output:
    """Keep the column's own name where all tables store the field under one plain name."""
    stored = {column.expression for column in output.columns if column is not None}
    only = next(iter(stored)) if len(stored) == 1 else ""
    return replace(output, name=only) if is_plain(only) else output


def _is_certain(field: str, tables: Sequence[Table]) -> bool:
    """Say whether the column exists; one that is only assumed must not break the query."""
    return all(table.knows(field) for table in tables if isinstance(table, EcsTable))
