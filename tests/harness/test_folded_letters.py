"""Letters outside ASCII, whose case Kusto ignores and Sigma does not."""

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
WORDS = ("arrêté", "Arrêté", "ARRÊTÉ", "arrete")


def _verdict(test: dict[str, object], change: tuple[str, str] = ("", "")) -> Verdict:
    document = {
        "title": "A rule",
        "logsource": {"category": "test"},
        "detection": {"one": test, "condition": "one"},
    }
    (rule,) = read_rules(yaml.safe_dump(document), "rule.yml", ImportOptions())
    events = tuple(
        Event(f"e{place}", START + timedelta(place), START + timedelta(place), {"k": word})
        for place, word in enumerate(WORDS)
    )
    reference = reference_on(rule.plan, Dataset(events, rule.schema), Schedule(), 10)
    text = subject_of(rule, Claim("kusto-ecs")).text
    assert change[0] in text
    subject = subject_of(rule, Claim("kusto-ecs", text.replace(*change), "x"))
    return judge(reference, subject).verdict


@pytest.mark.parametrize(
    ("test", "verdict"),
    [
        ({"k": ["stopped", "arrêté"]}, Approximate(0, 1)),
        ({"k|contains": "rrêté"}, Approximate(0, 1)),
        ({"k|cased": "arrêté"}, Agrees()),
        ({"k": "arrete"}, Agrees()),
    ],
)
def test_a_text_that_folds_more_letters_is_approximate(
    test: dict[str, object], verdict: Verdict
) -> None:
    assert _verdict(test) == verdict


def test_a_text_that_does_something_else_differs() -> None:
    assert isinstance(_verdict({"k": "arrêté"}, ("arrêté", "arrete")), Differs)
