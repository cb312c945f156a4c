"""Makes the events of a rule: cases of its predicates in time, and a new-terms rule's own situations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import assert_never

from converter.ir import Filter, NewTerms, Plan, Predicate, Schedule, Schema
from harness.engines.predicate import evaluate
from harness.events.errors import UndatedEvent
from harness.events.event import Dataset, Event
from harness.events.time import moment_of, times_of

from .cases import Case, cases_of
from .clock import Clock
from .fields import Fields, document_of
from .terms import with_own_terms
from .timeline import Timed, Timeline, apart

LIMIT = 300
"""About how many events are made for a rule."""
_LIMIT_WITH_TIMELINE = 250
_IDENTITY = "event.id"


def dataset_for(
    plan: Plan, schedule: Schedule, schema: Schema, extra: Sequence[Predicate] = ()
) -> Dataset:
    """Make events that put each condition of a plan, and of further predicates, to the test."""
    clock = Clock(schedule)
    match plan:
        case Filter(predicate):
            cases = _cases([predicate, *extra], schema, LIMIT)
            timed = list(apart([case.fields for case in cases], clock))
        case NewTerms(base=base):
            cases = _cases([base, *extra], schema, _LIMIT_WITH_TIMELINE)
            timed = [*apart(list(_with_terms(plan, cases, schema)), clock)]
            timed += _timeline(plan, cases, clock, schema)
        case _:
            assert_never(plan)
    events = (event for place, one in enumerate(timed) if (event := _event(one, place, clock)))
    return Dataset(tuple(sorted(events, key=lambda event: (event.time, event.id))), schema)


def _cases(predicates: Sequence[Predicate], schema: Schema, limit: int) -> list[Case]:
    """Return the cases of all predicates, without those that read the same, in turns."""
    distinct = list(dict.fromkeys(predicates))
    found = [cases_of(predicate, schema, limit) for predicate in distinct]
    kept: dict[str, Case] = {}
    for turn in zip_longest(*found):
        for case in filter(None, turn):
            kept.setdefault(repr(sorted(case.fields.items())), case)
    return list(kept.values())[:limit]


def _with_terms(plan: NewTerms, cases: Sequence[Case], schema: Schema) -> Iterator[Fields]:
    for number, case in enumerate(cases):
        yield with_own_terms(case.fields, plan.terms, number, case.probed, plan.base, schema)


def _timeline(plan: NewTerms, cases: Sequence[Case], clock: Clock, schema: Schema) -> list[Timed]:
    met = next((c.fields for c in cases if evaluate(plan.base, c.fields) is True), None)
    missed = next((c.fields for c in cases if evaluate(plan.base, c.fields) is not True), None)
    if met is None:
        return []
    return Timeline(plan, clock, schema, met, missed).events()


def _event(timed: Timed, place: int, clock: Clock) -> Event | None:
    """Date and name an event; None where a condition on its time fields leaves it without a time."""
    identity = f"made-{place + 1:03}"
    times = clock.times(timed.time, timed.visible)
    times.pop(timed.without, None)
    document = document_of({_IDENTITY: identity, **times, **timed.fields})
    try:
        found = times_of(document, clock.schedule)
    except UndatedEvent:
        return None
    return Event(identity, moment_of(found.time), moment_of(found.visible), document)
