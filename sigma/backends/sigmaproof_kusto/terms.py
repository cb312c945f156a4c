"""The fields that a query groups by: one row for each of their values, none where one is missing."""

from __future__ import annotations

from collections.abc import Sequence

from sigma.sigmaproof.kusto_names import name
from sigma.sigmaproof.tables import Column, EcsTable, Table

from .outputs import Output
from .search import is_column

INGESTED = "Ingested"
"""Output column that holds the ingestion time."""


def uses_ingestion_time(tables: Sequence[Table], timestamp: str) -> bool:
    """Say whether ingestion is the primary time; an ECS table has the primary time as its own."""
    return timestamp == "event.ingested" and not any(
        isinstance(table, EcsTable) for table in tables
    )


def term_lines(place: int, terms: Sequence[Output]) -> list[str]:
    """Write the operators after which each row has one value of every field."""
    lines = []
    for term in terms:
        column, expression = term.columns[place], term.cell(place)
        assert column is not None
        assert expression is not None
        shown = name(term.name)
        if not is_column(term.name, expression):
            lines.append(f"| extend {shown} = {expression}")
        lines.extend(value_lines(shown, column, term.is_mixed()))
    return lines


def value_lines(shown: str, column: Column, is_mixed: bool) -> list[str]:
    """Write the operators after which each row has one value in a column that was read from another.

    Where tables hold it as different types, every value is a text, those of arrays one by one.
    """
    if column.type == "dynamic":
        return element_lines(shown)
    if column.type == "string" or is_mixed:
        return [f"| where isnotempty({shown})"]
    return [] if column.constant is not None else [f"| where isnotnull({shown})"]


def element_lines(column: str) -> list[str]:
    """Write the operators that put each element of an array into a row of its own, as text.

    An element that is the empty text is a value, other than an empty cell of a string column.
    """
    return [
        f"| mv-expand {column}",
        f"| where isnotnull({column})",
        f"| extend {column} = tostring({column})",
    ]
