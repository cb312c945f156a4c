"""Rules on the indices of several sources, of which a platform keeps one: which one, and what is left of them."""

from __future__ import annotations

import json

import pytest

from converter.errors import Unsupported
from converter.placement import PARTLY_COVERED, placed, render_placed
from converter.port import ImportOptions, read_rules
from converter.registry import target_named

INDICES = ["logs-azure.activitylogs-*", "logs-azure.signinlogs-*"]
SOURCES = "data_stream.dataset: (azure.activitylogs or azure.signinlogs)"


def sentinel(query: str) -> str:
    rule = {
        "name": "A rule",
        "rule_id": "0f1c8f6e-0f4e-4c0d-9a6b-2f1f3a1c0a01",
        "type": "query",
        "language": "kuery",
        "index": INDICES,
        "query": f"{SOURCES} and ({query})",
        "risk_score": 47,
        "severity": "medium",
        "description": "x",
    }
    (found,) = read_rules(json.dumps(rule), "rule.json", ImportOptions())
    target = target_named("sentinel")
    there = placed(found, target)
    assert [one.code for one in there.diagnostics] == [PARTLY_COVERED]
    return render_placed(there, target).text


def test_the_source_that_keeps_most_fields_is_taken() -> None:
    assert "SigninLogs" in sentinel(
        "azure.signinlogs.properties.app_id: x and event.outcome: success"
    )
    assert "AzureActivity" in sentinel(
        "azure.activitylogs.operation_name: X and event.outcome: success"
    )


def test_what_only_the_other_source_has_is_absent() -> None:
    text = sentinel(
        "(azure.signinlogs.properties.app_id: x and azure.signinlogs.identity: y)"
        " or azure.activitylogs.operation_name: X"
    )
    assert 'AppId == "x"' in text
    assert '"X"' not in text


def test_what_no_source_has_stops_the_port() -> None:
    with pytest.raises(Unsupported, match=r"field azure\.signinlogs\.nowhere has no entry"):
        sentinel("azure.signinlogs.properties.app_id: x and azure.signinlogs.nowhere: y")
