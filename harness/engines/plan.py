"""Executes plans on a dataset, run by run: the reference for every target.

A run sees the events that are visible at its end. The new-terms rule is applied as it is written in
`converter.ir.NewTerms`; nothing is carried from run to run.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import product
from typing import assert_never

from converter.ir import Filter, NewTerms, Plan, Predicate, TermField, Value
from harness.events.event import Dataset, Document, Event, values_of
from harness.schedule.window import Run

from .execution import Alert, Execution, Term
from .predicate import evaluate
from .view import read


def execute_plan(plan: Plan, dataset: Dataset, runs: Sequence[Run]) -> Execution:
    """Return the alerts of a plan; a filter ignores the runs."""
    match plan:
        case Filter(predicate):
            matching = matching_events(predicate, dataset)
            return Execution(tuple(Alert(None, (), None, frozenset({e.id})) for e in matching))
        case NewTerms():
            return Execution(tuple(_new_terms(plan, dataset, runs)))
        case _:
            assert_never(plan)


def matching_events(predicate: Predicate, dataset: Dataset) -> list[Event]:
    """Return the events for which the predicate is true, in their order."""
    return [event for event in dataset.events if evaluate(predicate, event.document) is True]


def terms_of(fields: Sequence[TermField], document: Document) -> list[Term]:
    """Return the cross product of the fields' distinct values; empty when a field has none."""
    axes = [_distinct(field, values_of(document, field.field)) for field in fields]
    return list(product(*axes))


def _distinct(field: TermField, values: Sequence[Value]) -> list[Value]:
    readings = (read(field.view, value) for value in values)
    # 1, "1" and true are different terms, though Python holds 1 and True for equal.
    return list({(type(value), value): value for value in readings if value is not None}.values())


def sort_key(alert: Alert) -> tuple[str, str, str, list[str]]:
    """Order alerts by run, term, time and event."""
    return (str(alert.run_end), repr(alert.term), str(alert.time), sorted(alert.ids))


def _new_terms(plan: NewTerms, dataset: Dataset, runs: Sequence[Run]) -> Iterable[Alert]:
    carriers: dict[tuple[tuple[type, Value], ...], tuple[Term, list[Event]]] = {}
    for event in matching_events(plan.base, dataset):
        for term in terms_of(plan.terms, event.document):
            key = tuple((type(value), value) for value in term)
            carriers.setdefault(key, (term, []))[1].append(event)
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
    for run in _touched(times, runs):
        oldest = bisect_left(times, run.end - plan.history)
        newest = bisect_right(times, run.end)
        seen = [event for event in events[oldest:newest] if event.visible <= run.end]
        if seen and seen[0].time > run.start:
            tied = frozenset(event.id for event in seen if event.time == seen[0].time)
            yield Alert(run.end, term, seen[0].time, tied)


def _touched(times: list[datetime], runs: Sequence[Run]) -> Iterable[Run]:
    """Yield the runs whose window holds a time; `times` and `runs` are in order."""
    following = 0
    for time in times:
        first = max(following, bisect_left(runs, time, key=lambda run: run.end))
        following = max(first, bisect_right(runs, time, key=lambda run: run.start))
        yield from runs[first:following]
