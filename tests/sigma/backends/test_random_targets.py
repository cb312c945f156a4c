"""Random Sigma rules, rendered to each language and read back, say of random events what Sigma says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import SetStateTransformation
from sigma.rule import SigmaRule

from converter.errors import Unsupported
from converter.ir import ALWAYS, FieldType, Filter, Predicate, Schema
from converter.languages import eql, kuery, lucene
from converter.languages.sigma import lower
from harness.engines.predicate import evaluate
from sigma.backends.sigmaproof_eql import EqlBackend
from sigma.backends.sigmaproof_kuery import KueryBackend
from sigma.backends.sigmaproof_lucene import LuceneBackend
from sigma.sigmaproof.elastic.backend import ElasticBackend
from tests.random_examples import examples
from tests.sigma.random_rules import TYPES, Detection, Events, detections, events

Read = Callable[[str, Schema], Predicate]

PIPELINE = ProcessingPipeline(
    [ProcessingItem(SetStateTransformation("sigmaproof_ecs_types", TYPES))]
)
SCHEMA = Schema({name: FieldType(type_name) for name, type_name in TYPES.items()})
LANGUAGES: dict[str, tuple[type[ElasticBackend], Read, int]] = {
    "lucene": (LuceneBackend, lambda text, schema: lucene.lower(lucene.parse(text), schema), 10000),
    "eql": (EqlBackend, lambda text, schema: eql.lower(eql.parse(text), schema), 10000),
    # Most random rules ignore case, which Kibana's language cannot say.
    "kuery": (KueryBackend, lambda text, schema: kuery.lower(kuery.parse(text), schema), 3000),
}
"""Backend, reader, and how many pairs of a rule and an event are compared at least."""


def rule_of(detection: Detection) -> SigmaCollection:
    source = {"title": "A rule", "logsource": {"category": "test"}, "detection": detection}
    return SigmaCollection([SigmaRule.from_dict(source)])


def meaning_of(detection: Detection) -> Predicate | None:
    try:
        plan = lower(rule_of(detection), {}, ALWAYS, SCHEMA)
    except (SigmaError, Unsupported):
        return None
    assert isinstance(plan, Filter)
    return plan.predicate


@pytest.mark.parametrize("language", LANGUAGES)
def test_rendered_text_says_of_random_events_what_sigma_says(language: str) -> None:
    backend, read, enough = LANGUAGES[language]
    pairs = 0

    @examples(240)
    @given(st.lists(detections(), min_size=6, max_size=6), events())
    def say_the_same(rules: list[Detection], documents: Events) -> None:
        nonlocal pairs
        for rule in rules:
            meaning = meaning_of(rule)
            try:
                texts = backend(PIPELINE).convert(rule_of(rule)) if meaning is not None else []
            except SigmaError:
                continue
            for text in texts:
                said = read(str(text), SCHEMA)
                for event in documents:
                    truths = (evaluate(meaning or ALWAYS, event), evaluate(said, event) is True)
                    assert (rule, text, event, truths[0]) == (rule, text, event, truths[1])
                    pairs += 1

    say_the_same()
    assert pairs > enough
