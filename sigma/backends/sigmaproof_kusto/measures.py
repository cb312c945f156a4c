"""What a correlation asks of each window: the operators after the events of its rules are gathered.

`Matches` has a row for each event, group and, where rules are told apart, rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from sigma.correlations import SigmaCorrelationType

from sigma.sigmaproof.correlation import CorrelationSpec

from .layout import WIDTH, wrapped
from .literals import text_literal
from .row_identity import ROW
from .terms import INGESTED

MEASURED = "MatchedValue"
RULE = "MatchedRule"
_MATCH_TIME = "MatchTime"
_FIRST = "FirstMatch"
_ONE_GROUP = "OneGroup"
_VALUES = "Values"
_SORTED = "SortedValues"
_RESULTS = {
    SigmaCorrelationType.EVENT_COUNT: "EventCount",
    SigmaCorrelationType.VALUE_COUNT: "ValueCount",
    SigmaCorrelationType.TEMPORAL: "RuleCount",
    SigmaCorrelationType.VALUE_SUM: "Sum",
    SigmaCorrelationType.VALUE_AVG: "Average",
    SigmaCorrelationType.VALUE_MEDIAN: "Median",
    SigmaCorrelationType.VALUE_PERCENTILE: "Percentile",
}
"""Output column of the measure."""
OWN_NAMES = frozenset(
    {INGESTED, MEASURED, RULE, ROW, "Reached", "Started", _FIRST, _MATCH_TIME, _ONE_GROUP, _SORTED}
    | {_VALUES, *_RESULTS.values()}
)
"""Columns that the query makes, and that no group can be called."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of a correlation over `Matches`."""

    spec: CorrelationSpec
    keys: tuple[str, ...]
    """Columns of the group, as they are written."""
    time: str
    """Column of the instant."""
    kept: tuple[str, ...]
    """Columns of one event of the instant that a detection of Defender must return."""
    labels: tuple[str, ...]
    """What the rules are called in `MatchedRule`, in the order of the list."""
    is_scheduled: bool

    @property
    def group(self) -> list[str]:
        """Return the columns by which alerts are told apart: their instant and their group."""
        return [self.time, *self.keys]

    @property
    def alert(self) -> list[str]:
        """Return the columns that an alert has before anything is measured."""
        return [*self.group, *self.kept]

    @property
    def joined_on(self) -> list[str]:
        """Return the columns that windows are joined on; without a group a constant."""
        return list(self.keys) or [_ONE_GROUP]


def measure_lines(windows: Windows) -> list[str]:
    """Write the operators from `Matches` to the alerts."""
    if windows.spec.type is SigmaCorrelationType.TEMPORAL_ORDERED:
        return _in_order(windows)
    result = _RESULTS[windows.spec.type]
    return [
        *_instants(windows),
        *_joined(windows),
        *_summary(windows, result),
        f"| where {result} {windows.spec.operator} {windows.spec.number}",
    ]


def _instants(windows: Windows) -> list[str]:
    """Write the instants that may alert; in a run those of events that arrived in it."""
    lines = ["Matches"]
    if windows.is_scheduled:
        lines.append(f"| where {INGESTED} > ago(window)")
    if windows.kept:
        event = f"arg_max({', '.join(windows.kept)})"
        if len(windows.kept) == 1:
            event = f"{windows.kept[0]} = max({windows.kept[0]})"
        return [*lines, *_summarized([event], windows.group), *_constant(windows)]
    return [*lines, *wrapped("| distinct ", windows.group), *_constant(windows)]


def _constant(windows: Windows) -> list[str]:
    return [] if windows.keys else [f"| extend {_ONE_GROUP} = true"]


