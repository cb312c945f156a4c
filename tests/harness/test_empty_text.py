"""Comparisons with the empty text, which a Kusto string column cannot tell from a missing value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import yaml

from converter.ir import Schedule
from converter.port import ImportOptions, read_rules
from harness.events.event import Dataset, Event
from harness.judge import judge
from harness.reference import reference_on
from harness.subjects import Claim, subject_of
from harness.verdict import Agrees, Approximate, Differs, Verdict

START = datetime(2026, 1, 1, tzinfo=UTC)
DOCUMENTS: tuple[dict[str, object], ...] = ({"u": "x"}, {"u": "x", "k": "y"}, {"u": "x", "k": "z"})


def _verdict(detection: dict[str, object], condition: str, change: tuple[str, str]) -> Verdict:
    document = {
        "title": "A rule",
        "status": "test",
        "logsource": {"category": "test"},
        "detection": {"one": {"u": "x"}, "two": detection, "condition": condition},
    }
    (rule,) = read_rules(yaml.safe_dump(document), "rule.yml", ImportOptions())
    events = tuple(
        Event(f"e{place}", START + timedelta(place), START + timedelta(place), fields)
        for place, fields in enumerate(DOCUMENTS)
    )
    reference = reference_on(rule.plan, Dataset(events, rule.schema), Schedule(), 10)
    text = subject_of(rule, Claim("kusto-ecs")).text
    assert change[0] in text
    return judge(
        reference, subject_of(rule, Claim("kusto-ecs", text.replace(*change), "x"))
    ).verdict


@pytest.mark.parametrize(
    ("detection", "condition", "verdict"),
    [
        ({"k": ["", "y"]}, "one and two", Approximate(0, 1)),
        ({"k": ["", "y"]}, "one and not two", Approximate(0, 0)),
        ({"k": "y"}, "one and two", Agrees()),
    ],
)
def test_a_text_that_takes_the_empty_one_for_missing_is_approximate(
    detection: dict[str, object], condition: str, verdict: Verdict
) -> None:
    assert _verdict(detection, condition, ("", "")) == verdict


@pytest.mark.parametrize("change", [('"y"', '"z"'), ("isempty", "isnotempty")])
def test_a_text_that_does_something_else_differs(change: tuple[str, str]) -> None:
    assert isinstance(_verdict({"k": ["", "y"]}, "one and two", change), Differs)
