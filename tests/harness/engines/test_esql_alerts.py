"""A query at the end of each run, and the alerts that its rows are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.errors import InputError, Unsupported
from converter.ir import Atom, FieldType, NewTerms, OneOf, Schedule, Schema, TermField, View
from harness.engines import esql
from harness.engines.execution import Alert
from harness.engines.job import Job, RefusedText
from harness.engines.plan import execute_plan
from harness.events.event import Dataset, Event
from harness.schedule.window import Run

_CASES = Path(__file__).parents[2] / "data" / "cases"
_ALERTS = yaml.safe_load((_CASES / "esql_alerts.yml").read_text(encoding="utf-8"))
_SCHEMA = Schema({name: FieldType(kind) for name, kind in _ALERTS["types"].items()})
_START = datetime(2026, 1, 1, tzinfo=UTC)
_FIRST_SEEN = """FROM a
| WHERE @timestamp >= NOW() - 10 minutes AND @timestamp <= NOW()
| WHERE MV_CONTAINS(base, "yes") AND k IS NOT NULL AND m IS NOT NULL
| MV_EXPAND k
| MV_EXPAND m
| STATS first_seen = MIN(@timestamp) BY k, m
| WHERE first_seen > NOW() - 4 minutes"""


def _at(minute: float) -> datetime:
    return _START + timedelta(minutes=minute)


def _event(number: int, minute: float, visible: float, fields: dict[str, object]) -> Event:
    time = _at(minute)
    document = {"@timestamp": time.isoformat(), **fields}
    return Event(str(number), time, _at(visible), document)


def _dataset(events: Sequence[Sequence[object]]) -> Dataset:
    made = []
    for number, (minute, *visible, fields) in enumerate(events):
        assert isinstance(minute, int)
        assert isinstance(fields, dict)
        seen = visible[0] if visible else minute
        assert isinstance(seen, int)
        made.append(_event(number, minute, seen, fields))
    return Dataset(tuple(sorted(made, key=lambda event: (event.time, event.id))), _SCHEMA)


def _shown(alert: Alert) -> list[object]:
    def minute(time: datetime | None) -> int | None:
        return None if time is None else int((time - _START) / timedelta(minutes=1))

    ids = sorted(int(one) for one in alert.ids)
    return [minute(alert.run_end), list(alert.term), minute(alert.time), ids]


@pytest.mark.parametrize(
    "case", _ALERTS["cases"], ids=lambda case: f"{case['rule']} {case['query']}"
)
def test_runs_alert(case: dict[str, object]) -> None:
    events, runs = case["events"], case["runs"]
    assert isinstance(events, list)
    assert isinstance(runs, list)
    terms = case.get("terms", ["k"])
    assert isinstance(terms, list)
    history = case.get("history")
    execution = esql.execute(
        str(case["query"]),
        _dataset(events),
        [Run(_at(end), _at(end - 5)) for end in runs],
        terms,
        timedelta(minutes=history) if isinstance(history, int) else None,
    )
    assert [_shown(alert) for alert in execution.alerts] == case["alerts"]


_FIELDS = st.fixed_dictionaries(
    {"base": st.sampled_from(["yes", "no", ["no", "yes"]])},
    optional={
        "k": st.sampled_from(["a", "b", ["a", "b"], [], None]),
        "m": st.sampled_from(["p", "q", ["p", "q"]]),
    },
)
_EVENTS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6), _FIELDS), max_size=12)


@settings(max_examples=200, deadline=None)
@given(events=_EVENTS)
def test_first_seen_pipeline_agrees_with_the_plan(
    events: list[tuple[int, int, dict[str, object]]],
) -> None:
    made = [
        _event(number, minute, minute + delay, fields)
        for number, (minute, delay, fields) in enumerate(events)
    ]
    schema = Schema({"@timestamp": FieldType.DATE, "k": FieldType.KEYWORD, "m": FieldType.KEYWORD})
    known = Schema({**schema.types, "base": FieldType.KEYWORD})
    dataset = Dataset(tuple(sorted(made, key=lambda event: (event.time, event.id))), known)
    runs = [Run(_at(end), _at(end - 4)) for end in range(0, 42, 3)]
    plan = NewTerms(
        Atom("base", View.KEYWORD, OneOf(("yes",))),
        (TermField("k"), TermField("m")),
        timedelta(minutes=10),
    )
    expected = execute_plan(plan, dataset, runs)
    found = esql.execute(_FIRST_SEEN, dataset, runs, ("k", "m"))
    assert set(found.alerts) == set(expected.alerts)


def _job(text: str, runs: tuple[Run, ...] = (), terms: tuple[str, ...] = ()) -> Job:
    dataset = _dataset([[1, {"k": "x"}], [7, {"k": "y"}], [9, {"k": "x"}]])
    return Job(text, dataset, runs, terms, None, _SCHEMA)


def _rule(query: str, **more: object) -> str:
    return json.dumps({"type": "esql", "language": "esql", "query": query, **more})


def test_rule_file_sees_its_window() -> None:
    text = _rule("FROM a | STATS first_seen = MIN(@timestamp) BY k", **{"from": "now-5m"})
    execution = esql.execute_job(_job(text, (Run(_at(10), _at(5)),), ("k",)))
    assert [_shown(alert) for alert in execution.alerts] == [
        [10, ["x"], 9, [2]],
        [10, ["y"], 7, [1]],
    ]


def test_a_rule_file_asks_for_its_interval_and_keeps_the_window_of_the_query() -> None:
    text = _rule(
        "FROM a", interval="2m", timestamp_override="event.ingested", **{"from": "now-14d"}
    )
    own = Schedule(timedelta(minutes=5), timedelta(minutes=9))
    assert esql.schedule_of(text, own) == Schedule(timedelta(minutes=2), timedelta(minutes=9))
    assert esql.schedule_of("FROM a", own) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"language": "kuery", "query": "a"}', "is in kuery"),
        ('{"language": "esql"}', "no query"),
        ('{"language": "esql", ', "JSON is broken"),
        (_rule("FROM a", interval="soon"), "interval 'soon'"),
        (_rule("FROM a", to="now-1m"), "only now"),
    ],
)
def test_bad_rule_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        esql.execute_job(_job(text))


def test_refused_query_raises_the_first_problem() -> None:
    with pytest.raises(RefusedText) as caught:
        esql.execute_job(_job("FROM a | WHERE zz == 1"))
    assert caught.value.diagnostic.code == "esql-unknown-column"


@pytest.mark.parametrize(
    ("query", "construct"),
    [
        ("FROM a | STATS c = COUNT(*)", "result without the column k"),
        ("ROW k = 1", "a query that starts with ROW"),
    ],
)
def test_result_without_a_term_is_refused(query: str, construct: str) -> None:
    with pytest.raises(Unsupported, match=construct):
        esql.execute_job(_job(query, (Run(_at(10), _at(5)),), ("k",)))


def test_clock_without_runs_is_refused() -> None:
    with pytest.raises(Unsupported, match="NOW"):
        esql.execute_job(_job("FROM a | WHERE @timestamp > NOW() - 1 hour"))


def test_explanation_names_the_outcome_of_each_condition() -> None:
    job = _job(
        'FROM a | WHERE k == "x" AND n > 1 | EVAL z = LENGTH(k) | WHERE z == 1'
        " AND @timestamp > NOW() - 1 minute | STATS c = COUNT(*) | WHERE c > 1",
        (Run(_at(10), _at(5)),),
    )
    steps = esql.explain(job, job.dataset.events[0])
    assert [(step.condition, step.outcome) for step in steps] == [
        ('k == "x"', "true"),
        ("n > 1", "unknown"),
        ("z == 1", "true"),
        ("@timestamp > NOW() - 1 minute", "false"),
    ]
    assert steps[1].fields == frozenset({"n"})


def test_explained_event_need_not_be_in_the_data() -> None:
    job = _job('FROM a | MV_EXPAND k | WHERE k == "x"')
    event = replace(job.dataset.events[0], document={"k": ["x", "y"]})
    assert [step.outcome for step in esql.explain(job, event)] == ["true, false"]
