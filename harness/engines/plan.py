"""Executes plans on a dataset, run by run: the reference for every target.

A run sees the events that are visible at its end. The new-terms rule is applied as it is written in
`converter.ir.NewTerms`; nothing is carried from run to run.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import assert_never

from converter.ir import Correlation, Filter, NewTerms, Plan, Threshold
from harness.events.event import Dataset, Event
from harness.schedule.window import Run

from .correlation import correlation_alerts
from .execution import Alert, Execution, Term
from .terms import TermKey, matching_events, sort_key, term_key, terms_of, touched
from .threshold import threshold_alerts

__all__ = ["execute_plan", "matching_events", "sort_key", "terms_of"]


def execute_plan(plan: Plan, dataset: Dataset, runs: Sequence[Run]) -> Execution:
    """Return the alerts of a plan; a filter, and a correlation that slides, ignore the runs."""
    match plan:
        case Filter(predicate):
            matching = matching_events(predicate, dataset)
            return Execution(tuple(Alert(None, (), None, frozenset({e.id})) for e in matching))
        case NewTerms():
            return Execution(tuple(_new_terms(plan, dataset, runs)))
        case Threshold():
            return Execution(tuple(threshold_alerts(plan, dataset, runs)))
        case Correlation():
            return Execution(tuple(correlation_alerts(plan, dataset, runs)))
        case _:
            assert_never(plan)


def _new_terms(plan: NewTerms, dataset: Dataset, runs: Sequence[Run]) -> Iterable[Alert]:
    carriers: dict[TermKey, tuple[Term, list[Event]]] = {}
    for event in matching_events(plan.base, dataset):
        for term in terms_of(plan.terms, event.document):
            carriers.setdefault(term_key(term), (term, []))[1].append(event)
    alerts = [
        alert
        for term, events in carriers.values()
        for alert in _alerts_of_term(plan, term, events, runs)
    ]
    return sorted(alerts, key=sort_key)


def _alerts_of_term(
    plan: NewTerms, term: Term, events: list[Event], runs: Sequence[Run]
) -> Iterable[Alert]:
    """Yield one alert for each run in which the term's first visible event is new.

    `events` are in order of time. Only runs whose window holds one of the events can alert.
    """
    times = [event.time for event in events]
    for run in touched(times, runs):
        oldest = bisect_left(times, run.end - plan.history)
        newest = bisect_right(times, run.end)
        seen = [event for event in events[oldest:newest] if event.visible <= run.end]
        if seen and seen[0].time > run.start:
            tied = frozenset(event.id for event in seen if event.time == seen[0].time)
            yield Alert(run.end, term, seen[0].time, tied)
