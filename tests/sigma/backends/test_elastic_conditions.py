from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from sigma.collection import SigmaCollection
from sigma.conversion.state import ConversionState
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import SetStateTransformation
from sigma.rule import SigmaRule

from converter.ir import ALWAYS, FieldType, Filter, Predicate, Schema
from converter.languages import kuery, lucene
from converter.languages.sigma import lower as lower_sigma
from harness.engines.esql import execute
from harness.engines.predicate import evaluate
from harness.events.event import Dataset, Event
from sigma.backends.sigmaproof_esql import EsqlBackend
from sigma.backends.sigmaproof_kuery import KueryBackend
from sigma.backends.sigmaproof_lucene import LuceneBackend
from sigma.sigmaproof.assumed_types import assumed_types
from sigma.sigmaproof.elastic.backend import ElasticBackend

CASES = Path(__file__).parents[2] / "data" / "cases"
CONDITIONS = yaml.safe_load((CASES / "backend_conditions.yml").read_text(encoding="utf-8"))
REFUSALS = yaml.safe_load((CASES / "backend_refusals.yml").read_text(encoding="utf-8"))

BACKENDS: dict[str, type[ElasticBackend]] = {
    "kuery": KueryBackend,
    "lucene": LuceneBackend,
    "esql": EsqlBackend,
}
LANGUAGES: dict[str, ModuleType] = {"kuery": kuery, "lucene": lucene}
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
IR_TYPES = {
    "byte": "long",
    "float": "double",
    "integer": "long",
    "short": "long",
    "unsigned_long": "long",
}


class ConditionOnly(EsqlBackend):
    """The pipeline around a condition is tested elsewhere."""

    def finalize_query_default(
        self,
        rule: SigmaRule | SigmaCorrelationRule,
        query: object,
        index: int,
        state: ConversionState,
    ) -> object:
        return query


def rule_of(detection: dict[str, object]) -> SigmaRule:
    return SigmaRule.from_dict(
        {"title": "A rule", "logsource": {"category": "test"}, "detection": detection}
    )


def pipeline_of(case: Mapping[str, object]) -> ProcessingPipeline:
    single = case.get("single", [])
    assert isinstance(single, list)
    return ProcessingPipeline(
        [
            ProcessingItem(SetStateTransformation("sigmaproof_ecs_types", case.get("types", {}))),
            ProcessingItem(SetStateTransformation("sigmaproof_single_valued", frozenset(single))),
        ]
    )


def schema_of(case: dict[str, dict[str, object]]) -> Schema:
    declared = {name: str(text) for name, text in case.get("types", {}).items()}
    types = {**assumed_types([rule_of(case["detection"])]), **declared}
    return Schema({name: FieldType(IR_TYPES.get(text, text)) for name, text in types.items()})


def texts_of(backend: str, case: Mapping[str, object], detection: dict[str, object]) -> list[str]:
    converter = ConditionOnly if backend == "esql" else BACKENDS[backend]
    converted = converter(pipeline_of(case)).convert(SigmaCollection([rule_of(detection)]))
    assert isinstance(converted, list)
    return converted


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", CONDITIONS["cases"], ids=lambda case: case["name"])
def test_condition_is_written_as_expected(case: dict[str, dict[str, object]], backend: str) -> None:
    expected = str(case[backend])
    if not expected.startswith("refused: "):
        assert "\n---\n".join(texts_of(backend, case, case["detection"])) == expected
        return
    with pytest.raises(SigmaFeatureNotSupportedByBackendError) as caught:
        texts_of(backend, case, case["detection"])
    assert expected.removeprefix("refused: ") in str(caught.value)


EVENTS = [
    pytest.param(case, event, truth, id=f"{case['name']}-{number}")
    for case in CONDITIONS["cases"]
    for key, truth in (("matches", True), ("misses", False))
    for number, event in enumerate(case.get(key, []))
]


@pytest.mark.parametrize(("case", "event", "truth"), EVENTS)
def test_rendered_text_says_of_an_event_what_sigma_says(
    case: dict[str, dict[str, object]], event: dict[str, object], truth: bool
) -> None:
    schema = schema_of(case)
    answers = {"sigma": evaluate(sigma_predicate(case, schema), event)}
    for backend, language in LANGUAGES.items():
        if str(case[backend]).startswith("refused: "):
            continue
        texts = str(case[backend]).split("\n---\n")
        answers[backend] = any(
            evaluate(language.lower(language.parse(text), schema), event) for text in texts
        )
    assert answers == dict.fromkeys(answers, truth)


@pytest.mark.parametrize(
    "case",
    [case for case in CONDITIONS["cases"] if not case["esql"].startswith("refused: ")],
    ids=lambda case: case["name"],
)
def test_esql_pipeline_keeps_the_events_that_satisfy_the_rule(
    case: dict[str, list[dict[str, object]]],
) -> None:
    documents = {"match": case.get("matches", []), "miss": case.get("misses", [])}
    events = tuple(
        Event(f"{kind} {number}", MOMENT, MOMENT, document)
        for kind, group in documents.items()
        for number, document in enumerate(group)
    )
    rule = rule_of(case["detection"])  # type: ignore[arg-type]  # a case is a tree of YAML
    texts = EsqlBackend(pipeline_of(case)).convert(SigmaCollection([rule]))
    dataset = Dataset(events, schema_of(case))  # type: ignore[arg-type]  # as above
    alerts = [alert for text in texts for alert in execute(text, dataset, (), None).alerts]
    kept = {name for alert in alerts for name in alert.ids}
    assert sorted(kept) == sorted(event.id for event in events if event.id.startswith("match"))


def sigma_predicate(case: dict[str, dict[str, object]], schema: Schema) -> Predicate:
    plan = lower_sigma(SigmaCollection([rule_of(case["detection"])]), {}, ALWAYS, schema)
    assert isinstance(plan, Filter)
    return plan.predicate


@pytest.mark.parametrize(
    ("backend", "detection", "reason"),
    [
        pytest.param(backend, case["detection"], case["reason"], id=f"{backend} {case['reason']}")
        for backend in BACKENDS
        for case in REFUSALS["everywhere"]
        + REFUSALS[backend]
        + ([] if backend == "esql" else REFUSALS["unconverted"])
    ],
)
def test_refusal_says_what_and_what_to_do(
    backend: str, detection: dict[str, object], reason: str
) -> None:
    with pytest.raises(SigmaFeatureNotSupportedByBackendError) as caught:
        texts_of(backend, REFUSALS, detection)
    assert str(caught.value) == reason


def test_text_whose_expression_an_index_would_not_take_is_refused() -> None:
    case = {"types": {"f": "keyword"}, "single": ["f"]}
    detection: dict[str, object] = {"selection": {"f": "k" * 251}, "condition": "selection"}
    with pytest.raises(
        SigmaFeatureNotSupportedByBackendError, match="a regular expression of 1004 characters"
    ):
        texts_of("lucene", case, detection)
