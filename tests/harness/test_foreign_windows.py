"""Stock backends on Windows rules: by the names in the rule, or by a pipeline to ECS."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from converter.port import ImportOptions, read_rules
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import Agrees, RuleResult, TargetResult, UnsupportedTarget

RULE = """
title: One rule
logsource: {product: windows, category: process_creation}
detection:
  selection: {ITEM}
  condition: selection
"""
EVENT = {
    "Event": {
        "System": {
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "EventID": 1,
            "TimeCreated": {"#attributes": {"SystemTime": "2026-01-01T00:00:00Z"}},
        },
        "EventData": {"Image": "C:\\a\\reg.exe", "User": "NT AUTHORITY\\SYSTEM", "Custom": "x"},
    }
}


def judged(folder: Path, item: str, target: str) -> TargetResult:
    log = folder / "event.json"
    log.write_bytes(orjson.dumps(EVENT, option=orjson.OPT_INDENT_2))
    (rule,) = read_rules(RULE.replace("ITEM", item), "rule.yml", ImportOptions())
    steps = verify([rule], [Claim(target)], [str(log)], Options())
    (result,) = (step for step in steps if isinstance(step, RuleResult))
    (found,) = result.targets
    return found


@pytest.mark.parametrize("target", ["pysigma:eql", "pysigma:eql+windows_ecs", "lucene"])
@pytest.mark.parametrize("item", ["Image|endswith: reg.exe", "Custom: X"])
def test_a_backend_reads_the_names_that_it_writes(tmp_path: Path, item: str, target: str) -> None:
    result = judged(tmp_path, item, target)
    assert (result.verdict, result.alerts) == (Agrees(), 1)


def test_a_name_whose_values_documents_hold_otherwise_needs_a_pipeline(tmp_path: Path) -> None:
    item = "User|endswith: SYSTEM"
    refused = judged(tmp_path, item, "pysigma:eql").verdict
    assert isinstance(refused, UnsupportedTarget)
    assert "field User, which documents hold in another form" in refused.reason.message
    assert refused.reason.hint == "give the backend a pipeline to ECS: BACKEND+windows_ecs"
    assert judged(tmp_path, item, "pysigma:eql+windows_ecs").verdict == Agrees()
