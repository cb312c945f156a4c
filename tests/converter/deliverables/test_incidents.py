from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import yaml

from converter.deliverables import sentinel_arm, sentinel_rule
from converter.deliverables.incidents import Suppression, suppression_of
from converter.diagnostic import Diagnostic
from converter.port import ImportOptions, read_rules
from converter.registry import target_named
from converter.render import RenderedQuery, render

QUERY = """
[rule]
author = ["Somebody"]
description = "Finds clients"
from = "now-9m"
index = ["logs-azure.signinlogs-*"]
language = "kuery"
license = "Apache-2.0"
name = "A client"
risk_score = 21
rule_id = "11111111-2222-4333-8444-555555555555"
severity = "low"
type = "TYPE"
query = '''
event.dataset: azure.signinlogs and azure.signinlogs.category: SignInLogs
'''
SUPPRESSION
[metadata]
creation_date = "2026/01/01"
updated_date = "2026/01/02"
"""
USER = 'group_by = ["azure.signinlogs.properties.user_principal_name"]'


def rendered(suppression: str, kind: str = "query", more: str = "") -> tuple[str, RenderedQuery]:
    text = QUERY.replace("TYPE", kind)
    section = f"\n[rule.alert_suppression]\n{suppression}\n" if suppression else ""
    text = text.replace("SUPPRESSION", section + more)
    rule = read_rules(text, "rule.toml", ImportOptions())[0]
    target = target_named("sentinel")
    return rule.documents, render(rule.documents, "rule.toml", target, rule.pack, "scheduled")


def written(
    suppression: str, kind: str = "query", more: str = ""
) -> tuple[Any, tuple[Diagnostic, ...]]:
    text, remarks = sentinel_rule.write(*rendered(suppression, kind, more))
    return yaml.safe_load(text), remarks


def test_alerts_that_repeat_a_field_go_into_one_incident() -> None:
    rule, (remark,) = written(f"{USER}\nduration = {{value = 3, unit = 'h'}}")
    group = rule["incidentConfiguration"]["groupingConfiguration"]
    assert group == {
        "enabled": True,
        "reopenClosedIncident": False,
        "lookbackDuration": "3h",
        "matchingMethod": "Selected",
        "groupByEntities": [],
        "groupByAlertDetails": [],
        "groupByCustomDetails": ["UserPrincipalName"],
    }
    assert rule["customDetails"]["UserPrincipalName"] == "UserPrincipalName"
    assert "suppressionEnabled" not in rule
    assert remark.message == (
        "the Elastic rule leaves out alerts that repeat azure.signinlogs.properties.user_principal_name;"
        " Sentinel cannot, the analytics rule puts such alerts of 3h into one incident"
    )


@pytest.mark.parametrize(
    ("duration", "length"),
    [
        ("", "5m"),
        ("duration = {value = 30, unit = 's'}", "5m"),
        ("duration = {value = 400, unit = 'h'}", "7d"),
    ],
)
def test_the_length_is_what_sentinel_takes(duration: str, length: str) -> None:
    rule, _ = written(f"{USER}\n{duration}")
    group = rule["incidentConfiguration"]["groupingConfiguration"]
    assert group["lookbackDuration"] == length


def test_a_template_says_the_same_in_its_own_form() -> None:
    text, _ = sentinel_arm.write(*rendered(f"{USER}\nduration = {{value = 3, unit = 'h'}}"))
    properties = json.loads(text)["resources"][0]["properties"]
    group = properties["incidentConfiguration"]["groupingConfiguration"]
    assert group["lookbackDuration"] == "PT3H"
    assert group["groupByCustomDetails"] == ["UserPrincipalName"]
    assert properties["suppressionEnabled"] is False


def test_a_rule_whose_events_are_one_group_is_suppressed_as_a_whole() -> None:
    threshold = "\n[rule.threshold]\nfield = []\nvalue = 5\n"
    rule, remarks = written("duration = {value = 30, unit = 'h'}", "threshold", threshold)
    assert (rule["suppressionDuration"], rule["suppressionEnabled"]) == ("1d", True)
    assert remarks == ()


def test_a_field_that_the_query_does_not_return_is_said() -> None:
    rule, (remark,) = written('group_by = ["source.geo.city_name"]')
    assert "incidentConfiguration" not in rule
    assert remark.code == "suppression-left-out"


def test_a_rule_without_suppression_makes_an_incident_of_each_alert() -> None:
    rule, remarks = written("")
    assert "incidentConfiguration" not in rule
    assert remarks == ()


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (None, None),
        ({"group_by": ["a", "b"]}, Suppression(("a", "b"), None)),
        (
            {"duration": {"value": 2, "unit": "m"}},
            Suppression((), timedelta(minutes=2)),
        ),
    ],
)
def test_the_section_of_an_elastic_rule_is_read(
    section: object, expected: Suppression | None
) -> None:
    assert suppression_of(section) == expected
