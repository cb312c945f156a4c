"""What the numbers of a correlation's window come to (`converter.ir.NumberStatistic`)."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from typing import assert_never

from converter.ir import NumberStatistic, Statistic


def measured(measure: NumberStatistic, numbers: Sequence[float]) -> float:
    """Return the statistic of some numbers, of which there is at least one."""
    match measure.statistic:
        case Statistic.SUM:
            return _sum(numbers)
        case Statistic.AVERAGE:
            return _sum(numbers) / len(numbers)
        case Statistic.MEDIAN:
            ordered, last = sorted(numbers), len(numbers) - 1
            return (ordered[last // 2] + ordered[(last + 1) // 2]) / 2
        case Statistic.PERCENTILE:
            rank = -(-len(numbers) * measure.percent // 100)
            return sorted(numbers)[rank - 1]
        case _:
            assert_never(measure.statistic)


def _sum(numbers: Sequence[float]) -> float:
    """Add exactly, whatever the order."""
    return fsum(numbers) if any(isinstance(one, float) for one in numbers) else sum(numbers)
