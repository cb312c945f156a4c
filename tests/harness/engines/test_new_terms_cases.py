"""New terms by the cases, on the simulation of every run and on the stream."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict

import pytest
import yaml

from converter.ir import Atom, NewTerms, Not, OneOf, Schedule, Schema, TermField, View
from harness.engines.execution import Alert
from harness.engines.plan import execute_plan
from harness.engines.stream import Tally, run
from harness.events.event import Dataset, Event
from harness.events.time import moment_of, times_of
from harness.schedule.window import runs_over

CASES = Path(__file__).parents[2] / "data" / "cases" / "new_terms.yml"

Key = tuple[int, tuple[tuple[str, object], ...], int, frozenset[str]]


class Rule(TypedDict, total=False):
    interval: int
    lookback: int
    history: int
    timestamp: str
    fallback: bool
    terms: list[str]


class Case(TypedDict, total=False):
    case: str
    rule: Rule
    events: list[dict[str, object]]
    alerts: list[tuple[int, list[object], int, list[str]]]


_FILE = yaml.safe_load(CASES.read_text(encoding="utf-8"))
_cases = pytest.mark.parametrize("case", _FILE["cases"], ids=lambda case: case["case"])


def rule_of(case: Case) -> tuple[NewTerms, Schedule]:
    rule: Rule = {**_FILE["defaults"]["rule"], **case.get("rule", {})}
    plan = NewTerms(
        base=Not(Atom("kind", View.TEXT, OneOf(("other",)))),
        terms=tuple(map(TermField, rule["terms"])),
        history=timedelta(milliseconds=rule["history"]),
    )
    return plan, Schedule(
        interval=timedelta(milliseconds=rule["interval"]),
        lookback=timedelta(milliseconds=rule["lookback"]),
        timestamp=rule["timestamp"],
        has_fallback=rule["fallback"],
    )


def document_of(event: Mapping[str, object]) -> dict[str, object]:
    fields = {key: value for key, value in event.items() if key not in ("id", "time", "visible")}
    inner = {"id": event["id"]}
    if "visible" in event:
        inner["ingested"] = event["visible"]
    return {"@timestamp": event["time"], "event": inner, **fields}


def key_of(alert: Alert) -> Key:
    assert alert.run_end is not None
    assert alert.time is not None
    return milliseconds(alert.run_end), typed(alert.term), milliseconds(alert.time), alert.ids


def milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def typed(term: tuple[object, ...]) -> tuple[tuple[str, object], ...]:
    return tuple((type(value).__name__, value) for value in term)


def expected(case: Case) -> list[Key]:
    return [
        (end, typed(tuple(term)), time, frozenset(ids)) for end, term, time, ids in case["alerts"]
    ]


@_cases
def test_the_simulation_finds_the_alerts_of_every_run(case: Case) -> None:
    plan, schedule = rule_of(case)
    events = []
    for event in case["events"]:
        document = document_of(event)
        times = times_of(document, schedule)
        moments = moment_of(times.time), moment_of(times.visible)
        events.append(Event(str(event["id"]), *moments, document))
    events.sort(key=lambda event: (event.time, event.id))
    runs = runs_over(schedule, moment_of(0), moment_of(40_000_000))
    execution = execute_plan(plan, Dataset(tuple(events), Schema({})), runs)
    assert {key_of(alert) for alert in execution.alerts} == set(expected(case))


@_cases
def test_the_stream_finds_each_alert_in_the_first_run_that_has_it(case: Case) -> None:
    plan, schedule = rule_of(case)
    tally = Tally()
    hits = run(plan, map(document_of, case["events"]), schedule, tally=tally)
    found = [key_of(hit.alert) for hit in hits]
    once: dict[object, Key] = {}
    for key in sorted(expected(case), key=lambda key: key[0]):
        once.setdefault(key[1:3], key)
    assert set(found) == set(once.values())
    assert len(found) == len(once)
    assert tally.late == 0
