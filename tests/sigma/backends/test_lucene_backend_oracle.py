"""Random Sigma rules, rendered to Lucene and executed by real Lucene, find what Sigma finds."""

from __future__ import annotations

from collections.abc import Iterator

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
from converter.languages.sigma import lower
from harness.engines.predicate import evaluate
from sigma.backends.sigmaproof_lucene import LuceneBackend
from tests.oracles.lucene.oracle import Found, Lucene, running_lucene
from tests.random_examples import examples
from tests.sigma.random_rules import TYPES, Detection, Events, detections, events

ENOUGH = 5000
"""Pairs of a rule and an event that are compared at least."""
PIPELINE = ProcessingPipeline(
    [ProcessingItem(SetStateTransformation("sigmaproof_ecs_types", TYPES))]
)
SCHEMA = Schema({name: FieldType(type_name) for name, type_name in TYPES.items()})


@pytest.fixture(scope="module")
def lucene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lucene]:
    with running_lucene(tmp_path_factory.mktemp("lucene")) as running:
        yield running


def rule_of(detection: Detection) -> SigmaCollection:
    source = {"title": "A rule", "logsource": {"category": "test"}, "detection": detection}
    return SigmaCollection([SigmaRule.from_dict(source)])


def text_of(detection: Detection) -> str | None:
    """Return the rendered text; none for what pySigma does not load and what is refused."""
    try:
        (text,) = LuceneBackend(PIPELINE).convert(rule_of(detection))
    except SigmaError:
        return None
    return str(text)


def predicate_of(detection: Detection) -> Predicate | None:
    try:
        plan = lower(rule_of(detection), {}, ALWAYS, SCHEMA)
    except Unsupported:
        return None
    assert isinstance(plan, Filter)
    return plan.predicate


def test_random_rules_find_the_events_that_sigma_finds(lucene: Lucene) -> None:
    pairs = 0

    @examples(240)
    @given(st.lists(detections(), min_size=6, max_size=6), events())
    def find_the_same(rules: list[Detection], documents: Events) -> None:
        nonlocal pairs
        rendered = {text: rule for rule in rules if (text := text_of(rule)) is not None}
        answers = lucene.ask(list(rendered), documents, TYPES)
        for (text, rule), answer in zip(rendered.items(), answers, strict=True):
            predicate = predicate_of(rule)
            if predicate is None:
                continue
            wanted = Found(
                tuple(
                    place
                    for place, event in enumerate(documents)
                    if evaluate(predicate, event) is True
                )
            )
            assert (rule, text, answer) == (rule, text, wanted)
            pairs += len(documents)

    find_the_same()
    assert pairs > ENOUGH
