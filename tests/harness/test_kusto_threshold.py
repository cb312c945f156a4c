"""Threshold rules as Kusto texts, on columns of one value and on columns of arrays."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.formats import write
from converter.languages.kusto import check, lint
from converter.mapping import table_layouts
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from converter.render import render
from harness.engines.kusto import execute_job
from harness.events.event import Dataset, Event
from harness.generate import dataset_for
from harness.generate.placement import placements_in
from harness.judge import judge
from harness.reference import Reference, reference_on
from harness.subject import job_of, material_for
from harness.subjects import Claim, subject_of
from harness.verdict import Agrees, Differs, NoEvidence
from tests.oracles.kusto.binder import bind

DATA = Path(__file__).parents[1] / "data" / "cases" / "threshold.yml"
# A case file has no static shape; the tests below read it key by key.
CASES: list[dict[str, Any]] = yaml.safe_load(DATA.read_text("utf-8"))["cases"]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ARRAYS = {
    "g": "tags",
    "h": "host.ip",
    "i": "host.mac",
    "j": "related.user",
    "l": "related.hosts",
    "u": "process.args",
}
"""Fields of ECS that are arrays by their definition, for the fields of the cases."""


def _is_single(case: dict[str, Any]) -> bool:
    """Say whether a table of columns with one value can hold every document of a case."""
    values = [value for _, fields, *_ in case["documents"] for value in fields.values()]
    return not any(
        value == "" or isinstance(value, list) and value for value in values
    ) and not any(isinstance(value, dict) for value in values)


def _renamed(node: object, names: dict[str, str]) -> object:
    match node:
        case dict():
            return {names.get(key, key): _renamed(value, names) for key, value in node.items()}
        case list():
            return [_renamed(value, names) for value in node]
        case _:
            return names.get(node, node) if isinstance(node, str) else node


def _rule(section: dict[str, Any]) -> PortableRule:
    threshold = {"field": ["g"], "value": 2} | {k: v for k, v in section.items() if k != "from"}
    rule = {
        "rule_id": "8f3d1f6e-8f0b-4c40-9c0a-0d8a2f0f7a11",
        "name": "Sample",
        "description": "A sample",
        "severity": "low",
        "risk_score": 21,
        "type": "threshold",
        "index": ["logs-*"],
        "from": section.get("from", "now-9m"),
        "query": "k: v",
        "threshold": threshold,
    }
    (read,) = read_rules(json.dumps(rule), "rule.json", ImportOptions())
    return read


def _reference(rule: PortableRule, documents: list[Any]) -> Reference:
    events = [
        _event(number, minutes, fields, arrives[0] if arrives else minutes)
        for number, (minutes, fields, *arrives) in enumerate(documents)
    ]
    dataset = Dataset(tuple(sorted(events, key=lambda one: (one.time, one.id))), rule.schema)
    return reference_on(rule.plan, dataset, rule.schedule, 1000)


def _event(number: int, minutes: float, fields: dict[str, object], arrives: float) -> Event:
    time, visible = (NOON + timedelta(minutes=one) for one in (minutes, arrives))
    stamps = {"@timestamp": time.isoformat(), "event": {"ingested": visible.isoformat()}}
    return Event(f"e{number}", time, visible, {"k": "v", **stamps, **fields})


def _check(rule: PortableRule, case: dict[str, Any], documents: list[Any]) -> None:
    reference = _reference(rule, documents)
    subject = subject_of(rule, Claim("kusto-ecs"))
    material = material_for(subject, reference.dataset)
    assert not material.reasons
    execution = execute_job(job_of(subject, material, reference.runs))
    found = []
    for alert in execution.alerts:
        assert alert.run_end is not None
        found.append([(alert.run_end - NOON) / timedelta(minutes=1), list(alert.term)])
    expected = case.get("again", case["alerts"])
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    assert isinstance(judge(reference, subject).verdict, Agrees if expected else NoEvidence)


@pytest.mark.parametrize(
    "case", [case for case in CASES if _is_single(case)], ids=lambda case: case["about"]
)
def test_a_text_counts_rows(case: dict[str, Any]) -> None:
    _check(_rule(case.get("rule", {})), case, case["documents"])


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if "process.pid" not in str(case)],
    ids=lambda case: case["about"],
)
def test_a_text_counts_the_elements_of_arrays(case: dict[str, Any]) -> None:
    section = {"field": ["g"], **case.get("rule", {})}
    rule = _rule({key: _renamed(value, ARRAYS) for key, value in section.items()})
    documents = [
        [minutes, {ARRAYS.get(key, key): value for key, value in fields.items()}, *rest]
        for minutes, fields, *rest in case["documents"]
    ]
    _check(rule, case, documents)


LAYOUTS: dict[str, dict[str, Any]] = {
    "rows": {},
    "values": {"cardinality": [{"field": "u", "value": 3}]},
    "arrays": {
        "field": ["tags", "host.name"],
        "cardinality": [{"field": "process.args", "value": 3}],
    },
    "no group": {"field": []},
}


def test_the_text_is_laid_out_for_people() -> None:
    text = subject_of(_rule(LAYOUTS["values"]), Claim("kusto-ecs")).text
    assert [line for line in text.splitlines() if not line.startswith("//")] == [
        "let window = 9m;",
        "Events",
        "| where TimeGenerated between (ago(window) .. now())",
        "| where ['k'] == \"v\"",
        "| extend Counted = ['u']",
        "| where isnotempty(g)",
        "| summarize EventCount = count(), FirstSeen = min(TimeGenerated), LastSeen = max(TimeGenerated)",
        "    by g, Counted",
        "| summarize",
        "    EventCount = sum(EventCount), ValueCount = countif(isnotempty(Counted)),",
        "    FirstSeen = min(FirstSeen), LastSeen = max(LastSeen)",
        "    by g",
        "| where EventCount >= 2",
        "| where ValueCount >= 3",
    ]


def test_every_text_passes_both_checks() -> None:
    texts = [subject_of(_rule(section), Claim("kusto-ecs")).text for section in LAYOUTS.values()]
    columns = {"TimeGenerated": "datetime", "event.id": "string", "k": "string", "g": "string"}
    columns |= {"u": "string", "tags": "dynamic", "host.name": "string", "process.args": "dynamic"}
    tables = {"Events": columns}
    assert [check(text, tables) + lint(text, tables) for text in texts] == [()] * len(texts)
    assert [answer.findings for answer in bind([(text, tables) for text in texts])] == [()] * 4


@pytest.mark.parametrize(
    ("old", "new", "documents"),
    [
        (">= 2", "> 2", [[1, {"g": "a"}], [2, {"g": "a"}]]),
        ("9m", "8m", [[1, {"g": "a"}], [10, {"g": "a"}]]),
        (
            "(ago(window) .. now())",
            "(ago(2 * window) .. now())",
            [[1, {"g": "a"}], [12, {"g": "a"}]],
        ),
        ("by g", "by g = tolower(g)", [[1, {"g": "a"}], [2, {"g": "A"}]]),
    ],
)
def test_a_changed_text_is_caught(old: str, new: str, documents: list[Any]) -> None:
    rule = _rule({})
    text = subject_of(rule, Claim("kusto-ecs")).text
    assert old in text
    reference = _reference(rule, documents)
    verdict = judge(reference, subject_of(rule, Claim("kusto-ecs", text.replace(old, new), "x")))
    assert isinstance(verdict.verdict, Differs)


def test_an_analytics_rule_counts_in_the_windows_of_its_query() -> None:
    section = {"field": ["azure.signinlogs.properties.user_principal_name"], "value": 2}
    header = {
        "rule_id": "8f3d1f6e-8f0b-4c40-9c0a-0d8a2f0f7a11",
        "name": "Sample",
        "description": "A sample",
        "severity": "low",
        "risk_score": 21,
        "index": ["logs-azure.signinlogs-*"],
        "from": "now-9m",
    }
    query = 'event.dataset: azure.signinlogs and azure.signinlogs.properties.app_id: "x"'
    text = json.dumps({**header, "type": "threshold", "query": query, "threshold": section})
    (rule,) = read_rules(text, "rule.json", ImportOptions())
    rendered = render(rule.documents, rule.path, target_named("sentinel"), rule.pack, "scheduled")
    file = write(rule.documents, rendered, "sentinel-yaml").text
    assert "queryFrequency: 5m\nqueryPeriod: 69m\n" in file

    assert rule.pack is not None
    placements = placements_in(table_layouts(rule.pack), ())
    made = dataset_for(rule.plan, rule.schedule, rule.schema, placements=placements)
    reference = reference_on(rule.plan, made, rule.schedule, 200)
    right = judge(reference, subject_of(rule, Claim("sentinel", file, "rule.yaml")))
    wrong = judge(
        reference, subject_of(rule, Claim("sentinel", file.replace(">= 2", ">= 3"), "rule.yaml"))
    )
    assert isinstance(right.verdict, Agrees)
    assert isinstance(wrong.verdict, Differs)


def test_a_rule_may_count_and_compare_the_identity_of_events() -> None:
    section = {"value": 1, "cardinality": [{"field": "event.id", "value": 2}]}
    documents = [
        [minute, {"g": "a", "event": {"id": identity}}]
        for minute, identity in ((1, "x"), (2, "x"), (3, "y"))
    ]
    for count, expected in ((3, [[5, ["a"]]]), (2, [])):
        case = {"again": [*expected, *([10, ["a"]] for _ in expected)], "alerts": []}
        _check(_rule(section), case, documents[:count])
