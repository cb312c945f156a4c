"""Correlations end to end: made events, verdicts, rule files of Sentinel, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import yaml

from converter.deliverables import sentinel_rule, xdr_detection
from converter.dropping.messages import notes_of
from converter.dropping.pruned import Clause, Effect, Loss
from converter.errors import Unsupported
from converter.ir import Correlation
from converter.placement import placed, render_placed
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from harness.generate import dataset_for
from harness.judge import judge
from harness.reference import Reference, reference_on
from harness.runner import Options, verify
from harness.subjects import Claim, subject_of
from harness.verdict import Agrees, Differs, RuleResult, TargetResult
from tests.harness.engines.correlation_rules import rule_of
from tests.oracles.kusto.binder import bind

SENTINEL = target_named("sentinel")
XDR = target_named("xdr")
_OKTA = {"product": "okta", "service": "okta"}
_SIGN_INS = {"product": "azure", "service": "signinlogs"}
_PROCESSES = {"product": "windows", "category": "process_creation"}
_TRAIL = {"product": "aws", "service": "cloudtrail"}
_RULES: dict[str, dict[str, Any]] = {
    "fail": {
        "logsource": _OKTA,
        "sel": {"eventType": "user.session.start", "outcome.result": "FAILURE"},
    },
    "success": {
        "logsource": _OKTA,
        "sel": {"eventType": "user.session.start", "outcome.result": "SUCCESS"},
    },
    "denied": {"logsource": _SIGN_INS, "sel": {"ResultType": 50126}},
    "who": {"logsource": _PROCESSES, "sel": {"Image|endswith": "\\whoami.exe"}},
    "net": {"logsource": _PROCESSES, "sel": {"Image|endswith": "\\net.exe"}},
    "console": {"logsource": _TRAIL, "sel": {"eventName": "ConsoleLogin"}},
}
ON_TABLES: dict[str, dict[str, Any]] = {
    "count": {
        "type": "event_count",
        "rules": ["fail"],
        "group-by": ["actor.alternateId"],
        "condition": {"gte": 4},
    },
    "values in two tables": {
        "type": "value_count",
        "rules": ["denied"],
        "group-by": ["IPAddress"],
        "condition": {"gte": 3, "field": "UserPrincipalName"},
    },
    "names that differ in case alone": {
        "type": "event_count",
        "rules": ["console"],
        "group-by": ["sourceIPAddress"],
        "condition": {"gt": 2},
    },
    "temporal": {
        "type": "temporal",
        "rules": ["fail", "success"],
        "group-by": ["actor.alternateId", "client.ipAddress"],
    },
    "temporal_ordered": {
        "type": "temporal_ordered",
        "rules": ["fail", "success"],
        "group-by": ["actor.alternateId"],
    },
}


def _documents(section: dict[str, Any]) -> str:
    main = {
        "title": "Main",
        "id": "6a1f5ac6-62a5-4f3c-9c51-6f0b3e2f7c0d",
        "description": "A correlation",
        "level": "high",
        "correlation": {"timespan": "10m", **section},
    }
    rules = [
        {
            "title": name,
            "name": name,
            "logsource": _RULES[name]["logsource"],
            "detection": {"sel": _RULES[name]["sel"], "condition": "sel"},
        }
        for name in section["rules"]
    ]
    return yaml.safe_dump_all([main, *rules])


def _read(section: dict[str, Any]) -> PortableRule:
    (rule,) = read_rules(_documents(section), "rule.yml", ImportOptions())
    return rule


def _verified(rule: PortableRule, claim: Claim) -> TargetResult:
    """Judge a claim on events that the runner makes, which puts them into tables."""
    (*_, found) = verify([rule], [claim], (), Options())
    assert isinstance(found, RuleResult)
    (result,) = found.targets
    return result


def _reference(rule: PortableRule) -> Reference:
    made = dataset_for(rule.plan, rule.schedule, rule.schema)
    return reference_on(rule.plan, made, rule.schedule, 500)


@pytest.mark.parametrize("section", ON_TABLES.values(), ids=list(ON_TABLES))
@pytest.mark.parametrize("target", ["kusto-ecs", "sentinel"])
def test_a_text_agrees_on_made_events(section: dict[str, Any], target: str) -> None:
    result = _verified(_read(section), Claim(target))
    assert isinstance(result.verdict, Agrees)
    assert result.alerts > 5


@pytest.mark.parametrize("section", ON_TABLES.values(), ids=list(ON_TABLES))
def test_an_analytics_rule_agrees_in_its_runs(section: dict[str, Any]) -> None:
    # SIGMA-22
    rule = _read(section)
    rendered = render_placed(placed(rule, SENTINEL), SENTINEL, "scheduled")
    text, _ = sentinel_rule.write(rule.documents, rendered)
    result = _verified(rule, Claim("sentinel", text, "rule.yaml"))
    assert isinstance(result.verdict, Agrees)
    (change,) = [one for one in result.diagnostics if one.code == "schedule-changed"]
    assert "instead of without runs, whenever events arrive: 1 alerts lost, 0 gained" in str(change)


def test_a_custom_detection_agrees_in_its_runs() -> None:
    # SIGMA-22
    rule = _read({"type": "temporal", "rules": ["who", "net"], "group-by": ["Computer", "User"]})
    there = placed(rule, XDR)
    rendered = render_placed(there, XDR, "detection")
    file = json.loads(xdr_detection.write(rule.documents, rendered)[0])
    assert file["schedule"] == {"frequency": "PT1H"}
    assert file["queryCondition"]["queryText"] == rendered.text
    plan = there.rule.plan
    assert isinstance(plan, Correlation)
    hour = timedelta(hours=1)
    schedule = replace(rule.schedule, interval=hour, lookback=hour)
    made = dataset_for(plan, schedule, there.rule.schema)
    reference = reference_on(replace(plan, reports=hour), made, schedule, 100)
    subject = replace(subject_of(rule, Claim("xdr")), text=rendered.text)
    result = judge(reference, subject)
    assert isinstance(result.verdict, Agrees)
    assert result.alerts > 5


def test_texts_on_tables_bind() -> None:
    queries = []
    for section in ON_TABLES.values():
        there = placed(_read(section), SENTINEL)
        assert there.rule.pack is not None
        tables = {table.name: dict(table.types) for table in there.rule.pack.tables}
        for output_format in ("default", "scheduled"):
            queries.append((render_placed(there, SENTINEL, output_format).text, tables))
    assert [answer.findings for answer in bind(queries)] == [()] * len(queries)


def test_a_rule_file_shows_what_its_groups_are() -> None:
    rule = _read(ON_TABLES["count"])
    rendered = render_placed(placed(rule, SENTINEL), SENTINEL, "scheduled")
    file = yaml.safe_load(sentinel_rule.write(rule.documents, rendered)[0])
    assert (file["queryFrequency"], file["queryPeriod"]) == ("5m", "75m")
    assert file["entityMappings"] == [
        {
            "entityType": "Account",
            "fieldMappings": [{"identifier": "FullName", "columnName": "actor_alternateId"}],
        }
    ]


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"condition": {"gte": 3}}, ">= 3", "> 3"),
    ({"condition": {"gte": 3}}, ">= 3", ">= 2"),
    ({"condition": {"gte": 3}}, "TimeGenerated - timeframe", "TimeGenerated - timeframe + 1ms"),
    ({"condition": {"gte": 3}}, "TimeGenerated - timeframe", "TimeGenerated - timeframe - 1ms"),
    ({"condition": {"gte": 3}}, ".. TimeGenerated)", ".. (TimeGenerated - 1ms))"),
    ({"condition": {"gte": 3}}, ".. TimeGenerated)", ".. (TimeGenerated + timeframe))"),
    ({"condition": {"gte": 3}}, "| where isnotempty(g)\n", "\n"),
    ({"condition": {"gte": 3}}, "['k'] ==", "['k'] =~"),
    ({"condition": {"eq": 3}}, "== 3", ">= 3"),
    ({"condition": {"lt": 3}}, "< 3", "<= 3"),
    (
        {"condition": {"gte": 3}, "group-by": ["tags"]},
        "| distinct TimeGenerated, RowId, tags",
        "",
    ),
    ({"type": "value_count", "condition": {"gte": 3, "field": "v"}}, ", MatchedValue\n", "\n"),
    (
        {"type": "value_count", "condition": {"gte": 3, "field": "v"}},
        "MatchedValue = ['v']",
        "MatchedValue = tolower(['v'])",
    ),
    ({"type": "value_sum", "condition": {"gte": 3, "field": "v"}}, "sum(", "max("),
    ({"type": "value_avg", "condition": {"gte": 3, "field": "v"}}, "avg(", "max("),
    (
        {"type": "value_median", "condition": {"gte": 3, "field": "v"}},
        "SortedValues[Values / 2]",
        "SortedValues[(Values - 1) / 2]",
    ),
    (
        {"type": "value_percentile", "condition": {"gte": 3, "field": "v", "percentile": 75}},
        "* 75 + 99",
        "* 75",
    ),
    (
        {"type": "value_percentile", "condition": {"gte": 3, "field": "v", "percentile": 75}},
        "| sort by MatchedValue asc\n",
        "",
    ),
    ({"type": "temporal", "rules": ["a", "b"]}, ">= 2", ">= 1"),
    ({"type": "temporal", "rules": ["a", "b", "c"]}, ">= 3", ">= 2"),
    ({"type": "temporal_ordered", "rules": ["a", "b"]}, "Reached < Time", "Reached <= Time"),
    ({"type": "temporal_ordered", "rules": ["a", "b"]}, "Reached < Time", "Reached != Time"),
    ({"type": "temporal_ordered", "rules": ["a", "b"]}, "Reached <= Time", "Reached < Time"),
    ({"type": "temporal_ordered", "rules": ["a", "b"]}, "Started >= Time", "Started > Time"),
    ({"type": "temporal_ordered", "rules": ["a", "b", "c"]}, "max(Started)", "min(Started)"),
    (
        {"type": "temporal_ordered", "rules": ["a", "b"], "group-by": None},
        "max(Started)",
        "min(Started)",
    ),
]


@pytest.mark.parametrize(("section", "right", "wrong"), FAULTS, ids=str)
def test_made_events_tell_a_faulty_text(section: dict[str, Any], right: str, wrong: str) -> None:
    rule = rule_of(section)
    text = subject_of(rule, Claim("kusto-ecs")).text
    assert right in text
    claim = Claim("kusto-ecs", text.replace(right, wrong), "faulty.kql")
    verdict = judge(_reference(rule), subject_of(rule, claim)).verdict
    assert isinstance(verdict, Differs)


def test_a_counterexample_is_the_window_that_differs() -> None:
    rule = rule_of({"condition": {"gte": 3}})
    text = subject_of(rule, Claim("kusto-ecs")).text.replace(">= 3", ">= 4")
    verdict = judge(_reference(rule), subject_of(rule, Claim("kusto-ecs", text, "x"))).verdict
    assert isinstance(verdict, Differs)
    found = verdict.counterexample
    assert len(found.companions) == 2
    condition, ours, theirs = (
        found.findings[-1].condition,
        found.findings[-1].reference,
        found.findings[-1].target,
    )
    assert condition.startswith("events >= 3, up to ")
    assert (ours, theirs) == ("3", "does not alert")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("kuery", "a correlation of type event_count; Kibana query language says only new_terms"),
        ("lucene", "a correlation of type event_count; Lucene query_string says only new_terms"),
        ("esql", "a correlation of type event_count; ES\\|QL 9.2 says only new_terms"),
        ("eql", "a correlation of type event_count: EQL has no counts for a group"),
        ("sentinel", "no mapping pack covers the log source of this rule"),
    ],
)
def test_other_targets_refuse_a_correlation_that_slides(target: str, message: str) -> None:
    with pytest.raises(Unsupported, match=message):
        subject_of(rule_of({"condition": {"gte": 3}}), Claim(target))


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ({"gte": 4}, False),
        ({"gt": 4}, False),
        ({"lt": 4}, True),
        ({"eq": 4}, True),
        ({"neq": 4}, True),
    ],
)
def test_a_lost_condition_may_change_alerts_both_ways(
    condition: dict[str, int], says: bool
) -> None:
    loss = Loss("x", (Clause(0, "x", "gone"),), Effect.WIDER)
    ((_, message),) = notes_of([loss], rule_of({"condition": condition}).plan)
    assert ("alerts differ both ways" in message) is says
