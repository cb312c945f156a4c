from __future__ import annotations

from typing import Any

import pytest
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError

from converter.ir import ALWAYS, FieldType, Filter, Schema
from converter.languages.kusto import check, lint
from converter.languages.sigma import lower
from harness.engines.predicate import evaluate
from sigma.sigmaproof.loader import LoadedRules
from tests.oracles.kusto.binder import bind
from tests.sigma.backends import kusto_table
from tests.sigma.backends.kusto_table import cases, ids_of, rendered, rule_of, schema

CONDITIONS = cases("kusto_conditions.yml")
REFUSALS = cases("kusto_refusals.yml")
SIGMA_TYPES = {
    "b": FieldType.BOOLEAN,
    "m": FieldType.LONG,
    "n": FieldType.LONG,
    "r": FieldType.DOUBLE,
}


def text_of(case: dict[str, Any]) -> str:
    return rendered(rule_of(case["detection"], case.get("not", False)))[0]


def operators_of(text: str) -> list[str]:
    """Return the conditions of the text, each on one line."""
    lines = [line for line in text.splitlines() if not line.startswith("//")]
    joined = "\n".join(lines).replace("\n    ", " ").replace("( ", "(")
    return [line.removeprefix("| where ") for line in joined.splitlines()[1:]]


@pytest.mark.parametrize("case", CONDITIONS, ids=lambda case: case["name"])
def test_a_condition_is_written_and_finds_these_rows(case: dict[str, Any]) -> None:
    text = text_of(case)
    if "where" in case:
        assert operators_of(text) == case["where"]
    assert ids_of(text) == case["ids"]


@pytest.mark.parametrize("case", CONDITIONS, ids=lambda case: case["name"])
def test_a_condition_means_what_sigma_means(case: dict[str, Any]) -> None:
    if case.get("sigma") == "skip":
        return  # the case says why, and its note is tested below
    rule = rule_of(case["detection"], case.get("not", False))
    plan = lower(LoadedRules(SigmaCollection([rule])), {}, ALWAYS, Schema(SIGMA_TYPES))
    assert isinstance(plan, Filter)
    found = [
        number
        for number, document in kusto_table.documents().items()
        if evaluate(plan.predicate, document) is True
    ]
    assert found == case["ids"]


@pytest.mark.parametrize("case", CONDITIONS, ids=lambda case: case["name"])
def test_a_loss_is_noted_and_nothing_else(case: dict[str, Any]) -> None:
    notes = rendered(rule_of(case["detection"], case.get("not", False)))[1]
    assert [code for code, _ in notes] == ([case["note"]] if "note" in case else [])


@pytest.mark.parametrize("case", CONDITIONS, ids=lambda case: case["name"])
def test_a_condition_passes_our_checks(case: dict[str, Any]) -> None:
    text = text_of(case)
    assert check(text, schema()) == ()
    assert lint(text, schema()) == ()


def test_every_condition_passes_microsofts_binder() -> None:
    answers = bind([(text_of(case), schema()) for case in CONDITIONS])
    refused = {
        case["name"]: answer.findings
        for case, answer in zip(CONDITIONS, answers, strict=True)
        if answer.findings
    }
    assert refused == {}


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case["name"])
def test_a_condition_is_refused_with_its_reason(case: dict[str, Any]) -> None:
    with pytest.raises(SigmaError) as refusal:
        text_of(case)
    assert str(refusal.value) == case["message"]
