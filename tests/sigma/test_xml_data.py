"""Windows events whose table keeps their data as XML text: the table Event of Azure Monitor."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sigma.pipelines.azuremonitor.tables import AZURE_MONITOR_TABLES

from converter.errors import Unsupported
from converter.placement import placed, render_placed
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from harness.engines.kusto_store import Store, StoredTable
from harness.engines.kusto_text import INGESTION_COLUMN
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import Agrees, NoEvidence, RuleResult, TargetResult
from sigma.sigmaproof.xml_data import DEFINITION, column_of, element, read
from tests.oracles.kusto.binder import bind

SENTINEL = target_named("sentinel")
SYSMON = "Microsoft-Windows-Sysmon/Operational"
TABLES = {
    name: {column: str(one["data_type"]) for column, one in AZURE_MONITOR_TABLES[name].items()}
    for name in ("Event", "SecurityEvent")
}


@dataclass(frozen=True)
class Case:
    """An element as it stands in the column, and what a query reads of it."""

    xml: str
    value: str
    name: str = "Image"


CASES = {
    "plain": Case(r'<Data Name="Image">C:\a b\c.exe</Data>', r"C:\a b\c.exe"),
    "the named entities": Case('<Data Name="Image">&lt;&gt;&quot;&apos;&amp;</Data>', "<>\"'&"),
    "an entity that the event itself has": Case(
        '<Data Name="Image">&amp;lt; &amp;#13;</Data>', "&lt; &#13;"
    ),
    "one inside another": Case('<Data Name="Image">&amp;amp;lt;</Data>', "&amp;lt;"),
    "numbers of characters": Case(
        '<Data Name="Image">&#13;&#10;&#9;&#34;&#39;</Data>', "\r\n\t\"'"
    ),
    "hexadecimal ones": Case('<Data Name="Image">&#xD;&#xa;&#x9;&#x22;&#x27;</Data>', "\r\n\t\"'"),
    "quotes as they are": Case("""<Data Name="Image">"a" 'b' ></Data>""", "\"a\" 'b' >"),
    "line breaks as they are": Case('<Data Name="Image">a\nb</Data>', "a\nb"),
    "empty": Case('<Data Name="Image"></Data>', ""),
    "closed at once": Case('<Data Name="Image" /><Data Name="Other">x</Data>', ""),
    "closed at once, without a blank": Case('<Data Name="Image"/>', ""),
    "absent": Case('<Data Name="Other">x</Data>', ""),
    "another element ends alike": Case(
        '<Data Name="ParentImage">x</Data><Data Name="Image">y</Data>', "y"
    ),
    "a value that looks like an element": Case(
        '<Data Name="A">&lt;Data Name="Image">x&lt;/Data></Data><Data Name="Image">y</Data>', "y"
    ),
    "a name with what expressions and XML mean something by": Case(
        '<Data Name="a.b (c) &amp; d">x</Data>', "x", "a.b (c) & d"
    ),
    "a name is no expression": Case('<Data Name="axb">x</Data>', "", "a.b"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_text_of_an_element_is_read_exactly(case: Case) -> None:
    text = f"<DataItem><EventData>{case.xml}</EventData></DataItem>"
    now = datetime(2026, 1, 1, tzinfo=UTC)
    columns = {"EventData": "string", INGESTION_COLUMN: "datetime"}
    table = StoredTable("Event", columns, [(text, now)])
    query = f"Event | project Found = {read(element('EventData', case.name))}"
    with Store([table]) as store:
        result = store.query("\n".join([*DEFINITION, query]), now)
    assert result.rows == ((case.value,),)


def test_no_two_elements_have_one_column() -> None:
    names = ["Computer", "computer", "Data_Computer", "Data_computer", "Image", "Threat Name"]
    columns = [column_of(name, ["Computer", "EventID"]) for name in names]
    assert len({*columns}) == len(names)
    assert "Computer" not in columns
    assert columns[-2:] == ["Image", "Threat Name"]


def rule(detection: str, log_source: str, *tables: str, more: str = "") -> PortableRule:
    text = f"""
title: One rule
id: 9d0c1f0e-6f0d-4c5a-8a53-5d0f4b1f2b11
logsource: {{product: windows, {log_source}}}
detection:
  selection: {detection}
  condition: selection
