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


def entities(source: str, selection: str, more: str = "") -> list[tuple[str, dict[str, str]]]:
    documents = SIGMA.replace("SOURCE", source).replace("SELECTION", selection) + more
    target = target_named("sentinel")
    there = placed(read_rules(documents, "rule.yml", ImportOptions())[0], target)
    rendered = render_placed(there, target, "scheduled")
    rule: Any = yaml.safe_load(sentinel_rule.write(there.rule.documents, rendered)[0])
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
