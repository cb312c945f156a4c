"""Types of fields that nobody declared, as the rule itself uses them.

A rule that asks whether a field lies in a network knows that it holds addresses. The meaning of the rule and
its text are both read under these types, so that neither knows more than the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaRule
from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaNull,
    SigmaNumber,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
)

ASSUMED_TYPE = "assumed-type"

_USES = {
    "boolean": "compared with true or false",
    "double": "compared with numbers by their order",
    "ip": "compared with a network",
}


def assumed_types(rules: Iterable[SigmaRule]) -> dict[str, str]:
    """Return the type of Elasticsearch that the rules take each field to have, where they show it.

    Fields that are used as two types, or as boolean and as other text, are left out.
    """
    shown: dict[str, set[str]] = {}
    for rule in rules:
        for detection in rule.detection.detections.values():
            for field, value in _values(detection):
                shown.setdefault(field, set()).add(_shown_by(value))
    return {field: kind for field, kinds in shown.items() if (kind := _one_of(kinds))}


def assumption(fields: Sequence[str], type_name: str) -> str:
    """Say of all fields of an assumed type that it is assumed, and why."""
    types, are, they = ("types", "are", "they are") if len(fields) > 1 else ("type", "is", "it is")
    use = _USES.get(type_name)
    reason = f", as {they} {use}" if use else ""
    what = f"the {types} of {', '.join(fields)} {are} not known and taken to be {type_name}"
    return f"{what}{reason}"


def _one_of(kinds: set[str]) -> str:
    """Return the one type that a field is used as; empty where there is none, or more."""
    typed = kinds & set(_USES)
    if len(typed) != 1 or (typed == {"boolean"} and "text" in kinds):
        return ""
    return typed.pop()


def _values(detection: SigmaDetection) -> Iterator[tuple[str, SigmaType]]:
    for item in detection.detection_items:
        match item:
            case SigmaDetection():
                yield from _values(item)
            case SigmaDetectionItem(field=str(field)):
                yield from ((field, value) for value in _plain(item.value))
            case _:
                pass


def _plain(values: Iterable[SigmaType]) -> Iterator[SigmaType]:
    for value in values:
        if isinstance(value, SigmaExpansion):
            yield from _plain(value.values)
        else:
            yield value


def _shown_by(value: SigmaType) -> str:
    """Return the type that a value shows its field to have, `text`, or nothing."""
    match value:
        case SigmaCIDRExpression():
            return "ip"
        case SigmaCompareExpression(number=SigmaNumber() as number) if not isinstance(
            number, SigmaTimestampPart
        ):
            return "text" if value.op is CompareOperators.NEQ else "double"
        case SigmaBool():
            return "boolean"
        case SigmaNull() | SigmaExists():
            return ""
        case SigmaString() if value.to_plain().lower() in ("true", "false"):
            return ""
        case _:
            return "text"
