"""Every rule of SEMANTICS.md on events: the cases are data, `evaluate` is the judge."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.errors import Unsupported
from converter.ir import (
    ALWAYS,
    And,
    Atom,
    FieldType,
    Filter,
    OneOf,
    Predicate,
    Schema,
    View,
)
from converter.languages import sigma
from harness.engines.predicate import evaluate
from sigma.sigmaproof.loader import LoadedRules, load_documents

_CASES = Path(__file__).parents[2] / "data" / "cases"
_SEMANTICS = Path(sigma.__file__).parent / "SEMANTICS.md"
Case = Mapping[str, Any]


def _cases() -> list[Case]:
    names = ("fields_and_text", "types", "modifiers_and_conditions")
    return [
        case
        for name in names
        for case in yaml.safe_load((_CASES / f"sigma_{name}.yml").read_text(encoding="utf-8"))
    ]


def _identity(case: Case) -> str:
    return f"{case['rule']}: {case['case']}"


def _load(detection: object) -> LoadedRules:
    has_condition = isinstance(detection, dict) and "condition" in detection
    section = detection if has_condition else {"selection": detection, "condition": "selection"}
    rule = {"title": "case", "logsource": {"product": "test"}, "detection": section}
    return load_documents(yaml.safe_dump(rule), "case.yml")


def _lower(case: Case) -> Predicate:
    types = {name: FieldType(kind) for name, kind in case.get("types", {}).items()}
    source = [
        Atom(field, View.TEXT, OneOf((value,)))
        for field, value in case.get("log_source", {}).items()
    ]
    log_source = And(tuple(source)) if source else ALWAYS
    plan = sigma.lower(_load(case["detection"]), case.get("fields", {}), log_source, Schema(types))
    assert isinstance(plan, Filter)
    return plan.predicate


@pytest.mark.parametrize("case", [one for one in _cases() if "true" in one], ids=_identity)
def test_a_detection_is_true_for_the_events_that_its_rule_says(case: Case) -> None:
    predicate = _lower(case)

    truths = {
        expected: [evaluate(predicate, document) for document in case[expected]]
        for expected in ("true", "false")
    }

    assert truths == {"true": [True] * len(case["true"]), "false": [False] * len(case["false"])}


@pytest.mark.parametrize("case", [one for one in _cases() if "refused" in one], ids=_identity)
def test_what_cannot_be_said_is_refused_by_name(case: Case) -> None:
    with pytest.raises(Unsupported, match=re.escape(case["refused"])):
        _lower(case)


def test_every_rule_about_one_event_has_a_case() -> None:
    rules = re.findall(
        r"^\*\*(SIGMA-\d+)\*\*", _SEMANTICS.read_text(encoding="utf-8"), re.MULTILINE
    )

    about_correlations = {"SIGMA-15", "SIGMA-18", "SIGMA-23", *_rules_of_correlations()}
    assert {case["rule"] for case in _cases()} == set(rules) - about_correlations


def _rules_of_correlations() -> set[str]:
    """Return the rules that the cases of correlations name."""
    found = yaml.safe_load((_CASES / "correlations.yml").read_text(encoding="utf-8"))
    return {case["about"].split()[0] for cases in found.values() for case in cases}


def test_an_equality_list_is_one_test() -> None:
    predicate = _lower({"detection": {"A|cased": ["x", "y", "x"]}})

    assert predicate == Atom("A", View.TEXT, OneOf(("x", "y")))
