"""Makes the events of a rule: cases of its predicates in time, and a new-terms rule's own situations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import assert_never

from converter.ir import Correlation, Filter, NewTerms, Plan, Predicate, Schedule, Schema, Threshold
from converter.ir.plan import base_of, counted_names, fields_read, term_names
from converter.layout import TableLayout
from harness.engines.predicate import evaluate
from harness.events.errors import UndatedEvent
from harness.events.event import Dataset, Event
from harness.events.time import moment_of, times_of

from .absent import without_absent
from .cases import Case, cases_of
from .clock import Clock
from .derived import derived_of, told
from .fields import ABSENT, Fields, document_of, with_field
from .fitting import fitted
from .groups import Groups
from .placement import Placement, placed
from .terms import with_own_terms
from .timeline import Timed, Timeline, apart
from .twins import agreed, twins_of
from .unlisted import with_unlisted
from .windows import Windows

LIMIT = 300
"""About how many events are made for a rule; a rule that counts events gets more."""
_LIMIT_WITH_SITUATIONS = 250
MADE = "made-"
"""What the identities of events that were made begin with."""
_IDENTITY = "event.id"
_SAME = ("event.dataset", "data_stream.dataset")
"""Two fields that every integration fills with one constant."""


def dataset_for(
    plan: Plan,
    schedule: Schedule,
    schema: Schema,
    extra: Sequence[Predicate] = (),
    placements: Sequence[Placement] = (),
    layouts: Sequence[TableLayout] = (),
) -> Dataset:
    """Make events that put each condition of a plan, and of further predicates, to the test.

    `placements` are values that events must have to belong to a table; they are filled in where the plan
    leaves them open. `layouts` are the tables that should be able to hold the events.
    """
    clock = Clock(schedule)
    limit = LIMIT if isinstance(plan, Filter) else _LIMIT_WITH_SITUATIONS
    base = base_of(plan)
    predicates = [base, *without_absent(base, layouts), *extra]
    found = with_unlisted(_cases(predicates, schema, limit), base, layouts)
    cases = _placed(found, base, placements)[:limit]
    # values of their own, without which events would hide each other or not be counted
    own = (*term_names(plan), *counted_names(plan))
    twins = twins_of(layouts, fields_read(plan))
    derived = derived_of(layouts, fields_read(plan))

    def in_tables(fields: Fields) -> Fields:
        changed = agreed(fitted(fields, base, layouts, own), base, twins, own)
        return _still_same(told(changed, base, derived, own), fields)

    timed = [
        replace(one, fields=in_tables(one.fields)) for one in _timed(plan, cases, clock, schema)
    ]
    events = (event for place, one in enumerate(timed) if (event := _event(one, place, clock)))
    return Dataset(tuple(sorted(events, key=lambda event: (event.time, event.id))), schema)


def _cases(predicates: Sequence[Predicate], schema: Schema, limit: int) -> list[Case]:
    """Return the cases of all predicates, without those that read the same, in turns."""
    distinct = list(dict.fromkeys(predicates))
    found = [cases_of(predicate, schema, limit) for predicate in distinct]
    kept: dict[str, Case] = {}
    for turn in zip_longest(*found):
        for case in filter(None, turn):
            same = replace(case, fields=_with_same(case.fields))
            kept.setdefault(repr(sorted(same.fields.items())), same)
    return list(kept.values())


def _with_same(fields: Fields) -> Fields:
    """Fill in the other one of two fields that always hold the same."""
    first, second = _SAME
    if (first in fields) == (second in fields):
        return fields
    return {
        **fields,
        first: fields.get(first, fields.get(second)),
        second: fields.get(second, fields.get(first)),
    }


def _still_same(fields: Fields, before: Fields) -> Fields:
    """Take back a change of one of the two fields that always hold the same."""
    first, second = _SAME
    if fields.get(first) == fields.get(second) or before.get(first) != before.get(second):
        return fields
    for name in _SAME:
        fields = with_field(fields, name, before.get(name, ABSENT))
    return fields


def _placed(cases: Sequence[Case], base: Predicate, placements: Sequence[Placement]) -> list[Case]:
    """Put each case into the first table that fits, and the first case into every one."""
    found: list[Case] = []
    for case in cases:
        options = placed(case.fields, case.probed, base, placements)
        found += [replace(case, fields=one) for one in (options if not found else options[:1])]
    return found


def _timed(plan: Plan, cases: Sequence[Case], clock: Clock, schema: Schema) -> Iterator[Timed]:
    match plan:
        case Filter():
            yield from apart([case.fields for case in cases], clock)
        case NewTerms(base=base, terms=terms):
            own = [
                with_own_terms(case.fields, terms, number, case.probed, base, schema)
                for number, case in enumerate(cases)
            ]
            yield from apart(own, clock)
            met, missed = _example(base, cases, is_met=True), _example(base, cases, is_met=False)
            if met is not None:
                yield from Timeline(plan, clock, schema, met, missed).events()
        case Threshold(base=base):
            groups = Groups(plan, clock, schema)
            yield from groups.cases(cases)
            met = _example(base, cases, is_met=True)
            if met is not None:
                yield from groups.situations(met)
        case Correlation(rules=rules):
            examples = [_any_example(rule.base, cases, schema) for rule in rules]
            found = [one for one in examples if one is not None]
            if len(found) < len(rules):
                yield from apart([case.fields for case in cases], clock)
                return
            windows = Windows(plan, clock, schema, found)
            yield from windows.cases(cases)
            yield from windows.situations()
        case _:
            assert_never(plan)


def _example(base: Predicate, cases: Sequence[Case], *, is_met: bool) -> Fields | None:
    """Return the fields of the first case that satisfies the predicate, or does not."""
    found = (case.fields for case in cases if (evaluate(base, case.fields) is True) is is_met)
    return next(found, None)


def _any_example(base: Predicate, cases: Sequence[Case], schema: Schema) -> Fields | None:
    """Return the fields of an event that satisfies the predicate, made where no case does."""
    return _example(base, cases, is_met=True) or _example(
        base, cases_of(base, schema, 1), is_met=True
    )


def _event(timed: Timed, place: int, clock: Clock) -> Event | None:
    """Date and name an event; None where a condition on its time fields leaves it without a time."""
    identity = f"{MADE}{place + 1:03}"
    times = clock.times(timed.time, timed.visible)
    times.pop(timed.without, None)
    document = document_of({_IDENTITY: identity, **times, **timed.fields})
    try:
        found = times_of(document, clock.schedule)
    except UndatedEvent:
        return None
    return Event(identity, moment_of(found.time), moment_of(found.visible), document)
