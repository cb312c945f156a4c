from __future__ import annotations

import json
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from converter import deliverables, mapping
from converter.deliverables import sentinel_rule
from converter.deliverables.rule_durations import duration
from converter.deliverables.sentinel_limits import problems
from converter.deliverables.sentinel_rule_file import read_rule
from converter.diagnostic import Diagnostic, Severity
from converter.errors import InputError, Unsupported
from converter.port import ImportOptions, read_rules
from converter.registry import target_named
from converter.render import render
from tests.converter.deliverables.limits import Limit, limits
from tests.oracles.kusto.binder import bind

SAMPLE = Path(__file__).parents[3] / "samples/rules/entra_id_unusual_client.toml"
SCHEMA = json.loads(
    resources.files(deliverables).joinpath("sentinel_rule.schema.json").read_text(encoding="utf-8")
)
SIGMA = """
title: A sign-in with a client of old
id: 11111111-2222-4333-8444-555555555555
status: test
description: Finds users of old clients
license: Apache-2.0
logsource: {product: azure, service: signinlogs}
detection:
  selection: {IsInteractive: false, ClientAppUsed: 'Other clients'}
  condition: selection
level: LEVEL
tags: [TAGS]
"""


def written(
    documents: str, path: str = "rule.yml"
) -> tuple[dict[str, Any], str, tuple[Diagnostic, ...]]:
    rule = read_rules(documents, path, ImportOptions())[0]
    target = target_named("sentinel")
    rendered = render(
        rule.documents, path, target, rule.pack, sentinel_rule.OUTPUT_FORMATS["kusto"]
    )
    text, remarks = sentinel_rule.write(rule.documents, rendered)
    return yaml.safe_load(text), text, remarks


def sigma(level: str = "high", tags: str = "attack.initial-access, attack.t1078.004") -> str:
    return SIGMA.replace("LEVEL", level).replace("TAGS", tags)


@pytest.fixture(scope="module")
def sample() -> tuple[dict[str, Any], str]:
    rule, text, remarks = written(SAMPLE.read_text(encoding="utf-8"), SAMPLE.name)
    assert remarks == ()
    return rule, text


def test_the_sample_rule_is_valid(sample: tuple[dict[str, Any], str]) -> None:
    rule, _ = sample
    Draft202012Validator.check_schema(SCHEMA)
    assert list(Draft202012Validator(SCHEMA).iter_errors(rule)) == []
    assert problems(rule) == []


def test_the_sample_rule_says_what_the_elastic_rule_says(
    sample: tuple[dict[str, Any], str],
) -> None:
    rule, text = sample
    query = rule.pop("query")
    description = rule.pop("description")
    assert rule == {
        "id": "df7056c5-330c-551b-b843-a1b83c7f1f6a",
        "name": "Entra ID User Sign-in with Unusual Client",
        "severity": "Medium",
        "status": "Available",
        "requiredDataConnectors": [
            {
                "connectorId": "AzureActiveDirectory",
                "dataTypes": ["AADNonInteractiveUserSignInLogs"],
            }
        ],
        "queryFrequency": "1h",
        "queryPeriod": "14d",
        "triggerOperator": "gt",
        "triggerThreshold": 0,
        "tactics": ["InitialAccess", "CredentialAccess"],
        "relevantTechniques": ["T1078", "T1078.004", "T1528"],
        "entityMappings": [
            {
                "entityType": "Account",
                "fieldMappings": [
                    {"identifier": "FullName", "columnName": "UserPrincipalName"},
                    {"identifier": "AadUserId", "columnName": "UserId"},
                ],
            },
            {
                "entityType": "IP",
                "fieldMappings": [{"identifier": "Address", "columnName": "IPAddress"}],
            },
            {
                "entityType": "CloudApplication",
                "fieldMappings": [
                    {"identifier": "AppId", "columnName": "AppId"},
                    {"identifier": "Name", "columnName": "AppDisplayName"},
                ],
            },
        ],
        "customDetails": {
            "EventId": "Id",
            "EventTime": "TimeGenerated",
            "Ingested": "Ingested",
            "ClientAppUsed": "ClientAppUsed",
            "IncomingTokenType": "IncomingTokenType",
            "Protocol": "AuthenticationProtocol",
            "Requirement": "AuthenticationRequirement",
            "TokenIssuerType": "TokenIssuerType",
            "ResourceDisplayName": "ResourceDisplayName",
            "SystemNumber": "AutonomousSystemNumber",
            "CorrelationId": "CorrelationId",
            "SessionId": "SessionId",
        },
        "alertDetailsOverride": {
            "alertDisplayNameFormat": "Entra ID User Sign-in with Unusual Client: {{UserPrincipalName}}"
        },
        "eventGroupingSettings": {"aggregationKind": "AlertPerResult"},
        "version": "2025.12.15",
        "kind": "Scheduled",
    }
    assert description.startswith("Finds the first time in two weeks")
    assert "| where Ingested > ago(window)" in query
    assert text.startswith(
        "# the rule runs every 5m over 9m with 14d of history, the analytics rule"
    )
    assert "query: |\n  // Entra ID User Sign-in with Unusual Client\n" in text


