"""Rules on event logs in tables: a part for each table and the events whose fields it holds alike."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from converter.errors import Unsupported
from converter.placement import PlacedRule, placed, render_placed
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from converter.render import RenderedQuery
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import Agrees, RuleResult

SENTINEL = target_named("sentinel")
SYSMON = "Microsoft-Windows-Sysmon/Operational"


@dataclass(frozen=True)
class Case:
    """A rule, the lines that its text has, and those that it has not."""

    log_source: str
    detection: str
    lines: tuple[str, ...]
    not_in: tuple[str, ...] = ()
    tables: tuple[str, ...] = field(default=())


CASES = {
    "a category that two channels feed": Case(
        "category: process_creation",
        r"{Image|endswith: '\a.exe', CommandLine|contains: x}",
        (
            "union",
            "(WindowsEvent",
            f'| where Channel == "{SYSMON}"',
            "| where EventID == 1",
            r'| where tostring(EventData.Image) endswith @"\a.exe"',
            "(SecurityEvent",
            '| where Channel == "Security"',
            "| where EventID == 4688",
            r'| where NewProcessName endswith @"\a.exe"',
        ),
    ),
    "a field that one of them never has": Case(
        "category: process_creation",
        "{OriginalFileName: a.exe}",
        ("WindowsEvent", '| where tostring(EventData.OriginalFileName) =~ "a.exe"'),
        ("union", "SecurityEvent"),
    ),
    "the user of a process, whom one of them has in two fields": Case(
        "category: process_creation",
        "{User|contains: SYSTEM}",
        (
            '| where tostring(EventData.User) contains "SYSTEM"',
            '| where SubjectAccount contains "SYSTEM"',
        ),
    ),
    "the user where each table has two fields": Case(
        "category: process_creation",
        "{User|contains: SYSTEM}",
        (
            '| where tostring(EventData.User) contains "SYSTEM"',
            '| where SubjectDomainNameAndUser contains "SYSTEM"',
        ),
        ("SecurityEvent",),
        ("WindowsEvent",),
    ),
    "the log Security": Case(
        "service: security",
        "{EventID: 4624, LogonType: 3}",
        ("SecurityEvent", "| where EventID == 4624", "| where LogonType == 3"),
        ("WindowsEvent",),
    ),
    "data without a column of its own": Case(
        "service: security",
        "{EventID: 4769, TicketEncryptionType: '0x17'}",
        ("WindowsEvent", '| where tostring(EventData.TicketEncryptionType) =~ "0x17"'),
        ("SecurityEvent",),
    ),
    "the table that the user has": Case(
        "service: security",
        "{EventID: 4624, LogonType: 3}",
        ("WindowsEvent", '| where tostring(EventData.LogonType) == "3"'),
        ("SecurityEvent",),
        ("WindowsEvent",),
    ),
    "channels that a table holds alike": Case(
        "category: ps_script",
        "{ScriptBlockText|contains: x}",
        ("WindowsEvent", '| where tostring(EventData.ScriptBlockText) contains "x"'),
        ("union",),
    ),
    "what documents do not keep": Case(
        "category: ps_module",
        "{Payload|contains: x}",
        ('| where tostring(EventData.Payload) contains "x"',),
    ),
    "a log source that a field tells": Case(
        "category: registry_add",
        r"{TargetObject|contains: \Run}",
        (
            "| where EventID == 12",
            '| where tostring(EventData.EventType) in ("CreateKey", "CreateValue")',
        ),
    ),
    "data without names": Case(
        "category: ps_classic_start",
        "{Data|contains: HostVersion=3}",
        ("WindowsEvent", "| where EventID == 400"),
        ("EventData.param1",),
    ),
    "a name with a space": Case(
        "service: windefend",
        "{ThreatName|contains: Mimi}",
        ("| where tostring(EventData['Threat Name']) contains \"Mimi\"",),
    ),
    "hashes, which stand in one text": Case(
        "category: driver_load",
        "{Hashes|contains: 'MD5=0123'}",
        ('| where tostring(EventData.Hashes) contains "MD5=0123"',),
    ),
}


def rule(log_source: str, detection: str, tables: tuple[str, ...] = ()) -> PortableRule:
    text = f"""
