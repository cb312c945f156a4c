"""Values that events of two sources write differently: a rule may write either, and finds both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from converter.port import ImportOptions, read_rules
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import Agrees, RuleResult

CHANNELS = {
    "Security": (4688, "NewProcessName", "MandatoryLabel"),
    "Microsoft-Windows-Sysmon/Operational": (1, "Image", "IntegrityLevel"),
}


def event(number: int, channel: str, level: str) -> dict[str, object]:
    code, image, label = CHANNELS[channel]
    time = {"#attributes": {"SystemTime": f"2026-01-01T00:00:0{number}Z"}}
    system = {"Channel": channel, "EventID": code, "EventRecordID": number, "TimeCreated": time}
    data = {image: r"C:\a.exe", label: level}
    return {"Event": {"System": system, "EventData": data}}


@pytest.mark.parametrize(
    ("levels", "alerts"), [("High", 2), ("s-1-16-12288", 2), ("[High, System]", 3), ("Hig*", 1)]
)
@pytest.mark.parametrize("target", ["sentinel", "lucene"])
def test_an_integrity_level_is_found_by_its_name_and_by_its_sid(
    levels: str, alerts: int, target: str, tmp_path: Path
) -> None:
    text = f"""
title: One rule
id: 9d0c1f0e-6f0d-4c5a-8a53-5d0f4b1f2b16
logsource: {{product: windows, category: process_creation}}
detection: {{selection: {{IntegrityLevel: {levels}}}, condition: selection}}
level: low
"""
    sysmon = "Microsoft-Windows-Sysmon/Operational"
    events = [
        event(1, "Security", "S-1-16-12288"),
        event(2, "Security", "S-1-16-16384"),
        event(3, "Security", "S-1-16-8192"),
        event(4, sysmon, "High"),
        event(5, sysmon, "Medium"),
    ]
    path = tmp_path / "events.ndjson"
    path.write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
    rules = read_rules(text, "rule.yml", ImportOptions())
    steps = verify(rules, [Claim(target)], [str(path)], Options())
    (result,) = (step for step in steps if isinstance(step, RuleResult))
    assert result.targets[0].verdict == Agrees()
    assert result.targets[0].alerts == alerts