def _joined(windows: Windows) -> list[str]:
    columns = [f"{_MATCH_TIME} = {windows.time}", *windows.keys]
    columns += [] if windows.keys else [f"{_ONE_GROUP} = true"]
    match windows.spec.type:
        case SigmaCorrelationType.EVENT_COUNT:
            pass
        case SigmaCorrelationType.TEMPORAL:
            columns.append(RULE)
        case _:
            columns.append(MEASURED)
    return [
        "| join kind=inner (",
        "    Matches",
        *(f"    {line}" for line in wrapped("| project ", columns)),
        f"    ) on {', '.join(windows.joined_on)}",
        f"| where {_MATCH_TIME} between (({windows.time} - timeframe) .. {windows.time})",
    ]


def _summary(windows: Windows, result: str) -> list[str]:
    first = f"{_FIRST} = min({_MATCH_TIME})"
    match windows.spec.type:
        case SigmaCorrelationType.EVENT_COUNT:
            return _summarized([f"{result} = count()", first], windows.alert)
        case SigmaCorrelationType.VALUE_COUNT | SigmaCorrelationType.TEMPORAL:
            is_count = windows.spec.type is SigmaCorrelationType.VALUE_COUNT
            counted = MEASURED if is_count else RULE
            again = [f"{result} = count()", f"{_FIRST} = min({_FIRST})"]
            return [
                *_summarized([first], [*windows.alert, counted]),
                *_summarized(again, windows.alert),
            ]
        case SigmaCorrelationType.VALUE_SUM:
            return _summarized([f"{result} = sum({MEASURED})", first], windows.alert)
        case SigmaCorrelationType.VALUE_AVG:
            return _summarized([f"{result} = avg({MEASURED})", first], windows.alert)
        case _:
            return _by_rank(windows, result, first)


def _by_rank(windows: Windows, result: str, first: str) -> list[str]:
    """Write a median or percentile by place in the sorted values, as `percentile` only estimates.

    A list made of sorted rows keeps their order.
    """
    values = f"{_SORTED} = make_list({MEASURED})"
    if windows.spec.type is SigmaCorrelationType.VALUE_MEDIAN:
        middle = "todouble(SortedValues[(Values - 1) / 2]) + todouble(SortedValues[Values / 2])"
        value = f"({middle}) / 2"
    else:
        # The nearest rank, rounded up in whole numbers.
        value = f"todouble(SortedValues[(Values * {windows.spec.percent} + 99) / 100 - 1])"
    return [
        f"| sort by {MEASURED} asc",
        *_summarized([f"{_VALUES} = count()", values, first], windows.alert),
        f"| extend {result} = {value}",
        f"| project-away {_SORTED}",
    ]


def _in_order(windows: Windows) -> list[str]:
    """Write, for each rule, its events that end a chain, with the latest start that a chain can have."""
    on = ", ".join(windows.joined_on)
    lines: list[str] = []
    for number, label in enumerate(windows.labels, start=1):
        lines += [f"let Chain{number} = Matches", f"    | where {RULE} == {text_literal(label)}"]
        lines += _inside(_constant(windows))
        if number > 1:
            lines += [
                f"    | join kind=inner Chain{number - 1} on {on}",
                f"    | where Reached < {windows.time} and Started >= {windows.time} - timeframe",
                *_inside(
                    _summarized(["Started = max(Started)"], [windows.time, *windows.joined_on])
                ),
            ]
        started = "Started" if number > 1 else f"Started = {windows.time}"
        columns = [*windows.joined_on, f"Reached = {windows.time}", started]
        lines += _inside(wrapped("| project ", columns))
        lines[-1] += ";"
    return [
        *lines,
        *_instants(windows),
        f"| join kind=inner Chain{len(windows.labels)} on {on}",
        f"| where Reached <= {windows.time} and Started >= {windows.time} - timeframe",
        *_summarized([f"{_FIRST} = max(Started)"], windows.alert),
    ]


def _inside(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _summarized(aggregates: list[str], keys: list[str]) -> list[str]:
    line = f"| summarize {', '.join(aggregates)} by {', '.join(keys)}"
    if len(line) <= WIDTH:
        return [line]
    return [*wrapped("| summarize ", aggregates), *wrapped("    by ", keys)]
