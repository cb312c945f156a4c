"""Correlations: what is asked of the events of a group within a window that slides over them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import assert_never

from .predicate import Predicate
from .term import TermField


class Comparator(Enum):
    """How a measured number compares with that of a condition."""

    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    EQUAL = "=="
    UNEQUAL = "!="


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of a measured number."""

    comparator: Comparator
    number: int


@dataclass(frozen=True, slots=True)
class EventCount:
    """How many events the window holds."""


@dataclass(frozen=True, slots=True)
class ValueCount:
    """How many different values its events have; an event without a value takes no part in anything."""

    field: TermField


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many different rules its events satisfy."""


@dataclass(frozen=True, slots=True)
class RulesInOrder:
    """How many rules have an event, in the order of the list, each strictly later than the one before.

    A condition asks for all of them.
    """


class Statistic(Enum):
    """What is made of the numbers of a window."""

    SUM = "sum"
    AVERAGE = "average"
    MEDIAN = "median"
    PERCENTILE = "percentile"


@dataclass(frozen=True, slots=True)
class NumberStatistic:
    """What the numbers of its events come to, each value of each event once.

    An event without a number takes no part in anything. The median of an even number of values is the
    mean of the two in the middle; a percentile is the least value that `percent` of all do not exceed.
    """

    field: TermField
    statistic: Statistic
    percent: int = 0


Measure = EventCount | ValueCount | RuleCount | RulesInOrder | NumberStatistic


@dataclass(frozen=True, slots=True)
class CorrelatedRule:
    """A rule that a correlation refers to: its events, and which of their fields make the group."""

    name: str
    base: Predicate
    group: tuple[TermField, ...]


@dataclass(frozen=True, slots=True)
class Correlation:
    """One alert per group and instant at which the group has an event and its window satisfies the condition.

    The window holds the events of the group in [instant - timespan, instant], both ends and every event
    of the instant included. Groups are terms as those of NewTerms; an event of several rules is in the
    groups of each, and once in each group.
    """

    rules: tuple[CorrelatedRule, ...]
    names: tuple[str, ...]
    """What the fields of a group are called: a field's own name, or an alias."""
    timespan: timedelta
    measure: Measure
    condition: Condition
    reports: timedelta | None = None
    """How long before the end of a run an event of the instant arrived at most; None without runs."""

    @property
    def is_growing(self) -> bool:
        """Say whether a window that satisfies the condition does so with more events, too."""
        is_count = not isinstance(self.measure, NumberStatistic)
        return is_count and self.condition.comparator in (Comparator.MORE, Comparator.AT_LEAST)

    @property
    def counted(self) -> TermField | None:
        """Return the field whose values are measured; None where events or rules are."""
        match self.measure:
            case ValueCount(field) | NumberStatistic(field):
                return field
            case _:
                return None


def show_measure(measure: Measure) -> str:
    """Name what is measured, for people."""
    match measure:
        case EventCount():
            return "events"
        case ValueCount(field):
            return f"values of {field.field}"
        case RuleCount():
            return "rules with an event"
        case RulesInOrder():
            return "rules with an event, in order"
        case NumberStatistic(field, Statistic.PERCENTILE, percent):
            return f"percentile {percent} of {field.field}"
        case NumberStatistic(field, statistic):
            return f"{statistic.value} of {field.field}"
        case _:
            assert_never(measure)
