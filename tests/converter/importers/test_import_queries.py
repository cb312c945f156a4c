from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.elastic import QueryRule, RuleHeader
from converter.errors import InputError, Unsupported
from converter.importers import CaseChoice, Conversion, import_rule
from converter.ir import Schedule
from converter.schema_files import read_schema_files
from sigma.sigmaproof.loader import load_documents

DATA = Path(__file__).parents[2] / "data" / "cases" / "import_queries.yml"
# A case file has no static shape; the tests below read it key by key.
CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load(DATA.read_text("utf-8"))


def _rule(case: dict[str, Any]) -> QueryRule:
    filters = {"rule.filters": case["filters"]} if "filters" in case else {}
    return QueryRule(
        header=RuleHeader(
            path="rule.toml",
            id="8f3d1f6e-8f0b-4c40-9c0a-0d8a2f0f7a11",
            name="Sample",
            description="A sample",
            severity="low",
            risk_score=21,
            extra=filters,
        ),
        index=("logs-*",),
        language=case.get("language", "kuery"),
        query=case.get("query", "process.name: a"),
        query_line=12,
        schedule=Schedule(),
        query_keeps_lines=True,
    )


def _imported(case: dict[str, Any], choice: CaseChoice = "exact") -> Conversion:
    conversion = import_rule(_rule(case), choice)
    load_documents(conversion.yaml, "rule.yml")
    return conversion


def _codes(conversion: Conversion) -> list[str]:
    ignored = {"log-source-unmapped"}
    return list(dict.fromkeys(d.code for d in conversion.diagnostics if d.code not in ignored))


def _about(case: dict[str, Any]) -> str:
    return str(case.get("about", case.get("query")))


@pytest.mark.parametrize("case", CASES["cases"], ids=_about)
def test_a_query_becomes_the_detection_that_people_would_write(case: dict[str, Any]) -> None:
    conversion = _imported(case)
    (document,) = conversion.documents
    assert document["detection"] == case["detection"]
    assert list(document["detection"]) == list(case["detection"])  # type: ignore[call-overload]
    assert sorted(_codes(conversion)) == sorted(case.get("notes", []))
    if "logsource" in case:
        assert document["logsource"] == case["logsource"]


@pytest.mark.parametrize("case", CASES["insensitive"], ids=_about)
def test_case_is_dropped_on_demand_and_reported(case: dict[str, Any]) -> None:
    conversion = _imported(case, "insensitive")
    messages = [d.message for d in conversion.diagnostics if d.code == "case-widened"]
    assert conversion.documents[0]["detection"] == case["detection"]
    assert messages == ([case["message"]] if "message" in case else [])


@pytest.mark.parametrize("case", CASES["refused"], ids=_about)
def test_what_sigma_cannot_say_is_refused_at_its_line(case: dict[str, Any]) -> None:
    with pytest.raises(Unsupported) as caught:
        _imported(case)
    assert str(caught.value) == case["error"]
    assert caught.value.span is not None
    assert caught.value.span.line == case["line"]


@pytest.mark.parametrize("case", CASES["syntax"], ids=_about)
def test_a_query_that_does_not_parse_is_bad_input_at_its_line(case: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        _imported(case)
    assert str(caught.value).startswith(case["error"])
    assert str(caught.value).endswith("; correct the query")
    assert "\n" not in str(caught.value)


def test_a_field_wildcard_stands_for_all_fields_of_a_schema() -> None:
    types = {"sensor": {"properties": {"0": {"type": "keyword"}, "1": {"type": "long"}}}}
    declared = read_schema_files({"mapping.json": json.dumps({"properties": types})})
    conversion = import_rule(_rule({"query": "sensor.*: 7"}), declared=declared)
    detection = {"selection": [{"sensor.0": "7"}, {"sensor.1": 7}], "condition": "selection"}
    assert conversion.documents[0]["detection"] == detection
    assert _codes(conversion) == ["field-wildcard"]


@pytest.mark.parametrize("case", CASES["filters"], ids=_about)
def test_filters_are_joined_to_the_query(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(Unsupported) as caught:
            _imported(case)
        assert str(caught.value) == case["error"]
    else:
        assert _imported(case).documents[0]["detection"] == case["detection"]
