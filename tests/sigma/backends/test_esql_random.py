"""Random Sigma rules, rendered to ES|QL and executed, find what Sigma finds, in arrays too."""

from __future__ import annotations

from datetime import UTC, datetime

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
from harness.engines.esql import execute
from harness.engines.predicate import evaluate
from harness.events.event import Dataset, Event
from sigma.backends.sigmaproof_esql import EsqlBackend
from tests.random_examples import examples
from tests.sigma.random_rules import (
    TYPES,
    Detection,
    Events,
    converted_items,
    detections,
    events,
    references,
)

ENOUGH = 20_000
"""Pairs of a rule and an event that are compared at least."""
PIPELINE = ProcessingPipeline(
    [ProcessingItem(SetStateTransformation("sigmaproof_ecs_types", TYPES))]
)
SCHEMA = Schema({name: FieldType(type_name) for name, type_name in TYPES.items()})
RULES = detections(converted_items() | references())
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def collection_of(detection: Detection) -> SigmaCollection:
    source = {"title": "A rule", "logsource": {"category": "test"}, "detection": detection}
    return SigmaCollection([SigmaRule.from_dict(source)])


def text_of(detection: Detection) -> str | None:
    """Return the rendered text; none for what pySigma does not load and what is refused."""
    try:
        (text,) = EsqlBackend(PIPELINE).convert(collection_of(detection))
    except SigmaError:
        return None
    return str(text)


def predicate_of(detection: Detection) -> Predicate | None:
    try:
        plan = lower(collection_of(detection), {}, ALWAYS, SCHEMA)
    except Unsupported:
        return None
    assert isinstance(plan, Filter)
    return plan.predicate


def found_by(text: str, documents: Events) -> set[str]:
    rows = tuple(
        Event(str(place), MOMENT, MOMENT, document) for place, document in enumerate(documents)
    )
    alerts = execute(text, Dataset(rows, SCHEMA), (), None).alerts
    return {name for alert in alerts for name in alert.ids}


def test_random_rules_find_the_events_that_sigma_finds() -> None:
    pairs = 0

    @examples(400)
    @given(st.lists(RULES, min_size=6, max_size=6), events())
    def find_the_same(rules: list[Detection], documents: Events) -> None:
        nonlocal pairs
        documents = [*documents, {"u": "x"}]  # a column that no event has makes a query invalid
        for rule in rules:
            text = text_of(rule)
            predicate = None if text is None else predicate_of(rule)
            if text is None or predicate is None:
                continue
            wanted = {
                str(place)
                for place, event in enumerate(documents)
                if evaluate(predicate, event) is True
            }
            assert (rule, text, found_by(text, documents)) == (rule, text, wanted)
            pairs += len(documents)

    find_the_same()
    assert pairs > ENOUGH
