"""Correlations: the cases by evaluation, as a stream, and as Kusto texts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from converter.errors import ConversionError
from converter.ir import Correlation
from converter.languages.kusto import check, lint
from harness.engines.correlation import CorrelationState, memberships_of
from harness.engines.execution import Alert
from harness.engines.kusto import execute_job
from harness.engines.plan import execute_plan
from harness.engines.stream import Tally
from harness.engines.stream import run as run_stream
from harness.events.event import Event
from harness.judge import judge
from harness.reference import reference_on
from harness.subject import job_of, material_for
from harness.subjects import Claim, subject_of
from harness.verdict import Agrees, NoEvidence
from tests.harness.engines.correlation_rules import (
    CASES,
    NOON,
    REFUSALS,
    dataset_of,
    rule_of,
)
from tests.oracles.kusto.binder import bind

IN_KUSTO = [case for case in CASES if case.get("kusto", True)]


def _found(alerts: Iterable[Alert]) -> list[list[object]]:
    minute = timedelta(minutes=1)
    found = [[(one.time - NOON) / minute, list(one.term)] for one in alerts if one.time]
    return sorted(found, key=repr)


def _expected(case: dict[str, Any]) -> list[list[object]]:
    return sorted(([float(minute), term] for minute, term in case["alerts"]), key=repr)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_a_window_is_measured_at_every_event(case: dict[str, Any]) -> None:
    rule = rule_of(case["correlation"])
    execution = execute_plan(rule.plan, dataset_of(rule, case["events"]), ())
    assert _found(execution.alerts) == _expected(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_a_stream_alerts_alike(case: dict[str, Any]) -> None:
    rule = rule_of(case["correlation"])
    documents = [event.document for event in dataset_of(rule, case["events"]).events]
    found = run_stream(
        rule.plan, reversed(documents), rule.schedule, max_disorder=timedelta(days=1)
    )
    assert _found(one.alert for one in found) == _expected(case)


@pytest.mark.parametrize("case", IN_KUSTO, ids=lambda case: case["about"])
def test_a_text_returns_groups_and_instants(case: dict[str, Any]) -> None:
    rule = rule_of(case["correlation"])
    subject = subject_of(rule, Claim("kusto-ecs"))
    material = material_for(subject, dataset_of(rule, case["events"]))
    assert not material.reasons
    execution = execute_job(job_of(subject, material, ()))
    assert _found(execution.alerts) == _expected(case)


@pytest.mark.parametrize(("needed", "verdict"), [(2, Agrees), (3, NoEvidence)])
def test_a_text_is_judged_by_groups_and_instants(needed: int, verdict: type) -> None:
    rule = rule_of({"condition": {"gte": needed}})
    events = [[0, {"k": "a", "g": "x"}], [1, {"k": "a", "g": "x"}]]
    reference = reference_on(rule.plan, dataset_of(rule, events), rule.schedule, 100)
    assert isinstance(judge(reference, subject_of(rule, Claim("kusto-ecs"))).verdict, verdict)


def test_every_text_binds() -> None:
    queries = []
    for case in IN_KUSTO:
        rule = rule_of(case["correlation"])
        subject = subject_of(rule, Claim("kusto-ecs"))
        (table,) = material_for(subject, dataset_of(rule, case["events"])).tables
        columns = {table.table: dict(table.columns)}
        assert not check(subject.text, columns)
        assert not lint(subject.text, columns)
        queries.append((subject.text, columns))
    answers = bind(queries)
    assert [answer.findings for answer in answers] == [()] * len(queries)


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case["about"])
def test_what_has_no_meaning_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(ConversionError, match=case["message"].replace("?", r"\?")):
        rule_of(case["correlation"])


def _documents(count: int, seconds: float) -> list[Event]:
    rule = rule_of({"condition": {"gte": 3}})
    return list(
        dataset_of(
            rule, [[n * seconds / 60, {"k": "a", "g": f"g{n % 7}"}] for n in range(count)]
        ).events
    )


def test_the_state_holds_the_events_of_one_timespan() -> None:
    plan = rule_of({"condition": {"gte": 3}}).plan
    assert isinstance(plan, Correlation)
    state = CorrelationState(plan)
    most = 0
    for event in _documents(2_000, 10):
        state.alerts_at(event.time, memberships_of(plan, event))
        most = max(most, len(state))
    assert most == 61  # ten minutes of one event in ten seconds, both ends included


def test_a_late_event_is_named_and_counts_nowhere() -> None:
    rule = rule_of({"condition": {"gte": 2}})
    events = dataset_of(rule, [[0, {"k": "a", "g": "x"}], [30, {"k": "a", "g": "y"}]]).events
    late = dataset_of(rule, [[1, {"k": "a", "g": "x"}]]).events
    tally = Tally()
    documents = [event.document for event in (*events, *late)]
    assert not list(run_stream(rule.plan, documents, rule.schedule, tally=tally))
    assert tally.late == 1
