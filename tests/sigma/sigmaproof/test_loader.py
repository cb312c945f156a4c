"""Sigma files load as pySigma loads them, and what is wrong in one is said in one line."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule

from sigma.sigmaproof.errors import SigmaFileError
from sigma.sigmaproof.loader import load_documents, load_sources
from tests.corpus import shared

_CASES = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "cases" / "sigma_loader.yml").read_text(encoding="utf-8")
)
_EVERY_NTH_RULE = 5


def _contents(collection: SigmaCollection) -> list[dict[str, Any]]:
    return [rule.to_dict() for rule in collection.rules]


@pytest.mark.parametrize("case", _CASES["good"], ids=lambda case: str(case["case"]))
def test_a_standard_file_loads_as_pysigma_loads_it(case: dict[str, str]) -> None:
    random.seed(1)  # pySigma names the detections of a filter at random
    expected = SigmaCollection.from_yaml(case["text"])
    random.seed(1)
    loaded = load_documents(case["text"], "case.yml").collection

    assert [type(rule) for rule in loaded.rules] == [type(rule) for rule in expected.rules]
    assert _detections(loaded) == _detections(expected)
    assert [rule.title for rule in loaded.get_output_rules()] == [
        rule.title for rule in expected.get_output_rules()
    ]


def _detections(collection: SigmaCollection) -> list[tuple[str, object, object]]:
    return [
        (rule.title, rule.to_dict(), None)
        if isinstance(rule, SigmaCorrelationRule)
        else (rule.title, rule.detection, rule.logsource)
        for rule in collection.rules
    ]


def test_rules_of_sigmahq_load_as_pysigma_loads_them() -> None:
    paths = sorted(shared("corpus/sigma-rules").rglob("*.yml"))[::_EVERY_NTH_RULE]
    assert len(paths) > 700

    for path in paths:
        text = path.read_text(encoding="utf-8")
        loaded = load_documents(text, str(path)).collection
        expected = SigmaCollection.from_dicts(list(yaml.load_all(text, yaml.CSafeLoader)))
        assert _contents(loaded) == _contents(expected), path.name
        assert _detections(loaded) == _detections(expected), path.name


@pytest.mark.parametrize("case", _CASES["bad"], ids=lambda case: str(case["case"]))
def test_what_is_wrong_is_said_in_one_line(case: dict[str, str]) -> None:
    with pytest.raises(SigmaFileError) as caught:
        load_documents(case["text"], "case.yml")

    assert str(caught.value) == f"case.yml:{case['message']}"


def test_a_control_character_is_reported_with_its_line() -> None:
    with pytest.raises(SigmaFileError, match=r"case\.yml:2: the text holds a character"):
        load_documents("title: x\nname: \x01\n", "case.yml")


@pytest.mark.parametrize("depth", [5_000, 100_000])
def test_nesting_without_end_is_reported(depth: int) -> None:
    with pytest.raises(SigmaFileError, match="nested too deeply|maximum nesting depth"):
        load_documents("title: " + "[" * depth + "]" * depth, "case.yml")


def test_files_may_refer_to_each_other() -> None:
    base = _CASES["parts"]["base"]
    correlation = _CASES["parts"]["correlation"]

    loaded = load_sources([(correlation, "correlation.yml"), (base, "base.yml")])

    assert [rule.title for rule in loaded.collection.rules] == ["base", "first"]
    assert [rule.title for rule in loaded.main_rules] == ["first"]


def test_an_error_names_the_file_that_it_is_in() -> None:
    with pytest.raises(SigmaFileError, match=r"^second\.yml:1: "):
        load_sources([(_CASES["parts"]["base"], "first.yml"), ("title: x", "second.yml")])
