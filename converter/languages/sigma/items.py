"""Walks the detection items of a Sigma rule and the values in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sigma.modifiers import SigmaCaseSensitiveModifier
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaRule
from sigma.types import SigmaCasedString, SigmaExpansion, SigmaType

from converter.errors import Unsupported


def items_of(rule: SigmaRule) -> Iterator[SigmaDetectionItem]:
    """Yield every item of every detection, in order."""
    for detection in rule.detection.detections.values():
        yield from _items(detection)


def plain_values(values: Iterable[SigmaType]) -> Iterator[SigmaType]:
    """Yield the values, and those inside of expansions."""
    for value in values:
        if isinstance(value, SigmaExpansion):
            yield from plain_values(value.values)
        else:
            yield value


def refuse_forgotten_case(rule: SigmaRule) -> None:
    """Refuse `cased` where a later modifier made pySigma forget it (SIGMA-13)."""
    for item in items_of(rule):
        if SigmaCaseSensitiveModifier not in item.modifiers:
            continue
        if not all(isinstance(value, SigmaCasedString) for value in plain_values(item.value)):
            raise Unsupported(
                f"modifier cased on field {item.field} of rule {rule.title!r}, which a later"
                " modifier cancels",
                hint="write cased as the last modifier",
            )


def _items(detection: SigmaDetection) -> Iterator[SigmaDetectionItem]:
    for item in detection.detection_items:
        if isinstance(item, SigmaDetection):
            yield from _items(item)
        else:
            yield item
