"""What no condition of a rule uses decides nothing: neither its tables nor whether it is refused."""

from __future__ import annotations

import pytest
from sigma.rule import SigmaRule

from converter.placement import placed, render_placed
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from sigma.sigmaproof.loader import load_documents

SENTINEL = target_named("sentinel")


def text_of(condition: str, log_source: str = "category: process_creation") -> str:
    return f"""
title: One rule
id: 9d0c1f0e-6f0d-4c5a-8a53-5d0f4b1f2b15
logsource: {{product: windows, {log_source}}}
detection:
  sel_a: {{Image|endswith: '\\a.exe'}}
  sel-b: {{CommandLine: x}}
  signed: {{Signed: 'true'}}
  level: {{IntegrityLevel: High, User: bob}}
  _own: {{CurrentDirectory: x}}
  condition: {condition}
level: low
"""


def read(text: str) -> PortableRule:
    (found,) = read_rules(text, "rule.yml", ImportOptions())
    return found


@pytest.mark.parametrize(
    ("condition", "used"),
    [
        ("sel_a", ["sel_a"]),
        ("sel_a and not (level or sel-b)", ["sel_a", "sel-b", "level"]),
        ("1 of sel*", ["sel_a", "sel-b"]),
        ("all of sel_*|count() > 1", None),
        ("any of them", ["sel_a", "sel-b", "signed", "level"]),
        ("[sel_a, signed]", ["sel_a", "signed"]),
        ("_own", ["_own"]),
    ],
)
def test_detections_stay_that_a_condition_names(condition: str, used: list[str] | None) -> None:
    if used is None:
        with pytest.raises(Exception, match="pipe"):
            load_documents(text_of(condition), "rule.yml")
        return
    (rule,) = load_documents(text_of(condition), "rule.yml").collection.rules
    assert isinstance(rule, SigmaRule)
    assert [*rule.detection.detections] == used


def test_an_unused_field_takes_no_table_away_and_refuses_nothing() -> None:
    text = render_placed(placed(read(text_of("sel_a and not sel-b")), SENTINEL), SENTINEL).text
    assert "(SecurityEvent" in text
    assert "(WindowsEvent" in text
