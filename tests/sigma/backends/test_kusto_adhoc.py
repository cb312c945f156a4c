"""What a text of new terms says when no rule of its platform can run it as it stands."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from converter.placement import placed, render_placed
from converter.port import ImportOptions, read_rules
from converter.registry import target_named


@dataclass(frozen=True)
class Case:
    """A schedule, and what the header says of it."""

    target: str
    history: str
    interval: str
    says: tuple[str, ...] = ()


CASES = {
    "a long history at short intervals": Case(
        "sentinel",
        "10d",
        "5m",
        ("every 5m over 10d", "intervals of 1h or more", "use -f sentinel-yaml for a scheduled"),
    ),
    "a history that is too long": Case(
        "sentinel", "20d", "1h", ("every 1h over 20d", "reads 14d at most;")
    ),
    "what a scheduled rule may do": Case("sentinel", "10d", "1h"),
    "a short history": Case("sentinel", "1d", "5m"),
    "a detection of Defender": Case(
        "xdr", "10d", "5m", ("reads so far runs every 1d", "use -f xdr-json")
    ),
    "what a detection may do": Case("xdr", "10d", "1d"),
    "a history that Defender does not keep": Case("xdr", "40d", "1d", ("reads 30d at most",)),
    "a table of no platform": Case("kusto-ecs", "20d", "5m"),
}


def header(case: Case, output_format: str = "default") -> str:
    text = f"""
title: Processes
name: processes
logsource: {{product: windows, category: process_creation}}
detection: {{a: {{CommandLine: x}}, condition: a}}
---
title: A new process
correlation:
  type: new_terms
  rules: [processes]
  group-by: [Image]
  timespan: {case.history}
  lookback: {case.interval}
  interval: {case.interval}
"""
    (rule,) = read_rules(text, "rule.yml", ImportOptions())
    target = target_named(case.target)
    rendered = render_placed(placed(rule, target), target, output_format)
    lines = rendered.text.splitlines()
    return " ".join(line.lstrip("/ ") for line in lines if line.startswith("//"))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_header_says_what_no_rule_can_run(case: Case) -> None:
    found = header(case)
    assert ("ad-hoc use" in found) is bool(case.says)
    assert [part for part in case.says if part not in found] == []


def test_a_rule_file_has_a_schedule_of_its_own() -> None:
    assert "ad-hoc use" not in header(CASES["a history that is too long"], "scheduled")
