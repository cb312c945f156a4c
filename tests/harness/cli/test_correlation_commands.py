"""The commands on a correlation, as a person would use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.harness.cli.conftest import Invoke

RULE = """\
title: Many Failures
id: 4f0c9a52-7a27-45a0-9a35-6f2f8a0e5d11
correlation:
  type: event_count
  rules: [failure]
  group-by: [user.name]
  timespan: 10m
  condition: {gte: 3}
---
title: Failure
name: failure
logsource: {category: test}
detection:
  selection: {event.outcome: failure}
  condition: selection
"""
MINUTES = {"ann": [0, 4, 9, 10, 25], "bob": [0, 11, 22]}


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    path = tmp_path / "rule.yml"
    path.write_text(RULE)
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    events = [
        {
            "@timestamp": f"2026-01-01T00:{minute:02}:00Z",
            "event": {"id": f"{name}-{minute}", "outcome": "failure"},
            "user": {"name": name},
        }
        for name, minutes in MINUTES.items()
        for minute in minutes
    ]
    path = tmp_path / "log.ndjson"
    events.sort(key=lambda event: str(event["@timestamp"]))
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    return path


def test_run_says_that_groups_are_told_apart_by_a_part(invoke: Invoke, log: Path) -> None:
    rule = log.with_name("user.yml")
    text = RULE.replace("user.name", "User").replace("event.outcome", "Image")
    rule.write_text(text.replace("category: test", "product: windows, category: process_creation"))
    said = " ".join(invoke("run", rule, "-l", log).err.split())
    assert "mapping-loss User: documents keep it in parts" in said


def test_run_reports_groups_and_instants(invoke: Invoke, rule: Path, log: Path) -> None:
    done = invoke("run", rule, "-l", log, "-q")
    alerts = [json.loads(line) for line in done.out.splitlines()]
    assert [(one["term"], one["events"], one["time"]) for one in alerts] == [
        ({"user.name": "ann"}, ["ann-9"], "2026-01-01T00:09:00Z"),
        ({"user.name": "ann"}, ["ann-10"], "2026-01-01T00:10:00Z"),
    ]
    assert all("run_end" not in one for one in alerts)


def test_verify_judges_a_log(invoke: Invoke, rule: Path, log: Path) -> None:
    done = invoke("verify", rule, "-l", log, "-t", "kusto-ecs", "--report", "json", "-q")
    assert done.code == 0, done.err
    (found,) = json.loads(done.out)["rules"]
    (target,) = found["targets"]
    assert (found["type"], target["verdict"], target["alerts"]) == ("correlation", "agrees", 2)


def test_a_query_with_buckets_differs(
    invoke: Invoke, rule: Path, log: Path, tmp_path: Path
) -> None:
    query = tmp_path / "buckets.kql"
    query.write_text(
        "Events | where ['event.outcome'] =~ \"failure\"\n"
        "| summarize Events = count(), TimeGenerated = max(TimeGenerated)"
        " by ['user.name'], Bucket = bin(TimeGenerated, 10m)\n"
        "| where Events >= 3 | project TimeGenerated, ['user.name']\n"
    )
    done = invoke("verify", rule, "-l", log, "--query", f"kusto-ecs={query}", "--report", "json")
    assert done.code == 1, done.err
    (target,) = json.loads(done.out)["rules"][0]["targets"]
    assert target["verdict"] == "differs"
    assert target["counterexample"]["missed"] == 1


def test_explain_says_what_the_window_is_asked(invoke: Invoke, rule: Path) -> None:
    words = " ".join(invoke("explain", rule).out.split())
    assert "events >= 3, with the same (user.name) in the 10m up to an event" in words


def test_convert_writes_the_rule_file(invoke: Invoke, tmp_path: Path) -> None:
    rule = tmp_path / "okta.yml"
    rule.write_text(
        RULE.replace("{category: test}", "{product: okta, service: okta}")
        .replace("event.outcome: failure", "outcome.result: FAILURE")
        .replace("[user.name]", "[actor.alternateId]")
    )
    done = invoke("convert", rule, "-t", "sentinel", "-f", "sentinel-yaml", "-o", tmp_path)
    assert done.code == 0, done.err
    file = yaml.safe_load((tmp_path / "many_failures.sentinel.yaml").read_text())
    assert (file["queryFrequency"], file["queryPeriod"]) == ("5m", "75m")
    judged = invoke(
        "verify", rule, "--query", f"sentinel={tmp_path / 'many_failures.sentinel.yaml'}"
    )
    assert judged.code == 0, judged.out


TWO_SOURCES = """\
title: Sign-in and Change
correlation:
  type: temporal
  rules: [signin, change]
  group-by: [who]
  timespan: 30m
  aliases:
    who: {signin: UserPrincipalName, change: InitiatedBy.user.userPrincipalName}
---
title: Sign-in
name: signin
logsource: {product: azure, service: signinlogs}
detection: {sel: {ResultType: "0"}, condition: sel}
---
title: Change
name: change
logsource: {product: azure, service: auditlogs}
detection: {sel: {OperationName: Add owner to application}, condition: sel}
"""


@pytest.fixture
def two_sources(tmp_path: Path) -> Path:
    path = tmp_path / "two.yml"
    path.write_text(TWO_SOURCES)
    return path


def test_explain_shows_the_columns_of_every_log_source(invoke: Invoke, two_sources: Path) -> None:
    out = "".join(invoke("explain", two_sources).out.split())
    assert "SigninLogs.UserPrincipalName" in out
    assert "AuditLogs.InitiatedBy.user.userPrincipalName" in out


def test_run_reads_documents_of_every_log_source(
    invoke: Invoke, two_sources: Path, tmp_path: Path
) -> None:
    signin = {
        "@timestamp": "2026-01-01T00:00:00Z",
        "event": {"id": "a", "dataset": "azure.signinlogs"},
        "azure": {
            "signinlogs": {
                "category": "SignInLogs",
                "result_type": "0",
                "properties": {"user_principal_name": "ann@x", "is_interactive": True},
            }
        },
    }
    initiator = {"user": {"userPrincipalName": "ann@x"}}
    audit = {
        "operation_name": "Add owner to application",
        "properties": {"initiated_by": initiator},
    }
    change = {
        "@timestamp": "2026-01-01T00:10:00Z",
        "event": {"id": "b", "dataset": "azure.auditlogs"},
        "azure": {"auditlogs": audit},
    }
    log = tmp_path / "log.ndjson"
    log.write_text("".join(json.dumps(one) + "\n" for one in (signin, change)))
    done = invoke("run", two_sources, "-l", log, "-q")
    (alert,) = [json.loads(line) for line in done.out.splitlines()]
    assert (alert["term"], alert["events"]) == ({"who": "ann@x"}, ["b"])
    for target in ("sentinel", "kusto-ecs"):
        judged = invoke("verify", two_sources, "-l", log, "-t", target, "--report", "json", "-q")
        (found,) = json.loads(judged.out)["rules"]
        assert [(one["verdict"], one["alerts"]) for one in found["targets"]] == [("agrees", 1)]
