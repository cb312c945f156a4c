"""The counts of a verification as Markdown: what a README shows of a corpus."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from harness.verdict import Report

from .markup import row
from .summary import CountTable, count_tables


def write(report: Report, stream: TextIO) -> None:
    """Write rules by type and status, then targets by rule type and verdict."""
    stream.write("\n".join(_written(counts) for counts in count_tables(report)))


def _written(counts: CountTable) -> str:
    rows: list[Sequence[str]] = [
        (*counts.names, *counts.columns),
        (*["---"] * len(counts.names), *["---:"] * len(counts.columns)),
        *((*names, *_numbers(numbers)) for names, numbers in counts.rows),
    ]
    if counts.sums:
        rows.append(("all", *[""] * (len(counts.names) - 1), *_numbers(counts.sums)))
    return "".join(map(row, rows))


def _numbers(numbers: Iterable[int]) -> list[str]:
    return [f"{number:,}" for number in numbers]
