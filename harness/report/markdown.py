"""The counts of a verification as Markdown: what a README shows of a corpus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from harness.verdict import Report

from .markup import code, plain, row
from .summary import CountTable, count_tables


def write(report: Report, stream: TextIO) -> None:
    """Write rules by type and status, targets by rule type and verdict, and what targets leave out."""
    tables = [_written(counts) for counts in count_tables(report)]
    stream.write("\n".join([*tables, *_left_out(report)]))


def _left_out(report: Report) -> Iterator[str]:
    """Write a row for each condition that a target leaves out, if there are any."""
    rows = [
        (plain(rule.title), result.target, code(loss.text), loss.effect, plain(loss.reason))
        for rule in report.rules
        for result in rule.targets
        for loss in result.losses
    ]
    if rows:
        headings = ("rule", "target", "left out", "effect", "why")
        yield "".join(map(row, (headings, ["---"] * len(headings), *rows)))


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
