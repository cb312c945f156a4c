"""Runs a compiled query: once for the steps that are the same for every run, then run by run.

Row-wise steps (filters, EVAL, MV_EXPAND) in front are done once for all events. A filter that reads
the clock steps behind the row-wise steps that follow it, which is safe because it works on one row
alone and the cells it reads stay in their slots (`steps.py`): the same rows remain. The first step
that groups, sorts or cuts, or that adds a cell which depends on the clock, ends this part.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from .commands import CompiledQuery
from .compiled import Row
from .steps import Expand, Extend, Filter, Step


def split(steps: Sequence[Step]) -> tuple[list[Step], list[Step]]:
    """Split the steps into those that are done once and those that each run does."""
    once: list[Step] = []
    deferred: list[Step] = []
    for index, step in enumerate(steps):
        if isinstance(step, Filter) and step.reads_now:
            deferred.append(step)
        elif isinstance(step, Filter | Extend | Expand) and not step.reads_now:
            once.append(step)
        else:
            return once, [*deferred, *steps[index:]]
    return once, deferred


def through(rows: list[Row], steps: Sequence[Step]) -> list[Row]:
    """Run rows through steps."""
    for step in steps:
        rows = step.run(rows)
    return rows


class Replay:
    """A query on a growing index: rows become visible one after the other."""

    def __init__(self, query: CompiledQuery, rows: list[Row], visible: Sequence[int]) -> None:
        """Take the rows in order of visibility; `visible` has a time for each event's number."""
        once, self._steps = split(query.steps)
        self._rows = through(rows, once)
        self._visible = [visible[_number(row)] for row in self._rows]

    def rows_at(self, now: int) -> list[Row]:
        """Return the rows that a run sees before the steps that it does itself."""
        return self._rows[: bisect_right(self._visible, now)]

    def result(self, rows: list[Row]) -> list[Row]:
        """Run rows through the steps that each run does."""
        return through(rows, self._steps)


def _number(row: Row) -> int:
    number = row[0]
    assert isinstance(number, int), "row-wise steps keep the event's number"
    return number
