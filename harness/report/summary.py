"""Counts of a verification: rules by type and status, targets by type and verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table

from harness.verdict import WORDS, Report, Status, word

_Counts = Counter[tuple[tuple[str, ...], str]]
"""Numbers by row and column."""


def summary(report: Report) -> RenderableType:
    """Return the tables of a report's counts; columns without a count are left out."""
    parts: list[RenderableType] = [_statuses(report)]
    if any(rule.targets for rule in report.rules):
        parts.append(_verdicts(report))
    return Group(*parts)


def _statuses(report: Report) -> Table:
    counts: _Counts = Counter(((rule.type,), rule.status.value) for rule in report.rules)
    return _table(("rule type",), [status.value for status in Status], counts)


def _verdicts(report: Report) -> Table:
    counts: _Counts = Counter(
        ((rule.type, result.target), word(result.verdict))
        for rule in report.rules
        for result in rule.targets
    )
    return _table(("rule type", "target"), WORDS.values(), counts)


def _table(names: tuple[str, ...], columns: Iterable[str], counts: _Counts) -> Table:
    """Lay out counts by row and column, with a last row of sums."""
    used = [column for column in columns if any(name == column for _, name in counts)]
    table = Table(header_style="bold", pad_edge=False)
    for name in names:
        table.add_column(name)
    for column in used:
        table.add_column(column.replace("_", " "), justify="right")
    rows = list(dict.fromkeys(row for row, _ in counts))
    for row in sorted(rows):
        table.add_row(*row, *(f"{counts[row, column]:,}" for column in used))
    if len(rows) > 1:
        sums = (sum(counts[row, column] for row in rows) for column in used)
        table.add_section()
        table.add_row("all", *[""] * (len(names) - 1), *(f"{count:,}" for count in sums))
    return table
