from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import SetStateTransformation
from sigma.rule import SigmaRule

from converter.ir import ALWAYS, FieldType, Filter, Schema
from converter.languages import kuery
from converter.languages.sigma import lower as lower_sigma
from harness.engines.predicate import evaluate
from sigma.backends.sigmaproof_eql import EqlBackend
from sigma.backends.sigmaproof_esql import EsqlBackend
from sigma.backends.sigmaproof_kuery import KueryBackend
from sigma.backends.sigmaproof_lucene import LuceneBackend
from sigma.sigmaproof.elastic.backend import ElasticBackend

CASES = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "cases" / "backend_objects.yml").read_text("utf-8")
)
BACKENDS: dict[str, type[ElasticBackend]] = {
    "kuery": KueryBackend,
    "lucene": LuceneBackend,
    "esql": EsqlBackend,
    "eql": EqlBackend,
}
SCHEMA = Schema({name: FieldType(type_name) for name, type_name in CASES["types"].items()})
Detection = dict[str, object]


def collection(detection: Detection) -> SigmaCollection:
    rule = {"title": "A rule", "logsource": {"category": "test"}, "detection": detection}
    return SigmaCollection([SigmaRule.from_dict(rule)])


def written(backend: str, detection: Detection, output_format: str | None = None) -> object:
    types = ProcessingItem(SetStateTransformation("sigmaproof_ecs_types", CASES["types"]))
    converter = BACKENDS[backend](ProcessingPipeline([types]))
    [text] = converter.convert(collection(detection), output_format)
    return text


@pytest.mark.parametrize("case", CASES["nested"], ids=lambda case: case["name"])
def test_condition_on_a_nested_field_stands_in_braces_of_its_own(
    case: dict[str, Detection],
) -> None:
    text = str(written("kuery", case["detection"]))
    assert " ".join(text.split()) == str(case["text"])


@pytest.mark.parametrize("key", ["matches", "misses"])
@pytest.mark.parametrize("case", CASES["nested"], ids=lambda case: case["name"])
def test_braces_say_of_an_event_what_sigma_says(
    case: dict[str, list[dict[str, object]]], key: str
) -> None:
    rule = collection(case["detection"])  # type: ignore[arg-type]  # a case is a tree of YAML
    plan = lower_sigma(rule, {}, ALWAYS, SCHEMA)
    assert isinstance(plan, Filter)
    port = kuery.lower(kuery.parse(str(case["text"])), SCHEMA)
    for event in case[key]:
        answers = (evaluate(plan.predicate, event), evaluate(port, event))
        assert answers == (key == "matches", key == "matches"), event


@pytest.mark.parametrize(
    ("backend", "language", "case"),
    [
        pytest.param(backend, language, case, id=f"{backend} {number}")
        for number, case in enumerate(CASES["refused"])
        for backend, language in case["by"].items()
    ],
)
def test_field_that_a_language_cannot_ask_is_refused(
    backend: str, language: str, case: dict[str, Detection]
) -> None:
    with pytest.raises(SigmaFeatureNotSupportedByBackendError) as caught:
        written(backend, case["detection"])
    assert str(caught.value) == str(case["reason"]).replace("{language}", language)


@pytest.mark.parametrize("backend", ["kuery", "lucene"])
@pytest.mark.parametrize("case", CASES["written"], ids=lambda case: case["kuery"])
def test_key_of_a_flattened_field_takes_text_and_prefixes(
    case: dict[str, Detection], backend: str
) -> None:
    assert written(backend, case["detection"]) == case[backend]


@pytest.mark.parametrize(
    ("comparison", "reason"),
    [
        ({"s.x": "a"}, "inside the nested object s"),
        ({"fl.key|cased|endswith": "a"}, "field fl.key: a pattern that is no prefix"),
        ({"fl.key|re": "a."}, "field fl.key: a pattern that is no prefix"),
    ],
)
def test_filter_of_a_rule_file_asks_no_more_than_the_text(
    comparison: dict[str, object], reason: str
) -> None:
    detection: Detection = {"s": comparison, "condition": "s"}
    with pytest.raises(SigmaFeatureNotSupportedByBackendError, match=reason):
        written("kuery", detection, "rule")
