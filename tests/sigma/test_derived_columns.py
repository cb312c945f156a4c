"""A field that a table of values derives from a column is compared as the column, where that says the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError

from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend
from sigma.sigmaproof.mapping_reader import pack_from_text
from sigma.sigmaproof.pack_pipelines import tables_pipeline

CASES = Path(__file__).parents[1] / "data" / "cases" / "mapping-errors.yml"
RULE = """
title: Demo
logsource: {{product: demo, service: audit}}
detection:
  selection: {{"{item}": {value}}}
  condition: selection
"""


def where(item: str, value: str, cases: str, notes: list[str] | None = None) -> str:
    valid = str(yaml.safe_load(CASES.read_text(encoding="utf-8"))["valid"])
    text = valid.replace(
        "  - {ecs: demo.admin",
        f"  - {{ecs: event.outcome, sigma: Outcome, column: Detail, {cases}}}\n  - {{ecs: demo.admin",
    )
    rule = RULE.format(item=item, value=value)
    backend = SigmaproofKustoBackend(tables_pipeline(pack_from_text(text, "demo"), "sentinel"))
    (found,) = backend.convert(SigmaCollection.from_yaml(rule))
    if notes is not None:
        notes += [code for code, _ in backend.notes]
    return str(found).partition("| where ")[2].strip()


@pytest.mark.parametrize(
    ("item", "value", "gives"),
    [
        ("Outcome|cased", "success", 'Detail in ("OK", "ok")'),
        ("Outcome", "SUCCESS", 'Detail in ("OK", "ok")'),
        ("Outcome|cased", "failure", 'Detail == "bad"'),
        ("Outcome|cased|contains", "succ", 'Detail in ("OK", "ok")'),
        ("Outcome|endswith", "URE", 'Detail == "bad"'),
        ("Outcome|contains", "u", 'case(Detail in ("OK", "ok")'),
        ("Outcome", "'*'", 'isnotempty(case(Detail in ("OK", "ok")'),
    ],
)
def test_texts_that_mean_the_value_are_compared(item: str, value: str, gives: str) -> None:
    assert where(item, value, "cases: {OK: success, ok: success, bad: failure}").startswith(gives)


@pytest.mark.parametrize(
    ("value", "gives"),
    [
        ("success", 'Detail in ("OK", "")'),
        ("partial", 'Detail == "some"'),
        ("failure", 'Detail !in ("OK", "", "some")'),
    ],
)
def test_what_the_table_does_not_list_means_the_other_value(value: str, gives: str) -> None:
    cases = 'cases: {OK: success, "": success, some: partial, bad: failure}, otherwise: failure'
    assert where("Outcome|cased", value, cases) == gives


def test_a_pattern_that_no_value_has_is_refused() -> None:
    with pytest.raises(SigmaError, match=r"field Outcome is never \*denied\*"):
        where("Outcome|contains", "denied", "cases: {OK: success}, otherwise: failure")
