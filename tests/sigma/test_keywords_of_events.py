"""Keywords on tables of an event log: a word in any value of the event is found, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sigma.pipelines.azuremonitor.tables import AZURE_MONITOR_TABLES

from converter.placement import placed, render_placed
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import Agrees, Differs, RuleResult, TargetResult
from tests.oracles.kusto.binder import bind

SENTINEL = target_named("sentinel")
SCHEMA = {
    name: {column: str(one["data_type"]) for column, one in AZURE_MONITOR_TABLES[name].items()}
    for name in ("Event", "SecurityEvent", "WindowsEvent")
}
TABLES = [("WindowsEvent", "system"), ("Event", "system"), ("SecurityEvent", "security")]


def rule(keyword: str, service: str, table: str) -> PortableRule:
    text = f"""
title: One rule
id: 9d0c1f0e-6f0d-4c5a-8a53-5d0f4b1f2b12
logsource: {{product: windows, service: {service}}}
detection:
  words: [{json.dumps(keyword)}]
  condition: words
level: low
"""
    (found,) = read_rules(text, "rule.yml", ImportOptions(tables=(table,)))
    return found


def judged(one: PortableRule, logs: list[str], text: str | None = None) -> TargetResult:
    (result,) = (
        step
        for step in verify([one], [Claim("sentinel", text)], logs, Options())
        if isinstance(step, RuleResult)
    )
    return result.targets[0]


def log(folder: Path, service: str, data: list[dict[str, Any]]) -> list[str]:
    path = folder / "events.ndjson"
    lines = [
        {
            "Event": {
                "System": {
                    "Channel": service.title(),
                    "EventID": 4697,
                    "EventRecordID": number,
                    "TimeCreated": {"#attributes": {"SystemTime": f"2026-01-01T00:00:0{number}Z"}},
                },
                "EventData": one,
            }
        }
        for number, one in enumerate(data)
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return [str(path)]


@pytest.mark.parametrize(("table", "service"), TABLES)
@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("mimikatz", r"C:\MimiKatz.exe"),
        (r"\temp\a", r"C:\Temp\a.exe"),
        ('"a*" <b>', 'x "a & é" <b>'),
    ],
)
def test_a_keyword_is_found_in_any_value_of_an_event(
    keyword: str, value: str, table: str, service: str, tmp_path: Path
) -> None:
    one = rule(keyword, service, table)
    logs = log(
        tmp_path, service, [{"ServiceFileName": value}, {"ServiceName": value, "Status": "x"}]
    )
    result = judged(one, logs)
    assert result.verdict == Agrees()
    assert result.alerts == 2
    text = render_placed(placed(one, SENTINEL), SENTINEL).text
    (answer,) = bind([(text, SCHEMA)])
    assert answer.findings == ()


@pytest.mark.parametrize(("table", "service"), TABLES[:2])
@pytest.mark.parametrize(
    ("keyword", "data"),
    [
        ("iceFile", {"ServiceFileName": "x"}),
        ("nail", {"ServiceFileName": "C:\\a\nail"}),
        ("amp", {"ServiceFileName": "a & b"}),
        ("x*y", {"ServiceFileName": "x", "ServiceName": "y"}),
    ],
)
def test_names_and_marks_of_the_data_are_no_values(
    keyword: str, data: dict[str, Any], table: str, service: str, tmp_path: Path
) -> None:
    found = {"ServiceFileName": keyword.replace("*", "")}
    result = judged(rule(keyword, service, table), log(tmp_path, service, [data, found]))
    assert result.verdict == Agrees()
    assert result.alerts == 1


@pytest.mark.parametrize(("table", "service"), TABLES)
def test_made_events_have_the_keyword_in_a_field_that_nobody_lists(
    table: str, service: str
) -> None:
    one = rule("mimikatz", service, table)
    assert judged(one, []).verdict == Agrees()
    listed = {
        "WindowsEvent": 'Channel == "System" and (Computer contains "mimikatz" or Provider contains "mimikatz"'
        ' or EventRecordId contains "mimikatz" or Keywords contains "mimikatz" or SystemUserId contains "mimikatz")',
        "Event": 'EventLog == "System" and (Computer contains "mimikatz" or Source contains "mimikatz")',
        "SecurityEvent": 'Channel == "Security" and (Computer contains "mimikatz" or'
        ' EventSourceName contains "mimikatz" or NewProcessName contains "mimikatz")',
    }
    assert isinstance(judged(one, [], f"{table} | where {listed[table]}").verdict, Differs)


def test_where_columns_hold_names_in_a_text_an_expression_is_refused() -> None:
    text = """
title: One rule
id: 9d0c1f0e-6f0d-4c5a-8a53-5d0f4b1f2b13
logsource: {product: windows, service: system}
detection: {words: {"|re": "mimi.*"}, condition: words}
level: low
"""
    (one,) = read_rules(text, "rule.yml", ImportOptions())
    result = judged(one, [])
    assert "cannot be looked for in WindowsEvent.EventData" in str(result.verdict)


def test_a_keyword_on_columns_that_the_pack_lists_carries_a_warning() -> None:
    text = """
title: One rule
id: 9d0c1f0e-6f0d-4c5a-8a53-5d0f4b1f2b14
logsource: {product: azure, service: signinlogs}
detection: {words: [mimikatz], condition: words}
level: low
"""
    (one,) = read_rules(text, "rule.yml", ImportOptions())
    codes = {d.code for d in judged(one, []).diagnostics if d.severity.value == "warning"}
    assert codes == {"keyword-partly"}
