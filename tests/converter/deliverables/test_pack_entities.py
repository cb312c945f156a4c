"""Entities of the packs in rules of Microsoft Sentinel: those that the events of a rule tell."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from converter.deliverables import sentinel_rule
from converter.placement import placed, render_placed
from converter.port import ImportOptions, read_rules
from converter.registry import target_named

SIGMA = """
title: A rule
id: 11111111-2222-4333-8444-555555555555
license: Apache-2.0
logsource: SOURCE
detection:
  selection: SELECTION
  condition: selection
level: low
"""
COUNT = """
---
title: Many sessions
correlation:
  type: value_count
  rules: [11111111-2222-4333-8444-555555555555]
  group-by: [actor.id]
  timespan: 1h
  condition: {gte: 3, field: authenticationContext.externalSessionId}
level: low
"""
SECURITY = "{product: windows, service: security}"
SUBJECT = {
    "Name": "SubjectUserName",
    "NTDomain": "SubjectDomainName",
    "Sid": "SubjectUserSid",
}
TARGET = {"Name": "TargetUserName", "NTDomain": "TargetDomainName"}
HOST = ("Host", {"FullName": "Computer"})
ADDRESS = ("IP", {"Address": "IpAddress"})
PROCESS = ("Process", {"CommandLine": "CommandLine"})


def written(text: str, path: str) -> Any:  # noqa: ANN401 - YAML
    target = target_named("sentinel")
    there = placed(read_rules(text, path, ImportOptions())[0], target)
    rendered = render_placed(there, target, "scheduled")
    return yaml.safe_load(sentinel_rule.write(there.rule.documents, rendered)[0])


def entities(source: str, selection: str, more: str = "") -> list[tuple[str, dict[str, str]]]:
    text = SIGMA.replace("SOURCE", source).replace("SELECTION", selection) + more
    return entities_in(written(text, "rule.yml"))


def entities_in(rule: Any) -> list[tuple[str, dict[str, str]]]:  # noqa: ANN401 - YAML
    return [
        (
            one["entityType"],
            {each["identifier"]: each["columnName"] for each in one["fieldMappings"]},
        )
        for one in rule.get("entityMappings", [])
    ]


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        ("{EventID: 5145, ShareName: a}", [HOST, ("Account", SUBJECT), ADDRESS]),
        ("{EventID: [4624, '4625']}", [HOST, ("Account", TARGET), ADDRESS]),
        ("{EventID: 4720}", [HOST, ("Account", SUBJECT), ("Account", TARGET), ADDRESS]),
        (
            "{EventID: 4688}",
            [HOST, ("Account", {"FullName": "SubjectAccount"}), ADDRESS, PROCESS],
        ),
        (
            "{ShareName: a}",
            [
                HOST,
                ("Account", {"FullName": "SubjectAccount"}),
                ("Account", SUBJECT),
                ("Account", TARGET),
                ADDRESS,
                PROCESS,
            ],
        ),
    ],
)
def test_entities_of_security_events_are_those_that_the_events_tell(
    selection: str, found: list[tuple[str, dict[str, str]]]
) -> None:
    assert entities(SECURITY, selection) == found


def test_a_process_of_sysmon_is_told_by_its_user() -> None:
    source = "{product: windows, category: process_creation}"
    assert entities(source, "{OriginalFileName: a}") == [
        HOST,
        ("Account", {"FullName": "User"}),
        PROCESS,
    ]


def test_a_dns_query_has_no_command_line() -> None:
    source = "{product: windows, category: dns_query}"
    assert entities(source, "{QueryName: a}") == [HOST, ("Account", {"FullName": "User"})]


def test_an_office_event_has_the_address_of_its_client() -> None:
    assert entities("{product: m365, service: exchange}", "{Operation: New-InboxRule}") == [
        ("Account", {"FullName": "UserId"}),
        ("IP", {"Address": "source_ip"}),
    ]


def test_a_count_by_the_id_of_an_okta_actor_is_about_the_actor() -> None:
    source = "{product: okta, service: okta}"
    selection = "{eventType: user.session.start}"
    assert entities(source, selection, COUNT) == [("Account", {"Name": "actor_id"})]
    assert entities(source, selection)[0] == (
        "Account",
        {"FullName": "OriginalActorAlternateId", "DisplayName": "ActorDisplayName"},
    )


ELASTIC = """
[metadata]
[rule]
name = "A rule"
description = "A rule."
severity = "low"
risk_score = 21
rule_id = "1e5e1b6f-6d2b-4f0a-8f07-3f6b37b8d5a1"
type = "query"
language = "kuery"
index = ["logs-system.security*", "winlogbeat-*"]
query = '''QUERY'''
"""
OF_WINDOWS = {
    "the code tells who acts": (
        'event.code: "4674" and winlog.event_data.AccessMask: "512"',
        [("Account", SUBJECT), ADDRESS],
    ),
    "a field tells who logs on": (
        'event.action: logged-in and winlog.event_data.ElevatedToken: "%%1842"',
        [("Account", TARGET), ADDRESS],
    ),
    "either of two codes": (
        'event.code: ("4720" or "4724") and winlog.event_data.SamAccountName: a',
        [("Account", SUBJECT), ("Account", TARGET), ADDRESS],
    ),
    "a field that other events have": (
        "powershell.file.script_block_text: Get-Clipboard and event.category: process",
        [],
    ),
    "a field that Sysmon's events have": (
        "event.category: network and destination.port: 445",
        [("Account", {"FullName": "User"})],
    ),
    "no field that says it": (
        'not winlog.event_data.AccessMask: "512" and event.code: "4674"',
        [("Account", SUBJECT), ADDRESS],
    ),
}


@pytest.mark.parametrize(("query", "found"), OF_WINDOWS.values(), ids=OF_WINDOWS)
def test_a_rule_under_ecs_names_has_the_entities_of_its_events(
    query: str, found: list[tuple[str, dict[str, str]]]
) -> None:
    rule = written(ELASTIC.replace("QUERY", query), "rule.toml")
    assert entities_in(rule) == [HOST, *found]


def test_entities_split_no_query() -> None:
    """The name of a user stands elsewhere in some events, which only a condition on it tells apart."""
    rule = written(ELASTIC.replace("QUERY", "winlog.event_data.AccessMask: a"), "rule.toml")
    assert rule["query"].count("(SecurityEvent\n") == 1
    assert ("Account", SUBJECT) in entities_in(rule)


def test_a_table_is_named_once_for_its_connector() -> None:
    query = 'event.code: "4674" and event.category: iam'
    rule = written(ELASTIC.replace("QUERY", query), "rule.toml")
    assert [one["dataTypes"] for one in rule["requiredDataConnectors"]] == [["SecurityEvent"]] * 2
