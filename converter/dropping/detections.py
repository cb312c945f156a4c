"""A Sigma rule without some of its comparisons, as a document of its own.

Each use of a detection in the condition becomes a detection: what stands in two places of the condition
may be taken out of one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count

from sigma.conditions import (
    ConditionAND,
    ConditionIdentifier,
    ConditionNOT,
    ConditionOR,
    ConditionSelector,
)
from sigma.rule import SigmaDetectionItem, SigmaDetections

from .pruned import Clause, Gone, Kept, Loss, joined, negated

Document = Mapping[str, object]

Reason = Callable[[int, SigmaDetectionItem], str]
"""Takes a comparison and its number; returns why it is to be taken out, nothing to keep it."""

_KEPT_KEYS = ("timeframe",)


def without_comparisons(
    document: Document, reason: Reason, numbers: count[int]
) -> Kept[Document] | Gone:
    """Return the document of a rule without the comparisons that `reason` takes out.

    `numbers` numbers the comparisons in their order; it is shared by the rules of one file.
    """
    detection = document["detection"]
    if not isinstance(detection, Mapping):
        raise TypeError("the detection of a rule that was loaded is a mapping")
    pruning = _Pruning(detection, reason, numbers)
    conditions = pruning.detections.parsed_condition
    left = joined(
        [pruning.condition(one.parse(postprocess=False)) for one in conditions],
        is_all=False,
        build=" or ".join,
    )
    if isinstance(left, Gone):
        return left
    others = {key: detection[key] for key in _KEPT_KEYS if key in detection}
    changed = {**pruning.written, **others, "condition": left.value}
    return Kept({**document, "detection": changed}, left.losses)


class _Pruning:
    """Walks a condition and writes a detection for each use of one."""

    def __init__(self, detection: Document, reason: Reason, numbers: count[int]) -> None:
        self.detections = SigmaDetections.from_dict(dict(detection))
        self.written: dict[str, object] = {}
        self._definitions = detection
        self._reason = reason
        self._numbers = numbers

    def condition(self, parsed: object) -> Kept[str] | Gone:
        """Prune a part of the condition; its text has brackets where it needs them."""
        match parsed:
            case ConditionNOT(args=[operand]):
                return negated(self.condition(operand), lambda text: f"not {text}")
            case ConditionAND(args=operands):
                return self._joined(operands, is_all=True)
            case ConditionOR(args=operands):
                return self._joined(operands, is_all=False)
            case ConditionSelector():
                named = parsed.resolve_referenced_detections(self.detections)
                return self._joined(named, is_all=parsed.cond_class is ConditionAND)
            case ConditionIdentifier(identifier=name):
                return self._detection(name)
            case _:
                raise TypeError(f"unexpected condition {type(parsed).__name__}")

    def _joined(self, operands: Sequence[object], *, is_all: bool) -> Kept[str] | Gone:
        word = " and " if is_all else " or "
        return joined(
            [self.condition(operand) for operand in operands],
            is_all=is_all,
            build=lambda texts: f"({word.join(texts)})" if len(texts) > 1 else texts[0],
        )

    def _detection(self, name: str) -> Kept[str] | Gone:
        left = self._definition(self._definitions[name])
        if isinstance(left, Gone):
            return left
        own = next(one for one in _names(name) if self._is_free(one, name))
        self.written[own] = left.value
        return Kept(own, left.losses)

    def _is_free(self, own: str, name: str) -> bool:
        return own not in self.written and (own == name or own not in self._definitions)

    def _definition(self, definition: object) -> Kept[object] | Gone:
        match definition:
            case Mapping():
                items = [self._item(str(key), value) for key, value in definition.items()]
                return joined(items, is_all=True, build=dict)
            case list() if any(isinstance(one, Mapping | list) for one in definition):
                parts = [self._definition(one) for one in definition]
                return joined(parts, is_all=False, build=list)
            case _:
                return Kept(definition)  # keywords, which have no field

    def _item(self, key: str, value: object) -> Kept[tuple[str, object]] | Gone:
        field, *modifiers = key.split("|")
        values = value if isinstance(value, list) and value else [value]
        is_all = "all" in modifiers
        left = joined([self._value(key, one) for one in values], is_all=is_all, build=list)
        if isinstance(left, Gone):
            return Gone(f"{key}: {_shown(value)}", left.clauses)
        if not left.losses:
            return Kept((key, value))
        losses = (_as_one(key, left.losses),)
        if is_all and len(left.value) == 1:
            key = "|".join([field, *(one for one in modifiers if one != "all")])
        remaining: object = left.value
        kept = Kept((key, remaining), losses)
        return negated(kept, lambda item: item) if "neq" in modifiers else kept

    def _value(self, key: str, value: object) -> Kept[object] | Gone:
        number = next(self._numbers)
        item = SigmaDetectionItem.from_mapping(key, value)  # type: ignore[arg-type]  # as loaded
        reason = self._reason(number, item) if item.field is not None else ""
        if not reason:
            return Kept(value)
        clause = Clause(number, str(item.field), reason)
        return Gone(_shown(value), (clause,))


def _as_one(key: str, losses: Sequence[Loss]) -> Loss:
    """Join what the values of one comparison lost, which is all to the same effect."""
    clauses = tuple(clause for loss in losses for clause in loss.clauses)
    text = f"{key}: [{', '.join(loss.text for loss in losses)}]"
    return Loss(text, clauses, losses[0].effect)


def _names(name: str) -> list[str]:
    """Return names for the uses of a detection, which never are more than these."""
    return [name, *(f"{name}_{number}" for number in range(2, 1000))]


def _shown(value: object) -> str:
    match value:
        case list():
            return f"[{', '.join(map(_shown, value))}]"
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case _:
            return str(value)
