"""The stock Kusto backend on minimal rules: each of its faults is found, and our text has none of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.port import ImportOptions, PortableRule, read_rules
from converter.schema_files.declared import DeclaredTypes
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import Invalid, RuleResult, TargetResult, word
from sigma.sigmaproof.ecs import FieldTypes
from tests.sigma.backends.kusto_table import cases

CASES = cases("kusto_stock_faults.yml")
TYPES = {"F": "keyword", "G": "keyword", "N": "long", "B": "boolean", "ip": "ip", "tags": "keyword"}
DECLARED = DeclaredTypes(
    FieldTypes(TYPES, frozenset({"tags"})), origins=dict.fromkeys(TYPES, ("x",))
)


def _rule(case: dict[str, Any]) -> PortableRule:
    detection = {"selection": case["detection"], "condition": "selection"}
    if case.get("not"):
        detection["condition"] = "not selection"
    document = {
        "title": "A rule",
        "id": "6f0f1d0a-0f3c-4b5e-9a0a-1f6f2f7d2c11",
        "status": "test",
        "logsource": {"category": "test"},
        "detection": detection,
    }
    (rule,) = read_rules(yaml.safe_dump(document), "rule.yml", ImportOptions(declared=DECLARED))
    return rule


def _results(case: dict[str, Any], folder: Path) -> tuple[TargetResult, ...]:
    claims = [Claim("pysigma:kusto"), Claim("kusto-ecs")]
    logs = []
    if "event" in case:
        log = folder / "log.ndjson"
        log.write_text(json.dumps({"@timestamp": "2026-01-01T00:00:00Z", **case["event"]}))
        logs.append(str(log))
    options = Options(foreign_fields="ecs", makes_events=True)
    (result,) = [
        step
        for step in verify([_rule(case)], claims, logs, options)
        if isinstance(step, RuleResult)
    ]
    return result.targets


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["fault"])
def test_a_fault_of_the_stock_backend_is_found(case: dict[str, Any], tmp_path: Path) -> None:
    stock, ours = _results(case, tmp_path)
    assert word(stock.verdict) == case["verdict"], stock.text
    if "code" in case:
        assert isinstance(stock.verdict, Invalid)
        assert stock.verdict.reason.code == case["code"]
    assert word(ours.verdict) == case.get("ours", "agrees"), ours.text
