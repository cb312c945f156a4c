"""The functions of STATS: from the rows of a group to a cell. Nulls are skipped (ESQL-19)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, pvariance
from typing import Any, cast

from .compiled import Compiled, Evaluate, Row
from .lifting import cell_of
from .types import NUMERIC, REPRESENTABLE, Cell, Scalar, Type

Aggregate = Callable[[Sequence[Row]], Cell]
Fold = Callable[[list[Scalar]], Cell]
"""From the values of a group, never empty, to its cell."""


@dataclass(frozen=True, slots=True)
class AggregateFunction:
    """An aggregate of one expression, and further constants."""

    accepts: frozenset[Type]
    result: Callable[[Type], Type]
    fold: Callable[[Type, Sequence[Scalar]], Fold]
    """From the type of the values and the constants behind them."""
    of_none: Cell = None
    """The cell of a group without values."""
    constants: int = 0


def values_of_rows(evaluate: Evaluate, rows: Sequence[Row]) -> list[Scalar]:
    """Return every value of an expression over rows."""
    values: list[Scalar] = []
    for cell in map(evaluate, rows):
        if isinstance(cell, tuple):
            values.extend(cell)
        elif cell is not None:
            values.append(cell)
    return values


def over(function: AggregateFunction, argument: Compiled, constants: Sequence[Scalar]) -> Aggregate:
    """Return the aggregate of an expression."""
    evaluate = argument.evaluate
    fold = function.fold(argument.type, constants)
    of_none = function.of_none

    def aggregate(rows: Sequence[Row]) -> Cell:
        values = values_of_rows(evaluate, rows)
        return fold(values) if values else of_none

    return aggregate


def filtered(aggregate: Aggregate, condition: Evaluate) -> Aggregate:
    """Return the aggregate over the rows for which a condition is true."""
    return lambda rows: aggregate([row for row in rows if condition(row) is True])


def _simple(fold: Fold) -> Callable[[Type, Sequence[Scalar]], Fold]:
    return lambda kind, constants: fold


def _keyword_for_text(kind: Type) -> Type:
    return Type.KEYWORD if kind is Type.TEXT else kind


def _double(kind: Type) -> Type:
    return Type.DOUBLE


def _long(kind: Type) -> Type:
    return Type.LONG


def _sum_type(kind: Type) -> Type:
    return Type.DOUBLE if kind is Type.DOUBLE else Type.NULL if kind is Type.NULL else Type.LONG


def _floats(values: Sequence[Scalar]) -> list[float]:
    return [float(value) for value in values]


def _total(kind: Type, constants: Sequence[Scalar]) -> Fold:
    if kind is Type.DOUBLE:
        return lambda values: math.fsum(_floats(values))
    return lambda values: sum(int(value) for value in values)


def _percentile(kind: Type, constants: Sequence[Scalar]) -> Fold:
    wanted = float(constants[0]) / 100

    def fold(values: list[Scalar]) -> Cell:
        ordered = sorted(_floats(values))
        place = wanted * (len(ordered) - 1)
        low = math.floor(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    return fold


def _top(kind: Type, constants: Sequence[Scalar]) -> Fold:
    count, order = int(constants[0]), str(constants[1]).lower()

    def fold(values: list[Scalar]) -> Cell:
        ordered = _ordered(values)
        return cell_of((ordered[::-1] if order == "desc" else ordered)[:count])

    return fold


def _ordered(values: list[Scalar]) -> list[Scalar]:
    texts = [value for value in values if isinstance(value, str)]
    if texts:
        return [*sorted(texts)]
    return [*sorted(value for value in values if not isinstance(value, str))]


def _largest(values: list[Scalar]) -> Cell:
    # The values of a column have one type, which the type checker cannot see.
    return cast(Scalar, max(cast("list[Any]", values)))


def _smallest(values: list[Scalar]) -> Cell:
    return cast(Scalar, min(cast("list[Any]", values)))


def _deviation(values: list[Scalar]) -> Cell:
    numbers = _floats(values)
    middle = median(numbers)
    return float(median(abs(number - middle) for number in numbers))


def _distinct(values: list[Scalar]) -> Cell:
    return cell_of([*dict.fromkeys(values)])


ANY = REPRESENTABLE | {Type.NULL}
NUMBERS = NUMERIC | {Type.NULL}

AGGREGATES = {
    "AVG": AggregateFunction(
        NUMBERS, _double, _simple(lambda values: math.fsum(_floats(values)) / len(values))
    ),
    "COUNT": AggregateFunction(ANY, _long, _simple(len), of_none=0),
    "COUNT_DISTINCT": AggregateFunction(
        ANY, _long, _simple(lambda values: len(set(values))), of_none=0, constants=1
    ),
    "MAX": AggregateFunction(ANY, _keyword_for_text, _simple(_largest)),
    "MEDIAN": AggregateFunction(
        NUMBERS, _double, _simple(lambda values: float(median(_floats(values))))
    ),
    "MEDIAN_ABSOLUTE_DEVIATION": AggregateFunction(NUMBERS, _double, _simple(_deviation)),
    "MIN": AggregateFunction(ANY, _keyword_for_text, _simple(_smallest)),
    "PERCENTILE": AggregateFunction(NUMBERS, _double, _percentile, constants=1),
    "STD_DEV": AggregateFunction(
        NUMBERS, _double, _simple(lambda values: math.sqrt(pvariance(_floats(values))))
    ),
    "SUM": AggregateFunction(NUMBERS, _sum_type, _total),
    "TOP": AggregateFunction(ANY, _keyword_for_text, _top, constants=2),
    "VALUES": AggregateFunction(ANY, _keyword_for_text, _simple(_distinct)),
    "VARIANCE": AggregateFunction(
        NUMBERS, _double, _simple(lambda values: pvariance(_floats(values)))
    ),
}