level: low
{more}"""
    (found,) = read_rules(text, "rule.yml", ImportOptions(tables=tables or ("Event",)))
    return found


def text_of(one: PortableRule, output_format: str = "default") -> str:
    return render_placed(placed(one, SENTINEL), SENTINEL, output_format).text


def judged(one: PortableRule, logs: list[str]) -> TargetResult:
    (result,) = (
        step
        for step in verify([one], [Claim("sentinel")], logs, Options())
        if isinstance(step, RuleResult)
    )
    return result.targets[0]


def test_a_query_reads_each_element_once() -> None:
    lines = text_of(
        rule(r"{Image|endswith: '\a.exe', CommandLine|contains: User}", "service: sysmon")
    ).splitlines()
    query = lines[lines.index("Event") :]
    assert query == [
        "Event",
        f'| where EventLog == "{SYSMON}"',
        """| extend Image = xml_text(extract(@'<Data Name="Image">([^<]*)</Data>', 1, EventData))""",
        r'| where Image endswith @"\a.exe"',
        """| extend CommandLine = xml_text(extract(@'<Data Name="CommandLine">([^<]*)</Data>', 1, EventData))""",
        '| where CommandLine contains "User"',
    ]
    assert [line for line in lines if line in DEFINITION] == [*DEFINITION]


RULES = {
    "a category that two channels feed": (
        r"{Image|endswith: '\a.exe', CommandLine|contains: x}",
        "category: process_creation",
        ("Event",),
    ),
    "with the other channel in its own table": (
        r"{Image|endswith: '\a.exe', CommandLine|contains: x, User|contains: SYSTEM}",
        "category: process_creation",
        ("Event", "SecurityEvent"),
    ),
    "a user in two fields": (
        r"{User: 'LAB\bob', CommandLine|contains: x}",
        "category: process_creation",
        ("Event",),
    ),
    "a field that the other table stores": (
        "{ProcessName: a.exe, EventID: 4656}",
        "service: security",
        ("Event", "SecurityEvent"),
    ),
    "a field that only the other table's events are asked for": (
        "[{OriginalFileName: a}, {NewProcessName: b, SubjectUserName: c}]",
        "category: process_creation",
        ("Event", "SecurityEvent"),
    ),
    "two spellings of a name": (
        "{SourceProcessGuid: a, TargetImage: b}",
        "category: process_access",
        ("Event",),
    ),
    "a name that the table stores": ("{Computer: a}", "service: system", ("Event",)),
    "a name with a space": ("{ThreatName|contains: Mimi}", "service: windefend", ("Event",)),
    "no value": ("{Image: null, CommandLine: x}", "service: sysmon", ("Event",)),
    "a number as text": ("{DestinationPort: 443}", "category: network_connection", ("Event",)),
    "a network": ("{DestinationIp|cidr: 10.0.0.0/8}", "category: network_connection", ("Event",)),
    "an expression": ("{CommandLine|re: 'a<b>\"c'}", "service: sysmon", ("Event",)),
    "two fields": ("{Image|fieldref: ParentImage}", "service: sysmon", ("Event",)),
    "what XML writes otherwise": (
        """{CommandLine|contains: "<a> & \\"b\\" 'c' &lt; &amp;lt;"}""",
        "service: sysmon",
        ("Event",),
    ),
    "keywords": ("['a<b']", "service: sysmon", ("Event",)),
}


@pytest.mark.parametrize(("detection", "log_source", "tables"), RULES.values(), ids=RULES)
def test_the_table_detects_what_the_rule_does(
    detection: str, log_source: str, tables: tuple[str, ...]
) -> None:
    one = rule(detection, log_source, *tables)
    result = judged(one, [])
    assert result.verdict == Agrees()
    assert result.alerts
    (answer,) = bind([(text_of(one), TABLES)])
    assert answer.findings == ()


def event(code: int, data: dict[str, object]) -> dict[str, object]:
    time = {"#attributes": {"SystemTime": "2026-01-01T00:00:00Z"}}
    system = {"Channel": SYSMON, "EventID": code, "TimeCreated": time}
    return {"Event": {"System": system, "EventData": data}}


def log(folder: Path, *events: dict[str, object]) -> list[str]:
    path = folder / "events.ndjson"
    path.write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
    return [str(path)]


@pytest.mark.parametrize(
    ("detection", "alerts"),
    [
        ("""{CommandLine: "<a> & \\"b\\" 'c' &amp;lt;"}""", 1),
        ("{CommandLine|endswith: '&amp;lt;'}", 1),
        ("{CommandLine|contains: 'amp;'}", 1),
        ("{CommandLine|contains: 'quot'}", 0),
        ("{CommandLine|contains: 'amp;amp'}", 0),
        ("{CommandLine: null}", 2),
        ("{CommandLine|exists: true}", 2),
    ],
)
def test_recorded_events_are_found_by_what_they_say(
    tmp_path: Path, detection: str, alerts: int
) -> None:
    logs = log(
        tmp_path,
        event(1, {"CommandLine": "<a> & \"b\" 'c' &amp;lt;", "Image": "a"}),
        event(1, {"CommandLine": "a b\r\nc", "Image": "a"}),
        event(1, {"Image": "a"}),
        event(1, {"CommandLine": "", "Image": "b"}),
    )
    result = judged(rule(detection, "category: process_creation"), logs)
    assert (result.verdict, result.alerts) == (Agrees() if alerts else NoEvidence(), alerts)


@pytest.mark.parametrize(
    ("detection", "log_source"),
    [
        ("{Data|contains: HostVersion=3}", "category: ps_classic_start"),
        ("{Data|contains: x}", "service: application"),
        ("{Data|contains: x}", "service: bits-client"),
    ],
)
def test_data_without_names_is_refused_with_the_reason(detection: str, log_source: str) -> None:
    with pytest.raises(Unsupported, match="Event keeps data without names as a row of elements"):
        text_of(rule(detection, log_source))


def test_a_rule_file_shows_what_the_events_are_about() -> None:
    one = rule(r"{Image|endswith: '\a.exe'}", "category: file_event")
    text = text_of(one, "scheduled")
    assert text.count("| extend User = ") == 1
    (answer,) = bind([(text, TABLES)])
    assert answer.findings == ()
    assert {"Computer", "User"} <= {name for name, _ in answer.columns}


COUNT = """
---
title: Many processes
correlation:
  type: event_count
  rules: [9d0c1f0e-6f0d-4c5a-8a53-5d0f4b1f2b11]
  group-by: [User]
  timespan: 1h
  condition: {gte: 3}
level: low
"""


def test_events_of_two_channels_are_counted_by_a_user_that_each_has_elsewhere() -> None:
    one = rule("{CommandLine|contains: x}", "category: process_creation", more=COUNT)
    text = text_of(one)
    assert text.count("| extend User = ") == 1
    (answer,) = bind([(text, TABLES)])
    assert answer.findings == ()
    result = judged(one, [])
    assert (result.verdict, result.alerts > 0) == (Agrees(), True)


def test_a_shown_column_that_the_condition_reads_is_computed_once() -> None:
    text = text_of(rule("{User|contains: SYSTEM}", "category: file_event"), "scheduled")
    assert text.count("| extend User = ") == 1
