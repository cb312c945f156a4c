"""Lifts functions of plain values to cells: nulls propagate, several values make null (ESQL-8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .casting import Convert, Unconvertible
from .compiled import Evaluate, Row
from .types import Cell, Scalar

Warn = Callable[[], None]
WarnOf = Callable[[str], Warn]
"""Returns what records a warning with a reason."""

Plain1 = Callable[[Scalar], Scalar | None]
Plain2 = Callable[[Scalar, Scalar], Scalar | None]
Plain = Callable[..., Scalar | None]


def lifted(
    function: Plain, arguments: Sequence[Evaluate], several: Warn, failed: WarnOf
) -> Evaluate:
    """Lift a function of single values; a failure makes null with a warning."""
    match list(arguments):
        case [only]:
            return _lifted1(function, only, several, failed)
        case [left, right]:
            return _lifted2(function, left, right, several, failed)
        case many:
            return _lifted_many(function, many, several, failed)


def _lifted1(function: Plain1, argument: Evaluate, several: Warn, failed: WarnOf) -> Evaluate:
    def evaluate(row: Row) -> Cell:
        value = argument(row)
        if value is None:
            return None
        if isinstance(value, tuple):
            several()
            return None
        try:
            return function(value)
        except Unconvertible as error:
            failed(str(error))()
            return None

    return evaluate


def _lifted2(
    function: Plain2, first: Evaluate, second: Evaluate, several: Warn, failed: WarnOf
) -> Evaluate:
    def evaluate(row: Row) -> Cell:
        left = first(row)
        if left is None:
            return None
        right = second(row)
        if right is None:
            return None
        if isinstance(left, tuple) or isinstance(right, tuple):
            several()
            return None
        try:
            return function(left, right)
        except Unconvertible as error:
            failed(str(error))()
            return None

    return evaluate


def _lifted_many(
    function: Plain, arguments: Sequence[Evaluate], several: Warn, failed: WarnOf
) -> Evaluate:
    def evaluate(row: Row) -> Cell:
        values = [argument(row) for argument in arguments]
        if None in values:
            return None
        if any(isinstance(value, tuple) for value in values):
            several()
            return None
        try:
            return function(*values)
        except Unconvertible as error:
            failed(str(error))()
            return None

    return evaluate


def mapped(function: Convert, argument: Evaluate, failed: WarnOf) -> Evaluate:
    """Apply a conversion to each value of a cell; values that cannot be converted vanish."""

    def evaluate(row: Row) -> Cell:
        cell = argument(row)
        if cell is None:
            return None
        converted: list[Scalar] = []
        for value in values_in(cell):
            try:
                converted.append(function(value))
            except Unconvertible as error:
                failed(str(error))()
        return cell_of(converted)

    return evaluate


def collected(function: Callable[[tuple[Scalar, ...]], Cell], argument: Evaluate) -> Evaluate:
    """Lift a function of all values of a cell; null stays null."""

    def evaluate(row: Row) -> Cell:
        cell = argument(row)
        return None if cell is None else function(values_in(cell))

    return evaluate


def values_in(cell: Cell) -> tuple[Scalar, ...]:
    """Return the values of a cell."""
    if cell is None:
        return ()
    return cell if isinstance(cell, tuple) else (cell,)


def cell_of(values: Sequence[Scalar]) -> Cell:
    """Return the cell that holds these values."""
    if not values:
        return None
    return values[0] if len(values) == 1 else tuple(values)
