"""What EQL conditions mean, by rule of SEMANTICS.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from converter.errors import ConversionError, Unsupported
from converter.ir import FieldType, Schedule, Schema
from converter.languages import eql
from harness.engines.eql import execute_job, explain, schedule_of
from harness.engines.job import Job
from harness.engines.registry import engine_for
from harness.errors import EngineError
from harness.events.event import Dataset, Event

CASES = Path(__file__).parents[2] / "data" / "cases"
MEANING = yaml.safe_load((CASES / "eql_meaning.yml").read_text(encoding="utf-8"))
SCHEMA = Schema({name: FieldType(text) for name, text in MEANING["types"].items()})
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def event_of(document: Mapping[str, object]) -> Event:
    return Event("event", NOW, NOW, document)


def job_of(text: str, *documents: Mapping[str, object]) -> Job:
    dataset = Dataset(tuple(map(event_of, documents)), SCHEMA)
    return Job(text, dataset, (), (), None, SCHEMA)


@pytest.mark.parametrize(
    ("document", "text", "holds"),
    [
        pytest.param(case["document"], text, holds, id=f"{case['rule']} {text}")
        for case in MEANING["cases"]
        for key, holds in (("matches", True), ("misses", False))
        for text in case[key]
    ],
)
def test_condition_holds_as_the_rule_says(
    document: Mapping[str, object], text: str, holds: bool
) -> None:
    assert bool(execute_job(job_of(text, document)).alerts) is holds


def test_every_rule_has_a_case() -> None:
    rules = Path(eql.__file__ or "").with_name("SEMANTICS.md").read_text(encoding="utf-8")
    stated = set(re.findall(r"^- \*\*(EQL-\d+)\*\*", rules, re.MULTILINE))
    assert stated == {case["rule"] for case in MEANING["cases"]}


def test_explanation_names_each_condition_and_script() -> None:
    text = 'any where k == "a" and length(k) > 5 and n > 1'
    steps = explain(job_of(text), event_of({"k": "a", "n": 5}))
    assert [(step.condition, step.outcome) for step in steps] == [
        ('k is "a"', "true"),
        ("length(k) > 5 is true", "false"),
        ("n > 1", "true"),
    ]


def test_value_that_a_function_cannot_take_fails_the_search() -> None:
    job = job_of("any where number(k) == 1", {"k": "seven"})
    with pytest.raises(EngineError, match="fails on number"):
        execute_job(job)


def test_first_seen_and_rule_files_are_refused() -> None:
    job = job_of("any where true")
    with pytest.raises(Unsupported, match="new terms in EQL"):
        execute_job(Job(job.text, job.dataset, (), ("k",), NOW - NOW, SCHEMA))
    with pytest.raises(ConversionError):
        execute_job(job_of('{"type": "eql", "language": "eql", "query": "any where true"}'))


def test_bare_query_declares_no_schedule_and_the_engine_is_found() -> None:
    assert schedule_of("any where true", Schedule()) is None
    assert engine_for("eql") is not None