def test_entities_and_details_are_columns_of_the_result(
    sample: tuple[dict[str, Any], str],
) -> None:
    rule = yaml.safe_load(sample[1])
    pack = mapping.pack_for_log_source({"product": "azure", "service": "signinlogs"})
    assert pack is not None
    tables = {layout.name: layout.columns for layout in mapping.table_layouts(pack)}
    (answer,) = bind([(rule["query"], tables)])
    assert answer.findings == ()
    returned = {name for name, _ in answer.columns}
    named = [
        field["columnName"]
        for entity in rule["entityMappings"]
        for field in entity["fieldMappings"]
    ]
    assert {*named, *rule["customDetails"].values()} <= returned


def test_a_written_rule_reads_back(sample: tuple[dict[str, Any], str]) -> None:
    rule = sentinel_rule.read(sample[1])
    assert (rule.frequency, rule.period) == (timedelta(hours=1), timedelta(days=14))
    assert rule.query == yaml.safe_load(sample[1])["query"]


def test_the_same_rule_gives_the_same_bytes() -> None:
    assert written(sigma())[1] == written(sigma())[1]


def test_a_rule_without_terms_runs_every_hour_on_what_was_ingested() -> None:
    rule, text, _ = written(sigma())
    assert (rule["queryFrequency"], rule["queryPeriod"]) == ("1h", "2h")
    assert "| where ingestion_time() > ago(window)" in rule["query"]
    assert rule["id"] != "11111111-2222-4333-8444-555555555555"
    assert (rule["tactics"], rule["relevantTechniques"]) == (["InitialAccess"], ["T1078.004"])
    assert not text.startswith("#")
    assert problems(rule) == []


@pytest.mark.parametrize(
    ("level", "severity", "codes"),
    [
        ("informational", "Informational", []),
        ("low", "Low", []),
        ("critical", "High", ["severity-narrowed"]),
    ],
)
def test_severities_are_those_of_the_platform(level: str, severity: str, codes: list[str]) -> None:
    rule, _, remarks = written(sigma(level))
    assert rule["severity"] == severity
    assert [one.code for one in remarks] == codes
    assert all(one.severity is Severity.WARNING for one in remarks)


def test_a_technique_without_a_tactic_is_left_out_and_said_so() -> None:
    rule, _, remarks = written(sigma(tags="attack.t1078.004"))
    assert "relevantTechniques" not in rule
    assert "tactics" not in rule
    assert [(one.code, one.severity) for one in remarks] == [
        ("technique-unplaced", Severity.WARNING)  # printed, as the file lacks what the rule has
    ]


