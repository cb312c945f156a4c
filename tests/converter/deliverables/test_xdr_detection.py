from __future__ import annotations

import json
import re
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from converter import deliverables
from converter.deliverables import xdr_detection
from converter.deliverables.detection_limits import problems
from converter.deliverables.sentinel_rule_file import read_rule
from converter.diagnostic import Diagnostic
from converter.errors import InputError, Unsupported
from converter.port import ImportOptions, read_rules
from converter.registry import target_named
from converter.render import RenderedQuery, render
from sigma.sigmaproof.mapping_reader import pack_from_text
from tests.converter.deliverables.limits import Limit, limits
from tests.oracles.kusto.binder import bind

DATA = Path(__file__).parents[2] / "data"
PACK = (DATA / "defender_device.mapping.yml").read_text(encoding="utf-8")
SCHEMA = json.loads(
    resources.files(deliverables).joinpath("xdr_detection.schema.json").read_text(encoding="utf-8")
)
SIGMA = """
title: A shell in a zone
id: 11111111-2222-4333-8444-555555555555
description: Finds shells of other zones
license: Apache-2.0
date: 2026-03-04
logsource: {product: demo, service: device}
detection:
  selection: SELECTION
  condition: selection
fields: [CommandLine, AdditionalFields.zone]
level: high
tags: [attack.execution, attack.t1059, attack.t1059.001, attack.persistence, attack.t1547]
"""
NEW_TERMS = """
---
title: A shell that is new on its device
description: Finds the first run of a shell
date: 2026-03-04
correlation:
  type: new_terms
  rules: [11111111-2222-4333-8444-555555555555]
  group-by: [DeviceName, AdditionalFields.zone]
  timespan: HISTORY
level: low
"""
COUNT = """
---
title: Shells in a row
description: Counts shells
date: 2026-03-04
correlation:
  type: event_count
  rules: [11111111-2222-4333-8444-555555555555]
  group-by: [DeviceName]
  timespan: 1h
  condition: {gte: 5}
sigmaproof:
  threshold: {interval: 5m}
level: low
"""
PROCESS = "{Category: process, FileName: sh.exe}"
EITHER = "{FileName: sh.exe}"
SCHEMAS = {
    "DeviceProcessEvents": dict.fromkeys(
        ("AccountSid", "DeviceId", "DeviceName", "FileName", "ProcessCommandLine", "SHA1"), "string"
    )
    | {"AdditionalFields": "dynamic", "ReportId": "long", "Timestamp": "datetime"},
    "DeviceFileEvents": dict.fromkeys(
        ("AdditionalFields", "DeviceId", "DeviceName", "FileName", "SHA1"), "string"
    )
    | {"ReportId": "long", "Timestamp": "datetime"},
}


def rendered(documents: str, pack_text: str = PACK) -> tuple[str, RenderedQuery]:
    pack = pack_from_text(pack_text, "pack.yml")
    rule = read_rules(documents, "rule.yml", ImportOptions(packs=(pack,)))[0]
    return rule.documents, render(
        rule.documents, "rule.yml", target_named("xdr"), rule.pack, "detection"
    )


def written(documents: str, pack_text: str = PACK) -> tuple[Any, tuple[Diagnostic, ...]]:
    text, remarks = xdr_detection.write(*rendered(documents, pack_text))
    return json.loads(text), remarks


def rule(selection: str = PROCESS, more: str = "") -> str:
    return SIGMA.replace("SELECTION", selection) + more


def returned(body: Any) -> set[str]:  # noqa: ANN401 - JSON
    (answer,) = bind([(body["queryCondition"]["queryText"], SCHEMAS)])
    assert answer.findings == ()
    return {name for name, _ in answer.columns}


def named(body: Any) -> set[str]:  # noqa: ANN401 - JSON
    """Return every column that the alert is made of."""
    alert = body["detectionAction"]["alertTemplate"]
    entities = [one for held in alert["entityMappings"].values() for one in held]
    return {column for one in entities for column in one.values()} | {
        *alert["customDetails"].values()
    }


CASES = {
    "one table": rule(),
    "two tables": rule(EITHER),
    "new terms": rule(PROCESS, NEW_TERMS.replace("HISTORY", "10d")),
    "new terms of two tables": rule(EITHER, NEW_TERMS.replace("HISTORY", "1d")),
    "a count": rule(EITHER, COUNT),
}


@pytest.mark.parametrize("name", CASES)
def test_a_detection_is_valid_and_returns_what_it_names(name: str) -> None:
    body, _ = written(CASES[name])
    Draft202012Validator.check_schema(SCHEMA)
    assert list(Draft202012Validator(SCHEMA).iter_errors(body)) == []
    assert problems(body) == []
    assert {"Timestamp", "ReportId", "DeviceId", *named(body)} <= returned(body)


def test_a_detection_says_what_the_rule_says() -> None:
    body, remarks = written(rule())
    query = body.pop("queryCondition")["queryText"]
    assert body == {
        "id": "rule-e84ca021-6580-5bc8-9bdb-4ebcf0eaa191",
        "displayName": "A shell in a zone",
        "status": "enabled",
        "schedule": {"frequency": "PT1H"},
        "detectionAction": {
            "alertTemplate": {
                "title": "A shell in a zone",
                "description": "Finds shells of other zones",
                "severity": "high",
                "tactics": [
                    {
                        "tactic": "Execution",
                        "techniques": [{"technique": "T1059", "subTechniques": ["T1059.001"]}],
                    }
                ],
                "entityMappings": {
                    "hosts": [{"deviceIdColumn": "DeviceId", "nameColumn": "DeviceName"}],
                    "accounts": [{"sidColumn": "AccountSid"}],
                    "files": [{"nameColumn": "FileName", "sha1Column": "SHA1"}],
                },
                "customDetails": {
                    "EventId": "ReportId",
                    "EventTime": "Timestamp",
                    "ProcessCommandLine": "ProcessCommandLine",
                    "Fields_zone": "AdditionalFields_zone",
                },
            }
        },
    }
    assert query.splitlines()[-3:] == [
        "DeviceProcessEvents",
        '| where FileName =~ "sh.exe"',
        "| extend AdditionalFields_zone = tostring(AdditionalFields.zone)",
    ]
    assert [one.code for one in remarks] == ["tactics-left-out"]


