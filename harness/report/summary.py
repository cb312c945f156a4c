"""Counts of a verification: rules by type and status, targets by type and verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table

from harness.verdict import WORDS, Report, Status, word

_Counts = Counter[tuple[tuple[str, ...], str]]
"""Numbers by row and column."""


@dataclass(frozen=True, slots=True)
class CountTable:
    """Rows of names and numbers, with a last row of sums where there are several."""

    names: tuple[str, ...]
    """Headings of the names that a row starts with."""
    columns: tuple[str, ...]
    """Headings of the numbers; columns without a number are left out."""
    rows: tuple[tuple[tuple[str, ...], tuple[int, ...]], ...]
    sums: tuple[int, ...] | None


def count_tables(report: Report) -> list[CountTable]:
    """Return the tables of a report's counts."""
    statuses: _Counts = Counter(((rule.type,), rule.status.value) for rule in report.rules)
    verdicts: _Counts = Counter(
        ((rule.type, result.target), word(result.verdict))
        for rule in report.rules
        for result in rule.targets
    )
    tables = [_table(("rule type",), [status.value for status in Status], statuses)]
    if verdicts:
        tables.append(_table(("rule type", "target"), WORDS.values(), verdicts))
    return tables


def summary(report: Report) -> RenderableType:
    """Return the tables of a report's counts for a terminal."""
    return Group(*map(_drawn, count_tables(report)))


def _table(names: tuple[str, ...], columns: Iterable[str], counts: _Counts) -> CountTable:
    used = [column for column in columns if any(name == column for _, name in counts)]
    keys = sorted({row for row, _ in counts})
    rows = tuple((row, tuple(counts[row, column] for column in used)) for row in keys)
    sums = tuple(sum(counts[row, column] for row in keys) for column in used)
    headings = tuple(column.replace("_", " ") for column in used)
    return CountTable(names, headings, rows, sums if len(rows) > 1 else None)


def _drawn(counts: CountTable) -> Table:
    table = Table(header_style="bold", pad_edge=False)
    for name in counts.names:
        table.add_column(name)
    for column in counts.columns:
        table.add_column(column, justify="right")
    for names, numbers in counts.rows:
        table.add_row(*names, *(f"{number:,}" for number in numbers))
    if counts.sums:
        table.add_section()
        table.add_row("all", *[""] * (len(counts.names) - 1), *(f"{one:,}" for one in counts.sums))
    return table
