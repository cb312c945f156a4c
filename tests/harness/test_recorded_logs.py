"""Documents given for tables that keep events as they were recorded: a result without evidence says why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from converter.port import ImportOptions, read_rules
from harness.recorded_logs import NOT_RECORDED
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import Agrees, NoEvidence, RuleResult, TargetResult

SYSMON = "Microsoft-Windows-Sysmon/Operational"
RULE = r"""
title: One rule
logsource: {product: windows, category: process_creation}
detection:
  selection: {Image|endswith: '\a.exe'}
  condition: selection
"""
DOCUMENT = {
    "@timestamp": "2026-01-01T00:00:00Z",
    "winlog": {"channel": SYSMON},
    "event": {"code": "1"},
    "process": {"executable": "C:\\a.exe"},
}
RECORDED = {
    "Event": {
        "System": {
            "Channel": SYSMON,
            "EventID": 1,
            "TimeCreated": {"#attributes": {"SystemTime": "2026-01-01T00:00:00Z"}},
        },
        "EventData": {"Image": "C:\\b.exe"},
    }
}
FOUND = {"Event": {**RECORDED["Event"], "EventData": {"Image": "C:\\a.exe"}}}


def judged(folder: Path, target: str, *events: Mapping[str, object]) -> TargetResult:
    log = folder / "events.ndjson"
    log.write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
    (rule,) = read_rules(RULE, "rule.yml", ImportOptions())
    steps = verify([rule], [Claim(target)], [str(log)], Options())
    (result,) = (step for step in steps if isinstance(step, RuleResult))
    return result.targets[0]


def reasons(result: TargetResult) -> list[str]:
    return [one.message for one in result.diagnostics if one.code == NOT_RECORDED]


def test_documents_are_no_evidence_and_the_result_says_what_is(tmp_path: Path) -> None:
    result = judged(tmp_path, "sentinel", DOCUMENT, RECORDED)
    assert result.verdict == NoEvidence()
    (reason,) = reasons(result)
    assert reason.startswith("1 of 2 events are documents; ")
    (hint,) = (one.hint for one in result.diagnostics if one.code == NOT_RECORDED)
    assert '{"Event": {...}}' in hint


@pytest.mark.parametrize(
    ("target", "events", "verdict"),
    [
        ("sentinel", [DOCUMENT, FOUND], Agrees()),
        ("sentinel", [RECORDED], NoEvidence()),
        ("kuery", [DOCUMENT], Agrees()),
    ],
    ids=["evidence beside it", "recorded events only", "a target on documents"],
)
def test_nothing_is_said_where_documents_are_not_why(
    tmp_path: Path, target: str, events: list[dict[str, object]], verdict: object
) -> None:
    result = judged(tmp_path, target, *events)
    assert result.verdict == verdict
    assert reasons(result) == []
