"""The correlation type new_terms: both spellings, the schema, and what pipelines and foreign backends do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from sigma.backends.kusto.kusto import KustoBackend
from sigma.backends.test.backend import TextQueryTestBackend
from sigma.correlations import SigmaCorrelationRule
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import FieldMappingTransformation

from sigma.sigmaproof import new_terms as module
from sigma.sigmaproof.errors import NewTermsError, SigmaFileError
from sigma.sigmaproof.loader import LoadedRules, load_documents
from sigma.sigmaproof.new_terms import (
    ExtensionCorrelationType,
    NewTermsSpec,
    SigmaNewTermsRule,
    new_terms_of,
)
from sigma.sigmaproof.new_terms_section import duration, duration_text
from sigma.sigmaproof.portable import NARROWS_SENTENCE, PORTABLE_NARROWS, to_portable

_CASES = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "cases" / "sigma_new_terms.yml").read_text("utf-8")
)
_SCHEMA = json.loads(
    (Path(module.__file__).parent / "new_terms.schema.json").read_text(encoding="utf-8")
)
_BASE = """\
title: base
name: base
logsource: {product: test}
detection: {selection: {A: x}, condition: selection}
---
"""
Case = Mapping[str, Any]


def _document(case: Case) -> dict[str, Any]:
    document: dict[str, Any] = {"title": "first", "correlation": case["correlation"]}
    if "portable" in case:
        document["sigmaproof"] = {"new_terms": case["portable"]}
    return document


def _load(document: Mapping[str, Any]) -> LoadedRules:
    return load_documents(_BASE + yaml.safe_dump(dict(document), sort_keys=False), "case.yml")


def _correlation(document: Mapping[str, Any]) -> SigmaCorrelationRule:
    (rule,) = _load(document).main_rules
    assert isinstance(rule, SigmaCorrelationRule)
    return rule


def _extension(**changes: object) -> dict[str, Any]:
    section = {
        "type": "new_terms",
        "rules": ["base"],
        "group-by": ["A", "B"],
        "timespan": "14d",
        "lookback": "9m",
        "timestamp": "event.ingested",
    }
    return {"title": "first", "correlation": {**section, **changes}}


def _schema_accepts(document: Mapping[str, Any]) -> bool:
    return jsonschema.Draft202012Validator(_SCHEMA).is_valid(document)


def _name(case: Case) -> str:
    return str(case["case"])


@pytest.mark.parametrize("case", _CASES["good"], ids=_name)
def test_a_good_correlation_asks_for_what_it_says(case: Case) -> None:
    expected = case["spec"]

    spec = new_terms_of(_correlation(_document(case)))

    assert spec == NewTermsSpec(
        tuple(expected["fields"]),
        duration(expected["history"], "history"),
        duration(expected["lookback"], "lookback"),
        duration(expected["interval"], "interval"),
        expected["timestamp"],
        expected["timestamp_fallback"],
    )


@pytest.mark.parametrize("case", _CASES["bad"], ids=_name)
def test_a_bad_correlation_is_refused_at_its_line(case: Case) -> None:
    document = _document(case)
    text = _BASE + yaml.safe_dump(document, sort_keys=False)
    start = 3 if "key" in case else 2
    wanted = f"  {case['key']}:" if "key" in case else "correlation:"
    line = next(
        number
        for number, found in enumerate(text.split("\n"), start=1)
        if number > start and found.startswith(wanted)
    )

    with pytest.raises(SigmaFileError) as caught:
        load_documents(text, "case.yml")

    assert str(caught.value) == f"case.yml:{line}: {case['message']}"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(_SCHEMA)


@pytest.mark.parametrize("case", _CASES["good"], ids=_name)
def test_the_schema_accepts_good_documents(case: Case) -> None:
    assert _schema_accepts(_document(case))


@pytest.mark.parametrize("case", _CASES["bad"], ids=_name)
def test_the_schema_rejects_bad_documents(case: Case) -> None:
    assert _schema_accepts(_document(case)) == (case.get("schema") == "accepts")


@pytest.mark.parametrize(
    "document",
    [
        {"correlation": _extension()["correlation"]},
        {"title": "x", "correlation": "new_terms"},
        {"title": "x", "correlation": {"type": "event_count", "rules": ["base"], "timespan": "5m"}},
        {"title": "x"},
    ],
    ids=["no title", "a correlation that is text", "an ordinary event count", "no correlation"],
)
def test_the_schema_rejects_what_is_no_new_terms_document(document: Mapping[str, Any]) -> None:
    assert not _schema_accepts(document)


def test_the_type_is_no_member_of_pysigma_so_that_foreign_backends_raise() -> None:
    rules = _load(_extension())

    rule = _correlation(_extension())
    assert isinstance(rule, SigmaNewTermsRule)
    assert rule.type is ExtensionCorrelationType.NEW_TERMS
    with pytest.raises(NotImplementedError):
        KustoBackend().convert(rules.collection)
    with pytest.raises(NotImplementedError, match="new_terms"):
        TextQueryTestBackend().convert(rules.collection)


def test_a_stock_backend_renders_the_portable_spelling() -> None:
    (document,) = to_portable([_extension()])

    queries = TextQueryTestBackend().convert(_load(document).collection)

    assert "event_count" in queries[0]


def test_an_unknown_backend_sees_no_new_terms_in_an_ordinary_event_count() -> None:
    ordinary = _extension(type="event_count", condition={"eq": 1})
    for key in ("lookback", "timestamp"):
        del ordinary["correlation"][key]

    assert new_terms_of(_correlation(ordinary)) is None


@pytest.mark.parametrize("spelling", ["extension", "portable"])
def test_a_pipeline_maps_the_fields_of_the_term_but_not_the_time(spelling: str) -> None:
    documents = [_extension()] if spelling == "extension" else to_portable([_extension()])
    rule = _correlation(documents[0])

    _pipeline({"A": "user.name", "event.ingested": "wrong"}).apply(rule)

    spec = new_terms_of(rule)
    assert spec is not None
    assert spec.fields == ("user.name", "B")
    assert spec.timestamp == "event.ingested"


@pytest.mark.parametrize("spelling", ["extension", "portable"])
@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"A": ["x", "y"]}, "2 fields of the term became 3: x, y, B"),
        ({"A": "x", "B": "x"}, "two fields of the term are mapped to one: x, x"),
    ],
    ids=["one to several", "several to one"],
)
def test_a_pipeline_that_changes_the_term_is_refused(
    spelling: str, mapping: dict[str | None, str | list[str]], message: str
) -> None:
    documents = [_extension()] if spelling == "extension" else to_portable([_extension()])
    rule = _correlation(documents[0])

    _pipeline(mapping).apply(rule)

    with pytest.raises(NewTermsError, match=message):
        new_terms_of(rule)


def _pipeline(mapping: dict[str | None, str | list[str]]) -> ProcessingPipeline:
    return ProcessingPipeline([ProcessingItem(FieldMappingTransformation(mapping))])


def test_a_rule_written_as_a_document_and_read_again_is_the_same() -> None:
    document = {
        "title": "first",
        "id": "3a0f7f26-0c4e-4b4c-9a52-6b3d1d6c9a11",
        "name": "first",
        "status": "test",
        "license": "DRL-1.1",
        "tags": ["attack.t1078"],
        "level": "medium",
        "interval": "a custom attribute that is named like a key of ours",
        **_extension(**{"generate": True, "timestamp-fallback": False}),
    }

    rule = _correlation(document)
    again = SigmaNewTermsRule.from_dict(rule.to_dict())

    assert rule.to_dict()["correlation"] == {**document["correlation"], "interval": "5m"}
    assert {key: rule.to_dict()[key] for key in document if key != "correlation"} == {
        key: value for key, value in document.items() if key != "correlation"
    }
    assert again == rule


def test_all_errors_of_a_document_are_collected_on_request() -> None:
    rule = SigmaNewTermsRule.from_dict(
        {"title": "x", "correlation": {"type": "new_terms", "lookback": 5, "what": 1}},
        collect_errors=True,
    )

    assert [error.key for error in rule.errors if isinstance(error, NewTermsError)] == [
        "what",
        "rules",
        "group-by",
        "timespan",
        "lookback",
    ]


def test_the_portable_spelling_has_our_keys_in_the_custom_attribute_only() -> None:
    (document,) = to_portable([{**_extension(), "sigmaproof": {"risk_score": 47}}])

    assert document["correlation"] == {
        "type": "event_count",
        "rules": ["base"],
        "group-by": ["A", "B"],
        "timespan": "14d",
        "condition": {"eq": 1},
    }
    assert document["sigmaproof"] == {
        "risk_score": 47,
        "new_terms": {"lookback": "9m", "timestamp": "event.ingested"},
    }


def test_the_portable_spelling_asks_for_the_same_and_says_what_it_loses() -> None:
    (document,) = to_portable([{**_extension(), "description": "What it finds.\n"}])
    loaded = _load(document)

    assert new_terms_of(_correlation(document)) == new_terms_of(_correlation(_extension()))
    assert document["description"] == f"What it finds.\n\n{NARROWS_SENTENCE}"
    assert [code for code, _ in loaded.notes] == [PORTABLE_NARROWS]
    assert _load(_extension()).notes == ()


def test_other_documents_have_no_portable_spelling() -> None:
    documents = [
        {"title": "x", "detection": {}},
        {"title": "y", "correlation": {"type": "temporal"}},
    ]

    assert to_portable(documents) == documents


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(days=14), "14d"),
        (timedelta(hours=36), "36h"),
        (timedelta(minutes=9), "9m"),
        (timedelta(seconds=90), "90s"),
    ],
)
def test_a_duration_is_written_in_the_largest_unit_that_divides_it(
    length: timedelta, text: str
) -> None:
    assert duration_text(length) == text
    assert duration(text, "timespan") == length
