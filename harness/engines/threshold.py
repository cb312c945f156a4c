"""Executes threshold plans run by run (`converter.ir.Threshold`).

What an alert uses up is remembered from run to run; nothing else is. A term that alerted hides events
from the runs after it, by the events' primary time: a late one of the past is hidden too.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from converter.ir import Threshold
from harness.events.event import Dataset, Event
from harness.schedule.window import Run

from .execution import Alert, Term
from .terms import TermKey, distinct_values, matching_events, sort_key, term_key, terms_of, touched


def threshold_alerts(plan: Threshold, dataset: Dataset, runs: Sequence[Run]) -> Iterable[Alert]:
    """Yield the alerts of each run, in order; `runs` are those that took place, in order."""
    counter = ThresholdCounter(plan)
    carriers = [
        Carrier(event, {term_key(term): term for term in terms_of(plan.terms, event.document)})
        for event in matching_events(plan.base, dataset)
    ]
    times = [carrier.event.time for carrier in carriers]
    for run in touched(times, runs):
        first, behind = bisect_left(times, run.start), bisect_right(times, run.end)
        yield from counter.alerts_of(run, carriers[first:behind])


@dataclass(frozen=True, slots=True)
class Carrier:
    """A base event and its terms."""

    event: Event
    terms: Mapping[TermKey, Term]


@dataclass(slots=True)
class ThresholdCounter:
    """Counts run by run; holds up to when each term's events are used up."""

    plan: Threshold
    used: dict[TermKey, datetime] = field(default_factory=dict)

    def alerts_of(self, run: Run, carriers: Iterable[Carrier]) -> list[Alert]:
        """Return the alerts of a run, in order; the carriers lie in its window, in order of time."""
        groups: dict[TermKey, tuple[Term, list[Event]]] = {}
        for carrier in carriers:
            if carrier.event.visible > run.end or self._is_used_up(carrier):
                continue
            for key, term in carrier.terms.items():
                groups.setdefault(key, (term, []))[1].append(carrier.event)
        reached = {key: group for key, group in groups.items() if self._is_reached(group[1])}
        if self.plan.counts_once:
            self.used |= {key: events[-1].time for key, (_, events) in reached.items()}
        alerts = (
            Alert(run.end, term, None, frozenset(event.id for event in events))
            for term, events in reached.values()
        )
        return sorted(alerts, key=sort_key)

    def _is_used_up(self, carrier: Carrier) -> bool:
        return any(
            carrier.event.time <= self.used[key] for key in carrier.terms if key in self.used
        )

    def _is_reached(self, events: Sequence[Event]) -> bool:
        distinct = self.plan.distinct
        if len(events) < self.plan.count or distinct is None:
            return len(events) >= self.plan.count
        values = {
            (type(value), value)
            for event in events
            for value in distinct_values(distinct.field, event.document)
        }
        return len(values) >= distinct.count
