from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import FieldMappingTransformation, SetStateTransformation
from sigma.rule import SigmaRule

from sigma.backends.sigmaproof_esql import EsqlBackend
from sigma.backends.sigmaproof_kuery import KueryBackend
from sigma.backends.sigmaproof_lucene import LuceneBackend
from sigma.sigmaproof.elastic.backend import ElasticBackend
from sigma.sigmaproof.new_terms import SigmaNewTermsRule

CASES = Path(__file__).parents[2] / "data" / "cases"
DATA = yaml.safe_load((CASES / "backend_new_terms.yml").read_text(encoding="utf-8"))
BACKENDS: dict[str, type[ElasticBackend]] = {
    "kuery": KueryBackend,
    "lucene": LuceneBackend,
    "esql": EsqlBackend,
}
OTHER = {
    "title": "Other",
    "name": "other",
    "logsource": {"product": "test"},
    "detection": {"selection": {"Kind|cased": "other"}, "condition": "selection"},
}


def pipeline() -> ProcessingPipeline:
    return ProcessingPipeline(
        [
            ProcessingItem(FieldMappingTransformation(DATA["mapping"])),
            ProcessingItem(
                SetStateTransformation("sigmaproof_ecs_types", DATA["pipeline"]["types"])
            ),
            ProcessingItem(SetStateTransformation("sigmaproof_index", DATA["pipeline"]["index"])),
        ]
    )


def collection(case: dict[str, dict[str, object]]) -> SigmaCollection:
    correlation = case["correlation"]
    document = {"title": "New here", "correlation": correlation}
    if "attribute" in case:
        document["sigmaproof"] = case["attribute"]
    kind = SigmaNewTermsRule if correlation["type"] == "new_terms" else SigmaCorrelationRule
    bases = [SigmaRule.from_dict(DATA["base"]), SigmaRule.from_dict(OTHER)]
    names = correlation["rules"]
    assert isinstance(names, list)
    used = [rule for rule in bases if rule.name in names]
    return SigmaCollection([*used, kind.from_dict(document)])


@pytest.mark.parametrize(
    ("case", "backend"),
    [
        pytest.param(case, backend, id=f"{case['name']} {backend}")
        for case in (*DATA["cases"], *DATA["counts"])
        for backend in BACKENDS
        if backend in case
    ],
)
def test_correlation_is_written_as_expected(
    case: dict[str, dict[str, object]], backend: str
) -> None:
    assert BACKENDS[backend](pipeline()).convert(collection(case)) == [case[backend]]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", DATA["refusals"], ids=lambda case: case["correlation"]["type"])
def test_other_correlations_are_refused(case: dict[str, dict[str, object]], backend: str) -> None:
    converter = BACKENDS[backend](pipeline())
    reason = str(case["reason"]).replace("{name}", converter.language)
    with pytest.raises(SigmaFeatureNotSupportedByBackendError) as caught:
        converter.convert(collection(case))
    assert str(caught.value) == reason


@pytest.mark.parametrize("correlation", DATA["flattened"], ids=lambda one: one["type"])
def test_esql_groups_by_no_key_of_a_flattened_field(correlation: dict[str, object]) -> None:
    case: dict[str, dict[str, object]] = {"correlation": correlation}
    if correlation["type"] != "new_terms":
        case["attribute"] = {"threshold": {}}
    with pytest.raises(SigmaFeatureNotSupportedByBackendError, match="field flat.key has the type"):
        EsqlBackend(pipeline()).convert(collection(case))


def test_collected_errors_do_not_stop_the_conversion() -> None:
    converter = KueryBackend(pipeline(), collect_errors=True)
    assert converter.convert(collection(DATA["refusals"][0])) == []
    (error,) = (str(error) for _, error in converter.errors)
    assert error.startswith("a correlation of type event_count; Kibana query language says only")


def test_unknown_correlation_method_is_refused() -> None:
    with pytest.raises(SigmaFeatureNotSupportedByBackendError, match="the correlation method 'x'"):
        KueryBackend(pipeline()).convert(collection(DATA["cases"][0]), correlation_method="x")


@pytest.mark.parametrize("backend", BACKENDS)
def test_same_rule_gives_the_same_text_twice(backend: str) -> None:
    first, second = (
        BACKENDS[backend](pipeline()).convert(collection(DATA["cases"][0])) for _ in range(2)
    )
    assert first == second


def test_callback_replaces_the_query() -> None:
    texts = KueryBackend(pipeline()).convert(
        collection(DATA["cases"][0]),
        callback=lambda rule, form, index, condition, result: f"{rule.title}: {index}",
    )
    assert texts == ["New here: 0"]


def test_assumed_types_are_noted_once_a_type() -> None:
    rules = SigmaCollection.from_yaml("""
title: Types by use
logsource: {product: test}
detection:
  s: {u: x, v: y, a|cidr: 10.0.0.0/8, b|cidr: 10.0.0.0/8, c|lt: 5}
  condition: s
""")
    converter = LuceneBackend()
    converter.convert(rules)
    assert {message for code, message in converter.notes if code == "assumed-type"} == {
        "the types of u, v are not known and taken to be keyword",
        "the types of a, b are not known and taken to be ip, as they are compared with a network",
        "the type of c is not known and taken to be double, as it is compared with numbers by their"
        + " order",
    }


def test_assumed_field_type_is_noted_once() -> None:
    converter = KueryBackend(pipeline())
    converter.convert(collection(DATA["cases"][0]))
    assert converter.notes == [
        ("assumed-type", "the type of event.kind is not known and taken to be keyword")
    ]


def test_notes_of_the_pipeline_and_of_addresses_are_kept() -> None:
    items = [
        ProcessingItem(SetStateTransformation("sigmaproof_ecs_types", {"i": "ip"})),
        ProcessingItem(SetStateTransformation("sigmaproof_notes", [("a-code", "a message")])),
    ]
    converter = KueryBackend(ProcessingPipeline(items))
    detection = {"selection": {"i": "10.0.0.1"}, "condition": "selection"}
    rule = SigmaRule.from_dict({**DATA["base"], "detection": detection})
    assert converter.convert(SigmaCollection([rule])) == ['i: "10.0.0.1"']
    assert converter.notes == [
        ("a-code", "a message"),
        ("address-compared", "i is an ip field, which compares addresses however they are written"),
    ]


def test_plain_rule_becomes_an_esql_pipeline() -> None:
    rule = SigmaRule.from_dict({**DATA["base"], "title": "A\n rule"})
    assert EsqlBackend(pipeline()).convert(SigmaCollection([rule])) == [DATA["filter"]]


def test_index_patterns_have_a_default() -> None:
    text = EsqlBackend().convert(SigmaCollection([SigmaRule.from_dict(DATA["base"])]))[0]
    assert "FROM logs-* METADATA" in text
