"""Rules on analysed text: no target is said to agree with them, and none may do anything else either."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from converter.port import ImportOptions, PortableRule, read_rules
from harness.conversion import conversion_status
from harness.events.event import Dataset, Event
from harness.judge import judge
from harness.reference import reference_on
from harness.subjects import Claim, subject_of
from harness.verdict import Approximate, Status, Verdict, word

DATA = Path(__file__).parents[1] / "data" / "cases" / "analysed_text.yml"
CASES = yaml.safe_load(DATA.read_text("utf-8"))
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def _rule(query: str) -> PortableRule:
    rule = {
        "rule_id": "3b1fd3f4-2f5b-4c07-9a5d-6f3c5f2e9d10",
        "name": "Sample",
        "description": "A sample",
        "severity": "low",
        "risk_score": 21,
        "type": "query",
        "language": "kuery",
        "index": ["logs-*"],
        "query": query,
    }
    (found,) = read_rules(json.dumps(rule), "rule.json", ImportOptions())
    return found


def _dataset(rule: PortableRule, messages: list[str]) -> Dataset:
    events = []
    for number, message in enumerate(messages):
        time = NOON + timedelta(minutes=number)
        document = {"message": message, "host": {"os": {"type": "linux"}}}
        events.append(Event(f"e{number}", time, time, document))
    return Dataset(tuple(events), rule.schema)


def _verdict(rule: PortableRule, messages: list[str], claim: Claim) -> Verdict:
    reference = reference_on(rule.plan, _dataset(rule, messages), rule.schedule, 100)
    return judge(reference, subject_of(rule, claim)).verdict


@pytest.mark.parametrize(
    ("case", "target", "counts"),
    [
        pytest.param(case, target, counts, id=f"{case['name']}-{target}")
        for case in CASES["cases"]
        for target, counts in case["targets"].items()
    ],
)
def test_target_on_analysed_text_is_approximate_and_says_by_how_much(
    case: dict[str, list[str]], target: str, counts: list[int]
) -> None:
    rule = _rule(str(case["query"]))
    missed, extra = counts
    assert _verdict(rule, case["events"], Claim(target)) == Approximate(missed, extra)


@pytest.mark.parametrize("case", CASES["by_hand"], ids=lambda case: case["name"])
def test_query_by_hand_must_ask_for_the_words(case: dict[str, list[str]]) -> None:
    claim = Claim("kuery", str(case["text"]), "query.txt")
    verdict = _verdict(_rule(str(case["query"])), case["events"], claim)
    assert word(verdict) == str(case["verdict"])


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_conversion_of_a_rule_on_analysed_text_is_approximate(case: dict[str, list[str]]) -> None:
    rule = _rule(str(case["query"]))
    reference = reference_on(rule.plan, _dataset(rule, case["events"]), rule.schedule, 100)
    status, _ = conversion_status(rule, reference)
    assert status is Status.APPROXIMATE
