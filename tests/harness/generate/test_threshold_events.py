"""Events of a threshold rule tell another count, another window and other groups."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from converter.ir import (
    Atom,
    Exists,
    Filter,
    OneOf,
    Predicate,
    Schedule,
    Schema,
    TermField,
    Threshold,
    View,
)
from converter.ir.plan import Distinct
from converter.layout import CellPlace, FieldLayout, TableLayout
from harness.compare import compare
from harness.engines.plan import execute_plan
from harness.engines.predicate import evaluate
from harness.generate import dataset_for
from harness.reference import reference_on
from harness.schedule.window import Run

BASE = Atom("event.action", View.TEXT, OneOf(("login", "logon")))
SCHEMA = Schema({})
SCHEDULE = Schedule(lookback=timedelta(minutes=9), timestamp="event.ingested")
PLANS = {
    "grouped": Threshold(BASE, (TermField("user.name"),), 4),
    "distinct": Threshold(BASE, (TermField("host.name"),), 2, Distinct(TermField("user.name"), 3)),
    "ungrouped": Threshold(BASE, (), 5),
}


def told(plan: Threshold, wrong: Threshold, shift: timedelta = timedelta()) -> bool:
    dataset = dataset_for(plan, SCHEDULE, SCHEMA)
    reference = reference_on(plan, dataset, SCHEDULE, 500)
    runs = tuple(Run(run.end, run.start + shift) for run in reference.runs)
    return not compare(reference.execution, execute_plan(wrong, dataset, runs)).is_equal


@pytest.mark.parametrize("name", PLANS)
def test_the_rule_alerts_and_agrees_with_itself(name: str) -> None:
    plan = PLANS[name]
    dataset = dataset_for(plan, SCHEDULE, SCHEMA)
    assert reference_on(plan, dataset, SCHEDULE, 500).execution.alerts
    assert not told(plan, plan)


@pytest.mark.parametrize("name", ["grouped", "ungrouped"])
@pytest.mark.parametrize("step", [-1, 1])
def test_another_count_is_found_out(name: str, step: int) -> None:
    plan = PLANS[name]
    assert told(plan, replace(plan, count=plan.count + step))


@pytest.mark.parametrize("step", [-1, 1])
def test_another_number_of_different_values_is_found_out(step: int) -> None:
    plan = PLANS["distinct"]
    assert told(plan, replace(plan, distinct=Distinct(TermField("user.name"), 3 + step)))


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("milliseconds", [-60_000, 1])
def test_another_window_is_found_out(name: str, milliseconds: int) -> None:
    assert told(PLANS[name], PLANS[name], timedelta(milliseconds=milliseconds))


@pytest.mark.parametrize("name", PLANS)
def test_every_copy_of_a_case_decides(name: str) -> None:
    wrong: Predicate = replace(BASE, test=OneOf(("login",)))
    assert told(PLANS[name], replace(PLANS[name], base=wrong))


def test_few_cases_are_made_where_a_rule_counts_far() -> None:
    plan = replace(PLANS["grouped"], count=100)
    events = dataset_for(plan, SCHEDULE, SCHEMA).events
    assert len(events) < 3000
    assert len(dataset_for(Filter(BASE), SCHEDULE, SCHEMA).events) < 40
    assert any(evaluate(BASE, event.document) is not True for event in events)


def test_a_counted_field_that_shares_a_column_still_has_values_of_its_own() -> None:
    shared = (CellPlace("User"),)
    layout = TableLayout(
        "Table",
        {"User": "string"},
        (FieldLayout("user.id", places=shared), FieldLayout("user.name", places=shared)),
    )
    plan = Threshold(
        Atom("user.id", View.TEXT, Exists()), (), 2, Distinct(TermField("user.name"), 3)
    )
    first, second, third, *_ = dataset_for(plan, SCHEDULE, SCHEMA, layouts=[layout]).events
    users = [event.document["user"] for event in (first, second, third)]
    assert len({str(user) for user in users}) == 3
