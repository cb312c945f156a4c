"""Comparisons of ES|QL that are exact for missing fields and, where they can be, for arrays.

Everything written here is true or false, never null: `MV_CONTAINS` reads null as no values, and what
else would be null is wrapped in `COALESCE(..., false)`. Hence NOT means the complement. A scalar
function is null on an array, so such comparisons need a field that never holds one.
"""

from __future__ import annotations

import re
import struct
from typing import assert_never

from sigma.sigmaproof.elastic.comparison import (
    Address,
    AnyValue,
    Boolean,
    Bound,
    Comparison,
    Network,
    Number,
    Search,
    Shape,
    Text,
)
from sigma.sigmaproof.elastic.expression import MAXIMUM_LENGTH, of_search, of_shape, of_text
from sigma.sigmaproof.elastic.fields import Field, Kind
from sigma.sigmaproof.elastic.layout import Choice, Line, Node, some
from sigma.sigmaproof.elastic.refusal import refusal

from .literals import field_name, like_pattern, string

_FOLDS_LIKE_ASCII = re.compile(r"[\x00-\x7f]*")
_EXTREMES = {">": "MV_MAX", ">=": "MV_MAX", "<": "MV_MIN", "<=": "MV_MIN"}


def alternatives(field: Field, comparisons: list[Comparison]) -> Node:
    """Write that one of the comparisons holds; texts without case stand in one list."""
    folded = [one for one in comparisons if isinstance(one, Text) and _is_folded_by_lower(one)]
    if len(folded) < 2:
        return some([Line(_condition(field, one)) for one in comparisons])
    _require_single(field, "a comparison without regard to case")
    others = [Line(_condition(field, one)) for one in comparisons if one not in folded]
    return some([_membership(field, folded), *others])


def _is_folded_by_lower(text: Text) -> bool:
    """Say whether TO_LOWER folds just as A to Z do.

    It folds all of Unicode: other letters would fold too, and the Kelvin sign becomes a k.
    """
    is_ascii = _FOLDS_LIKE_ASCII.fullmatch(text.value) is not None
    return text.ignores_case and is_ascii and "k" not in text.value.lower()


def _membership(field: Field, texts: list[Text]) -> Node:
    literals = [string(text.value.lower()) for text in texts]
    values = (*(f"{literal}," for literal in literals[:-1]), literals[-1])
    return Choice(f"COALESCE(TO_LOWER({field_name(field.name)}) IN (", values, "), false)")


def _condition(field: Field, comparison: Comparison) -> str:
    name = field_name(field.name)
    match comparison:
        case AnyValue():
            return f"{name} IS NOT NULL"
        case Text(text, ignores_case):
            if ignores_case:
                return _folded_equality(field, comparison)
            return f"MV_CONTAINS({name}, {string(text)})"
        case Shape(parts, ignores_case):
            _require_single(field, "a pattern")
            if ignores_case:
                return _expression(field, of_shape(parts, ignores_case=True))
            return _known(f"{name} LIKE {like_pattern(parts)}")
        case Search():
            _require_single(field, "a regular expression")
            return _expression(field, of_search(comparison, field.name))
        case Number() | Boolean() | Address():
            return _typed_equality(field, comparison)
        case Bound(operator, number):
            _require_exact(field, number)
            # Some value lies above a bound if the largest one does.
            return _known(f"{_EXTREMES[operator]}({name}) {operator} {number}")
        case Network(network):
            _require_single(field, "a network")
            return _known(f"CIDR_MATCH({name}, {string(network)})")
        case _:
            assert_never(comparison)


def _typed_equality(field: Field, comparison: Number | Boolean | Address) -> str:
    """Write equality with a literal of the field's own type; a field of unknown type is read as text."""
    name = field_name(field.name)
    match comparison:
        case Number(number):
            return _number_equality(field, number)
        case Boolean(boolean):
            text = str(boolean).lower()
            if field.kind is Kind.BOOLEAN:
                return f"MV_CONTAINS({name}, {text})"
            if field.kind is Kind.UNKNOWN:
                return f'MV_CONTAINS(TO_STRING({name}), "{text}")'
            return _folded_equality(field, Text(text, ignores_case=True))
        case Address(address):
            return f"MV_CONTAINS({name}, TO_IP({string(address)}))"
        case _:
            assert_never(comparison)


def _number_equality(field: Field, number: float) -> str:
    """Write equality with both sides of one type, since MV_CONTAINS takes no other."""
    name = field_name(field.name)
    _require_exact(field, number)
    if field.kind is Kind.NUMBER:
        return f"MV_CONTAINS({name}, {float(number)!r})"
    if field.kind is not Kind.WHOLE_NUMBER or field.type_name == "unsigned_long":
        return f"MV_CONTAINS(TO_STRING({name}), {string(str(number))})"
    subject = name if field.type_name == "long" else f"TO_LONG({name})"
    return f"MV_CONTAINS({subject}, TO_LONG({int(number)}))"


def _require_exact(field: Field, number: float) -> None:
    """Refuse a number that a float field rounds, as ES|QL compares the rounded value."""
    format_code = {"float": "f", "half_float": "e"}.get(field.type_name)
    if format_code is None:
        return
    try:
        (stored,) = struct.unpack(format_code, struct.pack(format_code, float(number)))
    except OverflowError:
        stored = None
    if stored != number:
        raise refusal(
            f"field {field.name}: the number {number}, which the type {field.type_name} rounds",
            "ES|QL compares the rounded value; use a number that the type holds",
        )


def _folded_equality(field: Field, text: Text) -> str:
    _require_single(field, "a comparison without regard to case")
    if not _is_folded_by_lower(text):
        return _expression(field, of_text(text.value, ignores_case=True))
    return _known(f"TO_LOWER({field_name(field.name)}) == {string(text.value.lower())}")


def _expression(field: Field, expression: str) -> str:
    if len(expression) > MAXIMUM_LENGTH:
        raise refusal(
            f"field {field.name}: a regular expression of {len(expression)} characters",
            f"an index takes {MAXIMUM_LENGTH}; split the value",
        )
    return _known(f"{field_name(field.name)} RLIKE {string(expression)}")


def _known(condition: str) -> str:
    """Make a condition false where it is null, which it is without a value."""
    return f"COALESCE({condition}, false)"


def _require_single(field: Field, what: str) -> None:
    if not field.is_single:
        raise refusal(
            f"field {field.name}: {what} on a field that may hold several values",
            "ES|QL 9.2 answers null for an array; declare the field single-valued if it is",
        )
