"""What a rule means apart from its query."""

from __future__ import annotations

import json

import pytest

from converter.ir import Filter
from converter.port import ImportOptions, PortableRule, read_rules
from harness.engines.predicate import evaluate

FIELD = "azure.signinlogs.properties.app_id"


def _rule(query: str, index: str) -> PortableRule:
    rule = {
        "rule_id": "3b1fd3f4-2f5b-4c07-9a5d-6f3c5f2e9d10",
        "name": "Sample",
        "description": "A sample",
        "severity": "low",
        "risk_score": 21,
        "type": "query",
        "language": "kuery",
        "index": [index],
        "query": query,
    }
    (found,) = read_rules(json.dumps(rule), "rule.json", ImportOptions())
    return found


@pytest.mark.parametrize(
    ("query", "index", "matches"),
    [
        pytest.param(f"{FIELD}: x", "logs-azure.signinlogs-*", False, id="indices of one source"),
        pytest.param(f"{FIELD}: x", "logs-*", True, id="indices of many sources"),
        pytest.param(
            f"{FIELD}: x and event.dataset: azure.signinlogs",
            "logs-azure.signinlogs-*",
            False,
            id="the query says it",
        ),
    ],
)
def test_indices_of_one_log_source_hold_no_other_events(
    query: str, index: str, matches: bool
) -> None:
    rule = _rule(query, index)
    other = {"event.dataset": "azure.other", FIELD: "x"}
    assert isinstance(rule.source_plan, Filter)
    assert (evaluate(rule.source_plan.predicate, other) is True) is matches
    assert isinstance(rule.plan, Filter)
    assert (evaluate(rule.plan.predicate, other) is True) is matches
