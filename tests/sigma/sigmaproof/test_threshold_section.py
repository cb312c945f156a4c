"""Counts with Elastic's runs: what the section `sigmaproof.threshold` beside a correlation asks for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from sigma.backends.test.backend import TextQueryTestBackend
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import FieldMappingTransformation

from sigma.sigmaproof.errors import ExtensionError, SigmaFileError
from sigma.sigmaproof.loader import load_documents
from sigma.sigmaproof.new_terms_section import duration_text
from sigma.sigmaproof.threshold import threshold_of

_CASES = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "cases" / "threshold.yml").read_text("utf-8")
)["sections"]
_BASE = """\
title: base
name: base
logsource: {product: test}
detection: {selection: {A: x}, condition: selection}
---
"""
Case = Mapping[str, Any]
_COUNT: Case = {
    "correlation": {
        "type": "value_count",
        "group-by": ["A", "B"],
        "timespan": "9m",
        "condition": {"field": "C", "gte": 2},
    },
    "section": {"count": 3},
}


def _text(case: Case, **attribute: object) -> str:
    correlation = {"rules": ["base"], **case["correlation"]}
    own = {"threshold": case["section"], **attribute}
    document = {"title": "counts", "correlation": correlation, "sigmaproof": own}
    return _BASE + yaml.safe_dump(document, sort_keys=False)


def _correlation(case: Case) -> SigmaCorrelationRule:
    (rule,) = load_documents(_text(case), "case.yml").main_rules
    assert isinstance(rule, SigmaCorrelationRule)
    return rule


def _names(case: Case) -> str:
    return str(case["about"])


@pytest.mark.parametrize("case", [one for one in _CASES if "spec" in one], ids=_names)
def test_a_section_is_read_with_its_correlation(case: Case) -> None:
    spec = threshold_of(_correlation(case))

    assert spec is not None
    distinct = [spec.distinct.field, spec.distinct.count] if spec.distinct else None
    assert {
        "fields": list(spec.fields),
        "count": spec.count,
        "distinct": distinct,
        "window": duration_text(spec.window),
        "interval": duration_text(spec.interval),
        "timestamp": spec.timestamp,
        "timestamp_fallback": spec.timestamp_fallback,
    } == case["spec"]


@pytest.mark.parametrize("case", [one for one in _CASES if "error" in one], ids=_names)
def test_a_section_that_contradicts_its_correlation_is_refused(case: Case) -> None:
    with pytest.raises(SigmaFileError) as caught:
        _correlation(case)

    assert str(caught.value).partition(": ")[2] == case["error"]


def test_new_terms_beside_it_are_refused() -> None:
    case = {**_COUNT, "correlation": {**_COUNT["correlation"], "type": "event_count"}}
    case["correlation"] = {**case["correlation"], "condition": {"eq": 1}}

    with pytest.raises(SigmaFileError, match=r"threshold stands beside sigmaproof\.new_terms"):
        load_documents(_text(case, new_terms={"lookback": "1m"}), "case.yml")


def test_a_correlation_without_section_counts_in_no_runs() -> None:
    text = _text(_COUNT).partition("sigmaproof:")[0]
    (rule,) = load_documents(text, "case.yml").main_rules

    assert isinstance(rule, SigmaCorrelationRule)
    assert threshold_of(rule) is None


def test_pipelines_map_all_its_fields() -> None:
    rule = _correlation(_COUNT)
    mapping: dict[str | None, str | list[str]] = {"A": "a", "B": "b", "C": "c"}

    ProcessingPipeline([ProcessingItem(FieldMappingTransformation(mapping))]).apply(rule)
    spec = threshold_of(rule)

    assert spec is not None
    assert spec.distinct is not None
    assert (spec.fields, spec.distinct.field) == (("a", "b"), "c")


def test_a_pipeline_that_changes_the_number_of_fields_is_refused() -> None:
    rule = _correlation(_COUNT)
    mapping: dict[str | None, str | list[str]] = {"A": ["a", "b"]}

    ProcessingPipeline([ProcessingItem(FieldMappingTransformation(mapping))]).apply(rule)

    with pytest.raises(ExtensionError, match="2 fields of the term became 3"):
        threshold_of(rule)


def test_other_tools_read_the_document_as_a_count_of_sigma() -> None:
    (text,) = TextQueryTestBackend().convert(SigmaCollection.from_yaml(_text(_COUNT)))

    assert "value_count" in text
