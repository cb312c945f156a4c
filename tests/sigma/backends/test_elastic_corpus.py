from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy

import yaml
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import SetStateTransformation
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaRule
from sigma.types import (
    SigmaBool,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaNumber,
    SigmaType,
)

from converter.languages import kuery, lucene
from sigma.backends.sigmaproof_esql import EsqlBackend
from sigma.backends.sigmaproof_kuery import KueryBackend
from sigma.backends.sigmaproof_lucene import LuceneBackend
from sigma.sigmaproof.elastic.backend import ElasticBackend
from tests.corpus import shared

BACKENDS: dict[str, type[ElasticBackend]] = {
    "kuery": KueryBackend,
    "lucene": LuceneBackend,
    "esql": EsqlBackend,
}
EVERY = 6
"""One rule of so many is converted, to keep the run short."""


def rules() -> Iterator[SigmaRule]:
    paths = sorted(shared("corpus/sigma-rules").rglob("*.yml"))
    for path in paths[::EVERY]:
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if isinstance(document, dict) and "detection" in document:
                yield SigmaRule.from_dict(document)


def items(detection: SigmaDetection) -> Iterator[SigmaDetectionItem]:
    for item in detection.detection_items:
        if isinstance(item, SigmaDetection):
            yield from items(item)
        else:
            yield item


def type_of(values: list[SigmaType]) -> str:
    for value in values:
        match value:
            case SigmaCIDRExpression():
                return "ip"
            case SigmaNumber() | SigmaCompareExpression():
                return "long"
            case SigmaBool():
                return "boolean"
            case _:
                pass
    return "keyword"


def pipeline_of(rule: SigmaRule) -> ProcessingPipeline:
    """Declare each field with the type that its values suggest, as single-valued."""
    values: dict[str, list[SigmaType]] = {}
    for detection in rule.detection.detections.values():
        for item in items(detection):
            if item.field is not None:
                values.setdefault(item.field, []).extend(item.value)
    types = {name: type_of(found) for name, found in values.items()}
    return ProcessingPipeline(
        [
            ProcessingItem(SetStateTransformation("sigmaproof_ecs_types", types)),
            ProcessingItem(SetStateTransformation("sigmaproof_single_valued", frozenset(types))),
        ]
    )


def test_every_public_rule_is_rendered_to_text_that_parses_or_is_refused_with_a_reason() -> None:
    rendered: Counter[str] = Counter()
    reasons: list[str] = []
    for rule in rules():
        pipeline = pipeline_of(rule)
        for name, backend in BACKENDS.items():
            try:
                texts = backend(pipeline).convert(SigmaCollection([deepcopy(rule)]))
            except SigmaFeatureNotSupportedByBackendError as refused:
                reasons.append(str(refused))
                continue
            rendered[name] += 1
            for text in texts:
                if name == "kuery":
                    kuery.parse(text)
                elif name == "lucene":
                    lucene.parse(text)
    assert [reason for reason in reasons if "; " not in reason] == []
    # Most rules ignore case, which Kibana's language cannot say.
    assert rendered["kuery"] > 5
    assert rendered["lucene"] > 500
    assert rendered["esql"] > 500