@pytest.mark.parametrize(
    ("tags", "tactic", "techniques", "said"),
    [
        (
            "attack.execution, attack.command-and-control, attack.stealth, attack.t1218.011, attack.t1071",
            "CommandAndControl",
            [{"technique": "T1071"}],
            ("warning", "Execution, DefenseEvasion, T1218.011 left out"),
        ),
        (
            "attack.execution, attack.persistence, attack.t1547, attack.t1543, attack.t1059",
            "Persistence",
            [{"technique": "T1547"}, {"technique": "T1543"}],
            ("warning", "Execution, T1059 left out"),
        ),
        (
            "attack.execution, attack.persistence, attack.t1053",
            "Execution",
            [{"technique": "T1053"}],
            ("note", "Persistence left out"),
        ),
        ("attack.persistence", "Persistence", [], None),
    ],
)
def test_the_tactic_is_the_one_that_holds_most_techniques(
    tags: str, tactic: str, techniques: list[object], said: tuple[str, str] | None
) -> None:
    documents = re.sub(r"tags: \[.*\]", f"tags: [{tags}]", rule())
    body, remarks = written(documents)
    tactics = body["detectionAction"]["alertTemplate"]["tactics"]
    assert tactics == [{"tactic": tactic, "techniques": techniques}]
    start = "Defender takes one tactic with its techniques; "
    found = [(one.severity.value, one.message.removeprefix(start)) for one in remarks]
    assert found == ([] if said is None else [said])


@pytest.mark.parametrize(
    ("history", "frequency", "said"),
    [
        ("2h", "PT1H", "every 1h with 4h of events"),
        ("10h", "PT3H", "every 3h with 12h of events"),
        ("2d", "PT12H", "every 12h with 2d of events"),
        ("10d", "P1D", "every 1d with 30d of events"),
        ("60d", "P1D", "that is the longest there is"),
    ],
)
def test_new_terms_run_as_often_as_their_history_allows(
    history: str, frequency: str, said: str
) -> None:
    documents = rule(PROCESS, NEW_TERMS.replace("HISTORY", history))
    _, query = rendered(documents)
    body, _ = written(documents)
    assert body["schedule"] == {"frequency": frequency}
    (change,) = [one.message for one in query.diagnostics if one.code == "xdr-schedule"]
    assert said in change


def test_a_count_of_less_than_the_time_between_runs_is_refused() -> None:
    with pytest.raises(Unsupported, match="counts the events of 30m, and a detection of Defender"):
        written(rule(EITHER, COUNT.replace("timespan: 1h", "timespan: 30m")))


def test_a_query_that_does_not_return_the_device_is_refused() -> None:
    without = PACK.replace("assets: [DeviceId, DeviceName, AccountSid]", "assets: [AccountSid]")
    without = without.replace("  - {ecs: host.id, sigma: DeviceId}\n", "")
    with pytest.raises(Unsupported, match="must return DeviceId, and the query does not") as caught:
        written(rule(), without)
    assert caught.value.hint == "list it under assets of the table in the mapping pack"


def test_a_query_above_the_limit_is_refused_with_advice_of_its_own() -> None:
    values = ", ".join(f"a-rather-long-name-of-a-program-{number}.exe" for number in range(300))
    with pytest.raises(
        Unsupported, match="split the rule's values over several rules, as a custom"
    ):
        written(rule(f"{{Category: process, FileName: [{values}]}}"))


@pytest.mark.parametrize("limit", limits("xdr-limits.yml"), ids=str)
def test_a_limit_that_is_broken_is_named(limit: Limit) -> None:
    body, _ = written(rule())
    for path, value in limit.change.items():
        *parents, last = path.split(".")
        place = body
        for key in parents:
            place = place[key]
        place[last] = value
        if value is None:
            del place[last]
    assert problems(body) == [limit.message]
    assert Draft202012Validator(SCHEMA).is_valid(body) is limit.is_of_several_keys


def test_a_detection_reads_back_with_what_its_frequency_implies() -> None:
    text, _ = xdr_detection.write(*rendered(CASES["new terms"]))
    deployed = read_rule(text)
    assert deployed is not None
    assert deployed.query == json.loads(text)["queryCondition"]["queryText"]
    assert (deployed.frequency, deployed.period) == (timedelta(days=1), timedelta(days=30))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "on"}, "custom detection: status 'on' is not known; use enabled or disabled"),
        (
            {"schedule": {"frequency": "PT0S"}, "queryCondition": {"queryText": "DeviceEvents"}},
            "custom detection: one that runs continuously has no runs to execute; give it PT1H",
        ),
    ],
)
def test_a_detection_that_is_not_valid_is_refused(change: dict[str, Any], message: str) -> None:
    body, _ = written(rule())
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        read_rule(json.dumps({**body, **change}))


@pytest.mark.parametrize("text", ["{}", "{", '{"queryCondition": {}}'])
def test_other_json_is_no_rule(text: str) -> None:
    assert read_rule(text) is None
