r"""Rewrite what a rule compares where an ECS document holds another value than the vendor's event.

A rule is written for the event, `User: 'NT AUTHORITY\SYSTEM'`; the document holds `user.domain` and
`user.name`. One rule holds this together: the rewritten item is true of the document exactly where the
item is true of the event, or the rule is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sigma.conditions import ConditionAND, ConditionOR
from sigma.exceptions import SigmaTransformationError
from sigma.processing.transformations.base import DetectionItemTransformation
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaRule
from sigma.types import SigmaExists, SigmaExpansion, SigmaNull, SigmaString, SigmaType

from .mapping import MappingPack, PackField
from .tables import NOTES
from .value_rewriting import IS_LOSSY, REWRITERS, Alternatives, rewritten_meaning

_Linking = type[ConditionAND | ConditionOR]


@dataclass
class PackValues(DetectionItemTransformation):
    """Replace the items whose field is kept under several names, or with other values."""

    pack: MappingPack

    def apply_detection_item(
        self, detection_item: SigmaDetectionItem
    ) -> SigmaDetection | SigmaDetectionItem | None:
        """Return what stands for the item; None where renaming it is enough."""
        if detection_item.field is None:
            return None
        entries = self.pack.named(detection_item.field)
        if detection_item.value_linking is ConditionOR:
            given = detection_item.value
            detection_item.value = _with_synonyms(given, entries)
            if len(detection_item.value) > len(given):
                self._note_synonyms(detection_item.field, detection_item.value)
        entries = _distinct(entries)
        if not entries or (len(entries) == 1 and not entries[0].is_rewritten):
            return None
        if detection_item.negated:
            raise SigmaTransformationError(
                f"neq on {detection_item.field}, which a document keeps in another form;"
                " write the comparison without neq, and not in the condition"
            )
        values = [(value, _alternatives(entries, value)) for value in detection_item.value]
        never = [value for value, alternatives in values if not alternatives]
        needs_all = detection_item.value_linking is ConditionAND
        if never and (needs_all or len(never) == len(values)):
            raise SigmaTransformationError(
                f"{detection_item.field} is compared with {never[0]}, which it never is;"
                " take the value out of the rule"
            )
        if needs_all:
            return _joined([_any_of(one) for _, one in values], ConditionAND)
        return _any_of([one for _, alternatives in values for one in alternatives])

    def _note_synonyms(self, name: str, values: Sequence[SigmaType]) -> None:
        if self._pipeline is not None:
            listed = ", ".join(map(str, values))
            note = ("value-synonym", f"{name}: events write a value in several ways: {listed}")
            self._pipeline.state.setdefault(NOTES, []).append(note)


def _with_synonyms(values: Sequence[SigmaType], entries: tuple[PackField, ...]) -> list[SigmaType]:
    """Add to each whole value the other ones that mean the same."""
    pairs = {pair for entry in entries for pair in entry.synonyms.items()}
    same = [(one.lower(), other) for pair in sorted(pairs) for one, other in (pair, pair[::-1])]
    found: dict[str, SigmaType] = {}
    for value in values:
        found.setdefault(repr(value), value)
        if not isinstance(value, SigmaString) or value.contains_special():
            continue
        for one, other in same:
            if str(value).lower() == one:
                added = type(value)(other)
                found.setdefault(repr(added), added)
    return list(found.values())


def _distinct(entries: tuple[PackField, ...]) -> tuple[PackField, ...]:
    """Keep one of entries that say the same of documents: their events differ in the vendor's names only."""
    kept: dict[tuple[object, ...], PackField] = {}
    for one in entries:
        says = (one.ecs, one.transform, tuple(one.meanings.items()), tuple(one.parts.items()))
        kept.setdefault(says, one)
    return tuple(kept.values())


def losses(rule: SigmaRule, pack: MappingPack) -> Iterator[tuple[str, str]]:
    """Yield field and loss of every item of which the document does not say the whole truth."""
    for item in items_of(rule):
        for entry in pack.named(item.field or ""):
            is_lossy = IS_LOSSY.get(entry.transform)
            if entry.loss and (is_lossy is None or any(map(is_lossy, _plain(item.value)))):
                yield entry.sigma, entry.loss
        yield from _never(item, pack)


def _never(item: SigmaDetectionItem, pack: MappingPack) -> Iterator[tuple[str, str]]:
    """Yield what stands for no value of a document, beside values that do."""
    entries = _distinct(pack.named(item.field or ""))
    is_rewritten = any(entry.is_rewritten for entry in entries)
    if len(item.value) < 2 or item.value_linking is ConditionAND or not is_rewritten:
        return
    for value in item.value:
        if not _alternatives(entries, value):
            yield item.field or "", f"it never is '{value}', which the text leaves out"


def items_of(rule: SigmaRule) -> Iterator[SigmaDetectionItem]:
    """Yield every item of a rule's detections."""
    pending: list[SigmaDetection | SigmaDetectionItem] = list(rule.detection.detections.values())
    while pending:
        one = pending.pop(0)
        if isinstance(one, SigmaDetection):
            pending = [*one.detection_items, *pending]
        else:
            yield one


def _plain(values: Iterable[SigmaType]) -> Iterator[SigmaType]:
    for value in values:
        if isinstance(value, SigmaExpansion):
            yield from _plain(value.values)
        else:
            yield value


def _alternatives(entries: tuple[PackField, ...], value: SigmaType) -> Alternatives:
    """Return what stands for one value: in some event the field is under one of its names."""
    if isinstance(value, SigmaExpansion):
        return [one for inner in value.values for one in _alternatives(entries, inner)]
    if isinstance(value, SigmaNull) or (isinstance(value, SigmaExists) and not value.exists):
        return [tuple((entry.ecs, value) for entry in entries)]
    return [one for entry in entries for one in _of_entry(entry, value)]


def _of_entry(entry: PackField, value: SigmaType) -> Alternatives:
    is_open = isinstance(value, SigmaString) and value.contains_placeholder()
    if is_open or isinstance(value, SigmaExists) or not entry.is_rewritten:
        return [((entry.ecs, value),)]
    rewrite = REWRITERS[entry.transform] if entry.transform else rewritten_meaning
    return rewrite(value, entry)


def _any_of(alternatives: Alternatives) -> SigmaDetection:
    """Join by or; single tests of one field become one item with several values."""
    singles: dict[str, list[SigmaType]] = {}
    several: list[SigmaDetection] = []
    for one in alternatives:
        if len(one) == 1:
            field, value = one[0]
            singles.setdefault(field, []).append(value)
        else:
            items = [SigmaDetectionItem(field, [], [value]) for field, value in one]
            several.append(SigmaDetection(list(items), item_linking=ConditionAND))
    alone = [
        SigmaDetection([SigmaDetectionItem(field, [], values)]) for field, values in singles.items()
    ]
    return _joined([*alone, *several], ConditionOR)


def _joined(detections: list[SigmaDetection], linking: _Linking) -> SigmaDetection:
    return (
        detections[0]
        if len(detections) == 1
        else SigmaDetection(list(detections), item_linking=linking)
    )
