"""Threshold rules as Sigma documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import yaml

from converter.elastic import Cardinality, RuleHeader, ThresholdRule
from converter.importers import import_rule
from converter.ir import Schedule

RULE = ThresholdRule(
    header=RuleHeader(
        path="rule.toml",
        id="8f3d1f6e-8f0b-4c40-9c0a-0d8a2f0f7a11",
        name="Many Kills",
        description="A sample",
        severity="low",
        risk_score=21,
    ),
    index=("logs-*",),
    language="kuery",
    query="process.name: kill",
    query_line=1,
    schedule=Schedule(timedelta(minutes=5), timedelta(minutes=9), "event.ingested"),
    fields=("host.id", "user.name"),
    value=15,
)


def _documents(rule: ThresholdRule) -> list[dict[str, object]]:
    return list(yaml.safe_load_all(import_rule(rule).yaml))


def _codes(rule: ThresholdRule) -> list[str]:
    ignored = {"log-source-unmapped", "assumed-type"}
    return [one.code for one in import_rule(rule).diagnostics if one.code not in ignored]


def test_a_count_of_events_is_an_event_count_with_runs() -> None:
    base, count = _documents(RULE)
    assert (base["title"], base["name"]) == ("Many Kills - Base Events", "many_kills_base")
    assert base["description"] == "The events that 'Many Kills' counts."
    assert count["correlation"] == {
        "type": "event_count",
        "rules": ["many_kills_base"],
        "group-by": ["host.id", "user.name"],
        "timespan": "9m",
        "condition": {"gte": 15},
    }
    assert count["sigmaproof"] == {"threshold": {"interval": "5m", "timestamp": "event.ingested"}}
    assert _codes(RULE) == []


def test_the_schedule_is_said_once() -> None:
    (_, count) = _documents(RULE)
    assert count["elastic"] == {
        "rule": {"index": ["logs-*"], "language": "kuery", "risk_score": 21}
    }


def test_a_count_of_values_is_a_value_count() -> None:
    rule = replace(RULE, value=1, cardinality=Cardinality("process.args", 100))
    (_, count) = _documents(rule)
    correlation, own = count["correlation"], count["sigmaproof"]
    assert isinstance(correlation, dict)
    assert correlation["type"] == "value_count"
    assert correlation["condition"] == {"field": "process.args", "gte": 100}
    assert own == {"threshold": {"interval": "5m", "timestamp": "event.ingested"}}
    assert _codes(rule) == []


def test_both_counts_are_a_value_count_with_the_other_one_beside_it() -> None:
    rule = replace(RULE, value=30, cardinality=Cardinality("user.name", 25))
    (_, count) = _documents(rule)
    own = count["sigmaproof"]
    assert isinstance(own, dict)
    assert own["threshold"]["count"] == 30
    assert _codes(rule) == ["threshold-both"]


def test_a_rule_without_groups_has_no_group_by() -> None:
    (_, count) = _documents(replace(RULE, fields=()))
    assert "group-by" not in str(count["correlation"])


def test_a_time_field_without_fallback_is_kept() -> None:
    schedule = Schedule(timedelta(hours=1), timedelta(minutes=119), has_fallback=False)
    (_, count) = _documents(replace(RULE, schedule=schedule))
    assert count["sigmaproof"] == {"threshold": {"interval": "1h", "timestamp-fallback": False}}


def test_more_hits_than_elasticsearch_counts_are_reported() -> None:
    assert _codes(replace(RULE, fields=(), value=10_001)) == ["threshold-unreachable"]
    assert _codes(replace(RULE, fields=(), value=10_000)) == []
    assert _codes(replace(RULE, value=10_001)) == []