@pytest.mark.parametrize(
    ("tags", "tactics", "techniques", "left"),
    [
        ("attack.stealth, attack.t1070.001", ["DefenseEvasion"], ["T1070.001"], ""),
        ("attack.defense-impairment, attack.t1685", ["DefenseEvasion"], [], "T1685 left out"),
        ("attack.impact, attack.t1078", ["Impact"], [], "T1078 left out"),
        (
            "attack.persistence, attack.initial-access, attack.t1078",
            ["Persistence", "InitialAccess"],
            ["T1078"],
            "",
        ),
        ("attack.g0016, attack.s0002", [], [], ""),
    ],
)
def test_a_technique_stands_under_a_tactic_that_it_belongs_to(
    tags: str, tactics: list[str], techniques: list[str], left: str
) -> None:
    rule, _, remarks = written(sigma(tags=tags))
    assert rule.get("tactics", []) == tactics
    assert rule.get("relevantTechniques", []) == techniques
    assert [one.message.startswith(left) for one in remarks] == ([True] if left else [])


@pytest.mark.parametrize(
    ("dates", "version"),
    [
        ("", "1.0.0"),
        ("date: 2025-12-01\n", "2025.12.1"),
        ("date: 2025-12-01\nmodified: 2026-03-04\n", "2026.3.4"),
    ],
)
def test_the_version_grows_when_the_rule_is_modified(dates: str, version: str) -> None:
    assert written(sigma().lstrip() + dates)[0]["version"] == version


def test_a_query_above_the_limit_is_refused_with_advice() -> None:
    values = ", ".join(f"a-rather-long-client-name-{number}" for number in range(400))
    documents = sigma().replace("'Other clients'", f"[{values}]")
    with pytest.raises(Unsupported, match="the limit is 10000; convert with --watchlist, which"):
        written(documents)


def test_a_long_description_is_shortened_and_said_so() -> None:
    rule, _, remarks = written(sigma().replace("users of old clients", "users. " * 900))
    assert len(rule["description"]) <= 5000
    found = [(one.code, one.severity) for one in remarks]
    assert found == [("description-shortened", Severity.WARNING)]


BROKEN = limits("sentinel-limits.yml")


@pytest.mark.parametrize("limit", BROKEN, ids=str)
def test_a_limit_that_is_broken_is_named(limit: Limit, sample: tuple[dict[str, Any], str]) -> None:
    rule = {**yaml.safe_load(sample[1]), **limit.change}
    assert problems(rule) == [limit.message]
    with pytest.raises(InputError, match="analytics rule: "):
        read_rule(yaml.safe_dump(rule))


@pytest.mark.parametrize("limit", BROKEN, ids=str)
def test_the_schema_refuses_what_one_key_decides(
    limit: Limit, sample: tuple[dict[str, Any], str]
) -> None:
    rule = {**yaml.safe_load(sample[1]), **limit.change}
    assert Draft202012Validator(SCHEMA).is_valid(rule) is limit.is_of_several_keys


@pytest.mark.parametrize("key", ["id", "queryPeriod", "kind"])
def test_a_missing_key_is_named(key: str, sample: tuple[dict[str, Any], str]) -> None:
    rule = yaml.safe_load(sample[1])
    del rule[key]
    assert problems(rule) == [f"key {key} is missing; add it"]
    assert list(Draft202012Validator(SCHEMA).iter_errors(rule)) != []


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("5m", timedelta(minutes=5)),
        ("14d", timedelta(days=14)),
        ("01:30:00", timedelta(minutes=90)),
        ("1.00:00:00", timedelta(days=1)),
    ],
)
def test_durations_are_read_in_both_forms(text: str, length: timedelta) -> None:
    assert duration(text) == length


@pytest.mark.parametrize("text", ["T | where a == 1", "a: b", "- queryFrequency: 1h", ""])
def test_other_texts_are_no_rules(text: str) -> None:
    assert read_rule(text) is None
    with pytest.raises(InputError, match="the text is no analytics rule"):
        sentinel_rule.read(text)


def test_broken_yaml_is_one_line() -> None:
    with pytest.raises(InputError, match="^analytics rule: the YAML is broken; [^\n]*$"):
        read_rule("queryFrequency: 1h\nquery: [")
