"""Events of a new-terms rule tell every way to get its windows wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from converter.ir import (
    And,
    Atom,
    Cidr,
    FieldType,
    NewTerms,
    Not,
    OneOf,
    Schedule,
    Schema,
    TermField,
    View,
)
from harness.compare import compare
from harness.engines.execution import Execution
from harness.engines.plan import execute_plan
from harness.events.event import Dataset, Event, values_of
from harness.generate import dataset_for
from harness.reference import reference_on
from harness.schedule.window import Run

BASE = And(
    (
        Atom("event.category", View.TEXT, OneOf(("authentication",))),
        Atom("user.type", View.TEXT, OneOf(("member", "guest"))),
    )
)
SCHEMA = Schema({"user.name": FieldType.KEYWORD, "source.ip": FieldType.IP})
PLAN = NewTerms(BASE, (TermField("user.name"), TermField("source.ip")), timedelta(days=10))
SCHEDULES = {
    "by ingestion": Schedule(lookback=timedelta(minutes=9), timestamp="event.ingested"),
    "by event time": Schedule(lookback=timedelta(minutes=9)),
    "gapless": Schedule(timedelta(minutes=5), timedelta(minutes=5), "event.ingested"),
}


def told(schedule: Schedule, wrong: NewTerms, shift: timedelta = timedelta()) -> bool:
    dataset = dataset_for(PLAN, schedule, SCHEMA)
    reference = reference_on(PLAN, dataset, schedule, 500)
    runs = tuple(Run(run.end, run.start + shift) for run in reference.runs)
    found = execute_plan(wrong, dataset, runs)
    return not compare(reference.execution, found).is_equal


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_rule_alerts_and_agrees_with_itself(name: str) -> None:
    dataset = dataset_for(PLAN, SCHEDULES[name], SCHEMA)
    assert len(reference_on(PLAN, dataset, SCHEDULES[name], 500).execution.alerts) > 10
    assert not told(SCHEDULES[name], PLAN)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize(
    ("days", "milliseconds"), [(1, 0), (-1, 0), (0, 1), (0, -1)], ids=lambda value: str(value)
)
def test_another_history_is_found_out(name: str, days: int, milliseconds: int) -> None:
    history = PLAN.history + timedelta(days=days, milliseconds=milliseconds)
    assert told(SCHEDULES[name], replace(PLAN, history=history))


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("milliseconds", [-60_000, -1, 1, 60_000])
def test_another_window_start_is_found_out(name: str, milliseconds: int) -> None:
    assert told(SCHEDULES[name], PLAN, timedelta(milliseconds=milliseconds))


@pytest.mark.parametrize("name", SCHEDULES)
def test_other_term_fields_are_found_out(name: str) -> None:
    user, address = PLAN.terms
    for terms in ((user,), (address,), (user, TermField("source.ip", View.IP))):
        assert told(SCHEDULES[name], replace(PLAN, terms=terms))


def without_late_events(dataset: Dataset) -> Dataset:
    events = tuple(replace(event, visible=event.time) for event in dataset.events)
    return Dataset(events, dataset.schema)


def first_values(dataset: Dataset) -> Dataset:
    return Dataset(tuple(map(_with_first_value, dataset.events)), dataset.schema)


def _with_first_value(event: Event) -> Event:
    values = values_of(event.document, "user.name")
    user = {**_user(event), "name": values[0]} if values else _user(event)
    return replace(event, document={**event.document, "user": user})


def _user(event: Event) -> dict[str, object]:
    user = event.document.get("user", {})
    assert isinstance(user, dict)
    return user


def lower_case(dataset: Dataset) -> Dataset:
    return Dataset(tuple(map(_in_lower_case, dataset.events)), dataset.schema)


def _in_lower_case(event: Event) -> Event:
    name = _user(event).get("name")
    user = {**_user(event), "name": name.lower()} if isinstance(name, str) else _user(event)
    return replace(event, document={**event.document, "user": user})


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("by event time", without_late_events),
        ("by ingestion", first_values),
        ("by ingestion", lower_case),
    ],
)
def test_lateness_arrays_and_case_of_terms_matter(name: str, change: object) -> None:
    schedule = SCHEDULES[name]
    dataset = dataset_for(PLAN, schedule, SCHEMA)
    reference = reference_on(PLAN, dataset, schedule, 500)
    assert callable(change)
    changed = change(dataset)
    assert isinstance(changed, Dataset)
    found: Execution = execute_plan(PLAN, changed, reference.runs)
    assert not compare(reference.execution, found).is_equal


def test_an_event_without_its_primary_time_falls_back() -> None:
    dataset = dataset_for(PLAN, SCHEDULES["by ingestion"], SCHEMA)
    lacking = [e for e in dataset.events if not values_of(e.document, "event.ingested")]
    assert lacking
    strict = replace(SCHEDULES["by ingestion"], has_fallback=False)
    assert all(
        values_of(event.document, "event.ingested")
        for event in dataset_for(PLAN, strict, SCHEMA).events
    )


def test_events_lie_within_two_days_and_the_history() -> None:
    for schedule in SCHEDULES.values():
        times = [event.time for event in dataset_for(PLAN, schedule, SCHEMA).events]
        assert times[-1] - times[0] < PLAN.history + timedelta(days=2)


def test_a_term_that_the_base_demands_leaves_the_other_field_to_tell_events_apart() -> None:
    base = And((BASE, Atom("user.name", View.TEXT, OneOf(("root",)))))
    plan = replace(PLAN, base=base)
    schedule = SCHEDULES["by ingestion"]
    alerts = reference_on(plan, dataset_for(plan, schedule, SCHEMA), schedule, 500).execution.alerts
    assert len({alert.term for alert in alerts}) > 10


def test_addresses_of_their_own_lie_outside_of_networks_that_the_rule_excludes() -> None:
    excluded = Atom("source.ip", View.TEXT, Cidr(("198.18.0.0/15",)))
    plan = NewTerms(And((BASE, Not(excluded))), (TermField("source.ip"),), timedelta(days=1))
    events = dataset_for(plan, SCHEDULES["by event time"], SCHEMA).events
    found = {values_of(event.document, "source.ip") for event in events}
    assert len([one for one in found if one and str(one[0]).startswith("93.184.")]) > 9
