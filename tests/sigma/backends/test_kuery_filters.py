"""Rule files in Kibana's language: the query text and its filters together say what Sigma says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError, SigmaFeatureNotSupportedByBackendError
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import SetStateTransformation
from sigma.rule import SigmaRule

from converter.elastic import filter_predicates, read_rules
from converter.errors import Unsupported
from converter.ir import ALWAYS, And, FieldType, Filter, Predicate, Schema
from converter.languages import kuery
from converter.languages.sigma import lower
from harness.engines.predicate import evaluate
from sigma.backends.sigmaproof_kuery import KueryBackend
from tests.random_examples import examples
from tests.sigma.random_rules import TYPES, Detection, Events, detections, events

DATA = Path(__file__).parents[2] / "data" / "cases" / "kuery_filters.yml"
# A case file has no static shape; the tests below read it key by key.
CASES: dict[str, Any] = yaml.safe_load(DATA.read_text("utf-8"))
SCHEMA = Schema({name: FieldType(type_name) for name, type_name in TYPES.items()})
RULE = {
    "type": "query",
    "rule_id": "8f3d1f6e-8f0b-4c40-9c0a-0d8a2f0f7a11",
    "name": "A rule",
    "description": "A rule",
    "severity": "low",
    "risk_score": 21,
}


def rules_of(detection: Detection) -> SigmaCollection:
    source = {"title": "A rule", "logsource": {"category": "test"}, "detection": detection}
    return SigmaCollection([SigmaRule.from_dict(source)])


def rule_file_of(detection: Detection, types: dict[str, str]) -> dict[str, Any]:
    pipeline = ProcessingPipeline(
        [ProcessingItem(SetStateTransformation("sigmaproof_ecs_types", types))]
    )
    (text,) = KueryBackend(pipeline).convert(rules_of(detection), "rule")
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def meaning_of(rule_file: dict[str, Any]) -> Predicate:
    (rule,) = read_rules(json.dumps(RULE | rule_file), "rule.ndjson")
    query = kuery.lower(kuery.parse(rule.query), SCHEMA)
    return And((query, *filter_predicates(rule, SCHEMA)))


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: str(case["about"]))
def test_what_the_language_cannot_say_becomes_a_filter(case: dict[str, Any]) -> None:
    found = rule_file_of(case["detection"], CASES["types"])
    assert found == {"query": case["query"], "filters": case["filters"]}


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: str(case["reason"]))
def test_what_no_query_can_say_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(SigmaFeatureNotSupportedByBackendError, match=case["reason"]):
        rule_file_of(case["detection"], CASES["types"])


def test_filters_stand_beside_one_condition_only() -> None:
    detection = {"a": {"k": "x"}, "b": {"k|cased": "y"}, "condition": ["a", "b"]}
    with pytest.raises(SigmaFeatureNotSupportedByBackendError, match="several conditions"):
        rule_file_of(detection, CASES["types"])


def test_the_text_alone_is_refused_and_names_the_rule_file() -> None:
    pipeline = ProcessingPipeline()
    with pytest.raises(SigmaFeatureNotSupportedByBackendError, match="the filters of a rule file"):
        KueryBackend(pipeline).convert(rules_of({"s": {"k": "x"}, "condition": "s"}))


def test_random_rule_files_say_of_random_events_what_sigma_says() -> None:
    pairs = filtered = 0

    @examples(600)
    @given(detections(), events())
    def say_the_same(detection: Detection, documents: Events) -> None:
        nonlocal pairs, filtered
        try:
            plan = lower(rules_of(detection), {}, ALWAYS, SCHEMA)
            rule_file = rule_file_of(detection, dict(TYPES))
        except (SigmaError, Unsupported):
            return
        assert isinstance(plan, Filter)
        filtered += bool(rule_file["filters"])
        meaning = meaning_of(rule_file)
        for document in documents:
            wanted = evaluate(plan.predicate, document)
            assert (rule_file, document, evaluate(meaning, document)) == (
                rule_file,
                document,
                wanted,
            )
        pairs += len(documents)

    say_the_same()
    assert pairs > 1500
    assert filtered > 100