title: One rule
logsource: {{product: windows, {log_source}}}
detection:
  selection: {detection}
  condition: selection
"""
    (found,) = read_rules(text, "rule.yml", ImportOptions(tables=tables))
    return found


def elastic(query: str) -> PortableRule:
    text = f"""
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
query = '''{query}'''
"""
    (found,) = read_rules(text, "rule.toml", ImportOptions())
    return found


def rendered(one: PortableRule) -> RenderedQuery:
    there: PlacedRule = placed(one, SENTINEL)
    return render_placed(there, SENTINEL)


def lines_of(one: PortableRule) -> list[str]:
    lines = [line.strip() for line in rendered(one).text.splitlines()]
    return [line for line in lines if not line.startswith("//")]


def is_right(one: PortableRule) -> bool:
    (result,) = (
        step
        for step in verify([one], [Claim("sentinel")], (), Options())
        if isinstance(step, RuleResult)
    )
    return result.targets[0].verdict == Agrees()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_rule_reads_the_tables_of_its_events(case: Case) -> None:
    lines = lines_of(rule(case.log_source, case.detection, case.tables))
    assert [line for line in case.lines if line not in lines] == [], lines
    text = "\n".join(lines)
    assert [part for part in case.not_in if part in text] == [], lines


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_tables_detect_what_the_rule_does(case: Case) -> None:
    assert is_right(rule(case.log_source, case.detection, case.tables))


ELASTIC = {
    "an event that one table keeps with all fields": (
        'event.code: "4674" and event.category: iam and winlog.event_data.AccessMask: "512"',
        ("SecurityEvent", "| where EventID == 4674", '| where AccessMask =~ "512"'),
    ),
    "a kind of event, which its code tells": (
        "event.category: process and powershell.file.script_block_text: Get-Clipboard",
        ("WindowsEvent", "| where EventID == 4104"),
    ),
    "a user in the role that the event gives": (
        'event.action: logged-in and user.id: "S-1-5-18"',
        ("SecurityEvent", "| where EventID == 4624", '| where TargetUserSid == "S-1-5-18"'),
    ),
    "data that the pack lists, for its name in Sigma": (
        'event.code: "1" and winlog.event_data.Company: a',
        ("WindowsEvent", '| where tostring(EventData.Company) == "a"'),
    ),
    "data that no table has a column for": (
        'event.code: "5136" and winlog.event_data.ObjectDN: "CN=x"',
        ("WindowsEvent", "| where EventID == 5136"),
    ),
}


@pytest.mark.parametrize(("query", "wanted"), ELASTIC.values(), ids=ELASTIC)
def test_a_rule_under_ecs_names_reads_the_event(query: str, wanted: tuple[str, ...]) -> None:
    lines = lines_of(elastic(query))
    assert [line for line in wanted if line not in lines] == [], lines


@pytest.mark.parametrize(("query", "wanted"), ELASTIC.values(), ids=ELASTIC)
def test_it_detects_the_same_there(query: str, wanted: tuple[str, ...]) -> None:
    assert is_right(elastic(query))


def test_a_value_that_the_code_tells_is_not_missing() -> None:
    found = rendered(elastic('event.code: "4674" and event.category: iam')).diagnostics
    (absent,) = (one.message for one in found if one.code == "mapping-absent")
    assert absent.startswith("event.category: no column in ")
    assert "4674" not in absent


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("powershell.file.script_block_length > 5", "Elastic computes it from the script text"),
        ("message: x", "not the text that Windows renders from it"),
    ],
)
def test_what_no_table_holds_is_refused_with_the_reason(query: str, reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        rendered(elastic(query))
