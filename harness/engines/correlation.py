"""Executes correlations on events in order of time (`converter.ir.Correlation`).

An alert is a group and an instant. All events of one instant go in together, so that the order in which
a log lists them means nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby, takewhile
from typing import assert_never

from converter.ir import (
    Comparator,
    Condition,
    Correlation,
    EventCount,
    NumberStatistic,
    RuleCount,
    RulesInOrder,
    Value,
    ValueCount,
)
from harness.events.event import Dataset, Document, Event, values_of
from harness.schedule.window import Run

from .chains import Chains
from .execution import Alert, Term
from .predicate import evaluate
from .statistics import measured
from .terms import TermKey, distinct_values, sort_key, term_key, terms_of
from .view import read


@dataclass(frozen=True, slots=True)
class Member:
    """An event in one group, as its window needs it."""

    time: datetime
    id: str
    rules: frozenset[int]
    """Places of the rules that put it into the group."""
    values: tuple[Value, ...]
    """The values that are measured."""


@dataclass(frozen=True, slots=True)
class Membership:
    """One group of an event."""

    term: Term
    member: Member


@dataclass(slots=True)
class Window:
    """The window of one group; it counts as members come and go instead of looking at all of them."""

    plan: Correlation
    members: deque[Member] = field(default_factory=deque)
    """In order of time."""
    counts: Counter[object] = field(default_factory=Counter)
    """How many members have each value, or satisfy each rule, where these are told apart."""
    chains: Chains | None = None
    """How far the rules follow one another, where their order matters."""

    def __post_init__(self) -> None:
        """Begin the chains of rules in order."""
        if isinstance(self.plan.measure, RulesInOrder):
            self.chains = Chains(len(self.plan.rules))

    def add(self, member: Member) -> None:
        """Take the newest member."""
        self.members.append(member)
        self.counts.update(self._told_apart(member))
        if self.chains is not None:
            self.chains.add(member.time, member.rules)

    def forget_oldest(self) -> None:
        """Let the oldest member go."""
        for one in self._told_apart(self.members.popleft()):
            self.counts[one] -= 1
            if not self.counts[one]:
                del self.counts[one]

    def is_met(self) -> bool:
        """Say whether the window satisfies the condition."""
        match self.plan.measure:
            case EventCount():
                return holds(self.plan.condition, len(self.members))
            case ValueCount() | RuleCount():
                return holds(self.plan.condition, len(self.counts))
            case RulesInOrder():
                return self.chains is not None and self.chains.is_complete(self.plan.timespan)
            case NumberStatistic():
                return holds(self.plan.condition, measure_of(self.plan, self.members))
            case _:
                assert_never(self.plan.measure)

    def _told_apart(self, member: Member) -> Iterable[object]:
        match self.plan.measure:
            case ValueCount():
                return [(type(value), value) for value in member.values]
            case RuleCount():
                return member.rules
            case EventCount() | RulesInOrder() | NumberStatistic():
                return ()
            case _:
                assert_never(self.plan.measure)


@dataclass(slots=True)
class CorrelationState:
    """The windows of all groups, as they are at the instant that went in last.

    Holds the memberships of one `timespan` and nothing older: as many as events of that time have
    groups.
    """

    plan: Correlation
    _windows: dict[TermKey, Window] = field(default_factory=dict)
    _order: deque[tuple[datetime, TermKey]] = field(default_factory=deque)
    """All memberships that are held, in order of time."""

    def __len__(self) -> int:
        """Return how many memberships are held."""
        return len(self._order)

    def alerts_at(self, time: datetime, memberships: Iterable[Membership]) -> list[Alert]:
        """Take the events of one instant, none of them earlier than the last, and return its alerts."""
        self._forget_before(time)
        touched: dict[TermKey, Term] = {}
        for one in memberships:
            key = term_key(one.term)
            touched[key] = one.term
            if key not in self._windows:
                self._windows[key] = Window(self.plan)
            self._windows[key].add(one.member)
            self._order.append((time, key))
        return [
            Alert(None, term, time, self._raised_by(key, time))
            for key, term in touched.items()
            if self._windows[key].is_met()
        ]

    def _forget_before(self, time: datetime) -> None:
        oldest = time - self.plan.timespan
        while self._order and self._order[0][0] < oldest:
            _, key = self._order.popleft()
            window = self._windows[key]
            window.forget_oldest()
            if not window.members:
                del self._windows[key]

    def _raised_by(self, key: TermKey, time: datetime) -> frozenset[str]:
        tied = takewhile(lambda one: one.time == time, reversed(self._windows[key].members))
        return frozenset(member.id for member in tied)


def correlation_alerts(plan: Correlation, dataset: Dataset, runs: Sequence[Run]) -> Iterable[Alert]:
    """Return the alerts of all events, or, where the plan reports in runs, those of each run."""
    events = [(event, found) for event in dataset.events if (found := memberships_of(plan, event))]
    if plan.reports is None:
        return sorted(_alerts(plan, events), key=sort_key)
    return [alert for run in runs for alert in _alerts_of_run(plan, events, run, plan.reports)]


def memberships_of(plan: Correlation, event: Event) -> list[Membership]:
    """Return the groups of an event; none where it is no event of the correlation."""
    values = _values(plan, event.document)
    if values is None:
        return []
    groups: dict[TermKey, tuple[Term, set[int]]] = {}
    for place, rule in enumerate(plan.rules):
        if evaluate(rule.base, event.document) is True:
            for term in terms_of(rule.group, event.document):
                groups.setdefault(term_key(term), (term, set()))[1].add(place)
    return [
        Membership(term, Member(event.time, event.id, frozenset(places), values))
        for term, places in groups.values()
    ]


def measure_of(plan: Correlation, window: Collection[Member]) -> float:
    """Measure a window, which is in order of time and not empty."""
    match plan.measure:
        case EventCount():
            return len(window)
        case ValueCount():
            values = {(type(value), value) for member in window for value in member.values}
            return len(values)
        case RuleCount():
            return len(frozenset().union(*(member.rules for member in window)))
        case RulesInOrder():
            return _longest_in_order(window)
        case NumberStatistic() as statistic:
            numbers = [value for member in window for value in member.values]
            return measured(statistic, [one for one in numbers if not isinstance(one, str)])
        case _:
            assert_never(plan.measure)


def holds(condition: Condition, number: float) -> bool:
    """Say whether a number satisfies a condition."""
    match condition.comparator:
        case Comparator.LESS:
            return number < condition.number
        case Comparator.AT_MOST:
            return number <= condition.number
        case Comparator.MORE:
            return number > condition.number
        case Comparator.AT_LEAST:
            return number >= condition.number
        case Comparator.EQUAL:
            return number == condition.number
        case Comparator.UNEQUAL:
            return number != condition.number
        case _:
            assert_never(condition.comparator)


def _values(plan: Correlation, document: Document) -> tuple[Value, ...] | None:
    """Return what is measured of an event; None where it lacks that and so takes no part."""
    match plan.measure:
        case ValueCount(counted):
            return tuple(distinct_values(counted, document)) or None
        case NumberStatistic(counted):
            readings = (read(counted.view, one) for one in values_of(document, counted.field))
            return tuple(one for one in readings if one is not None) or None
        case EventCount() | RuleCount() | RulesInOrder():
            return ()
        case _:
            assert_never(plan.measure)


def _longest_in_order(window: Iterable[Member]) -> int:
    """Return how many rules, from the first on, have events one strictly after the other.

    Taking the earliest event of each rule leaves the most room for the next.
    """
    reached = 0
    for _, members in groupby(window, key=lambda member: member.time):
        reached += any(reached in member.rules for member in members)
    return reached


_Grouped = tuple[Event, list[Membership]]


def _alerts(plan: Correlation, events: Iterable[_Grouped]) -> Iterator[Alert]:
    state = CorrelationState(plan)
    for time, tied in groupby(events, key=lambda one: one[0].time):
        yield from state.alerts_at(time, [one for _, found in tied for one in found])


def _alerts_of_run(
    plan: Correlation, events: Sequence[_Grouped], run: Run, reports: timedelta
) -> Iterator[Alert]:
    """Yield the alerts of instants that have an event which arrived since the run before."""
    seen = [one for one in events if one[0].visible <= run.end]
    arrived = {one[0].id: one[0] for one in seen if one[0].visible > run.end - reports}
    if not arrived:
        return
    oldest = min(event.time for event in arrived.values()) - plan.timespan
    first = bisect_left(seen, oldest, key=lambda one: one[0].time)
    for alert in sorted(_alerts(plan, seen[first:]), key=sort_key):
        if not arrived.keys().isdisjoint(alert.ids):
            yield replace(alert, run_end=run.end)
