"""The steps that a query runs its rows through.

A step makes new rows and never changes one; a slot, once filled, keeps its cell. Hence a filter that
reads the clock may run after any row-wise step behind it: what it reads is still there, and each
row-wise step works on one row alone (`pipeline.py` relies on this).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, cast

from .aggregates import Aggregate
from .compiled import Evaluate, Row
from .lifting import cell_of, values_in
from .types import Cell, Scalar

Key = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Keep the rows for which the condition is true."""

    condition: Evaluate
    reads_now: bool = False
    text: str = ""
    """The condition as it is written."""
    fields: frozenset[str] = frozenset()
    """The columns that it reads."""

    def run(self, rows: list[Row]) -> list[Row]:
        """Return the rows that stay."""
        condition = self.condition
        return [row for row in rows if condition(row) is True]


@dataclass(frozen=True, slots=True)
class Extend:
    """Add one cell to each row."""

    expression: Evaluate
    reads_now: bool = False

    def run(self, rows: list[Row]) -> list[Row]:
        """Return the longer rows."""
        expression = self.expression
        return [(*row, expression(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class Expand:
    """Make one row of each value of a cell, which is added; null stays one row (ESQL-15)."""

    slot: int
    reads_now: bool = False

    def run(self, rows: list[Row]) -> list[Row]:
        """Return the expanded rows."""
        slot = self.slot
        expanded: list[Row] = []
        for row in rows:
            cell = row[slot]
            if isinstance(cell, tuple):
                expanded.extend((*row, value) for value in cell)
            else:
                expanded.append((*row, cell))
        return expanded


@dataclass(frozen=True, slots=True)
class Group:
    """Make one row of each group: the keys' cells, then the aggregates' (ESQL-19)."""

    keys: tuple[Evaluate, ...]
    aggregates: tuple[Aggregate, ...]
    reads_now: bool = False

    def run(self, rows: list[Row]) -> list[Row]:
        """Return the groups in the order in which they appear."""
        if not self.keys:
            return [self._row(rows, ())]
        return [self._row(members, key) for key, members in grouped(self.keys, rows).items()]

    def _row(self, members: list[Row], key: Key) -> Row:
        return (members, *key, *(aggregate(members) for aggregate in self.aggregates))


@dataclass(frozen=True, slots=True)
class InlineGroup:
    """Add the aggregates of its group to each row (ESQL-21)."""

    keys: tuple[Evaluate, ...]
    aggregates: tuple[Aggregate, ...]
    reads_now: bool = False

    def run(self, rows: list[Row]) -> list[Row]:
        """Return the rows with the added cells."""
        groups = grouped(self.keys, rows) if self.keys else {(): rows}
        cells = {
            key: tuple(aggregate(members) for aggregate in self.aggregates)
            for key, members in groups.items()
        }
        return [(*row, *self._cells(row, cells)) for row in rows]

    def _cells(self, row: Row, cells: Mapping[Key, Key]) -> Key:
        """Return a row's cells; those of several groups follow each other in one cell."""
        key = tuple(key(row) for key in self.keys)
        if not any(isinstance(cell, tuple) for cell in key):
            return cells[key]
        groups = [cells[single] for single in single_keys(key)]
        return tuple(
            cell_of([value for cell in column for value in values_in(cell)])
            for column in zip(*groups, strict=True)
        )


@dataclass(frozen=True, slots=True)
class SortedBy:
    """One key of an order."""

    expression: Evaluate
    is_descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Order:
    """Sort the rows; of several values the smallest counts, in descending order the largest."""

    keys: tuple[SortedBy, ...]
    reads_now: bool = False

    def run(self, rows: list[Row]) -> list[Row]:
        """Return the rows in order; rows that are equal keep theirs."""
        ordered = list(rows)
        for key in reversed(self.keys):
            ordered.sort(key=_rank(key), reverse=key.is_descending)
        return ordered


@dataclass(frozen=True, slots=True)
class Cut:
    """Keep the first rows."""

    count: int
    on_cut: Callable[[], None] | None = None
    """Called when rows are lost by a limit that nobody wrote."""
    reads_now: bool = False

    def run(self, rows: list[Row]) -> list[Row]:
        """Return the rows that stay."""
        if len(rows) > self.count and self.on_cut:
            self.on_cut()
        return rows[: self.count]


Step = Filter | Extend | Expand | Group | InlineGroup | Order | Cut


def grouped(keys: Sequence[Evaluate], rows: list[Row]) -> dict[Key, list[Row]]:
    """Return the rows of each key; several values put a row into several groups."""
    raw: dict[Key, list[Row]] = {}
    if len(keys) == 1:
        (only,) = keys
        for row in rows:
            raw.setdefault((only(row),), []).append(row)
    else:
        for row in rows:
            raw.setdefault(tuple([key(row) for key in keys]), []).append(row)
    if not any(isinstance(cell, tuple) for key in raw for cell in key):
        return raw
    split: dict[Key, list[Row]] = {}
    for key, members in raw.items():
        for single in single_keys(key):
            split.setdefault(single, []).extend(members)
    return split


def single_keys(key: Key) -> Iterator[Key]:
    """Yield the combinations of the values of a key; null is a value of its own."""
    axes: list[Sequence[Scalar | None]] = [
        (None,) if cell is None else tuple(dict.fromkeys(values_in(cell))) for cell in key
    ]
    return product(*axes)


def _rank(key: SortedBy) -> Callable[[Row], Any]:
    choose: Any = max if key.is_descending else min
    # Reversal turns the rank of nulls around as well.
    null_rank = 0 if key.nulls_first != key.is_descending else 2
    expression = key.expression

    def rank(row: Row) -> tuple[int, object]:
        cell = expression(row)
        if cell is None:
            return (null_rank, 0)
        return (1, choose(cast(Any, cell)) if isinstance(cell, tuple) else cell)

    return rank
