"""Comparisons of ES|QL that are exact for missing fields and for arrays.

Everything written here is true or false, never null: `MV_CONTAINS` reads null as no values, and what
else would be null is wrapped in `COALESCE(..., false)`. Hence NOT means the complement.
"""

from __future__ import annotations

import struct
from typing import assert_never
from urllib.parse import quote_plus

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
from sigma.sigmaproof.elastic.fields import Field, Kind
from sigma.sigmaproof.elastic.layout import Choice, Line, Node, some
from sigma.sigmaproof.elastic.refusal import refusal

from .conversions import address_of
from .literals import field_name, string
from .networks import network_expression
from .patterns import condition_of, either, folded_text, pattern_of

_EXTREMES = {">": "MV_MAX", ">=": "MV_MAX", "<": "MV_MIN", "<=": "MV_MIN"}


def alternatives(field: Field, comparisons: list[Comparison]) -> Node:
    """Write that one of the comparisons holds; texts without case stand in one list if they can."""
    folded = [one for one in comparisons if isinstance(one, Text) and _is_folded_by_lower(one)]
    if len(folded) < 2 or not field.is_single:
        return some([_condition(field, one) for one in comparisons])
    others = [_condition(field, one) for one in comparisons if one not in folded]
    return some([_membership(field, folded), *others])


def _is_folded_by_lower(text: Text) -> bool:
    """Say whether TO_LOWER folds just as A to Z do.

    It folds all of Unicode: other letters would fold too, and the Kelvin sign becomes a k.
    """
    return text.ignores_case and text.value.isascii() and "k" not in text.value.lower()


def _membership(field: Field, texts: list[Text]) -> Node:
    literals = [string(text.value.lower()) for text in texts]
    values = (*(f"{literal}," for literal in literals[:-1]), literals[-1])
    return Choice(f"COALESCE(TO_LOWER({field_name(field.name)}) IN (", values, "), false)")


def _condition(field: Field, comparison: Comparison) -> Node:
    name = field_name(field.name)
    match comparison:
        case AnyValue():
            return Line(f"{name} IS NOT NULL")
        case Text():
            return _text(field, comparison)
        case Shape() | Search():
            return condition_of(field, pattern_of(field, comparison))
        case Number() | Boolean() | Address():
            return _typed_equality(field, comparison)
        case Bound(operator, number):
            _require_exact(field, number)
            # Some value lies above a bound if the largest one does.
            return _known(f"{_EXTREMES[operator]}({name}) {operator} {number}")
        case Network(network):
            return _network(field, network)
        case _:
            assert_never(comparison)


def _text(field: Field, text: Text) -> Node:
    name = field_name(field.name)
    if not text.ignores_case:
        return Line(f"MV_CONTAINS({name}, {string(text.value)})")
    if _is_folded_by_lower(text):
        subject, literal = f"TO_LOWER({name})", string(text.value.lower())
    else:
        subject, literal = folded_text(name), string(quote_plus(text.value, safe="~").lower())
    if field.is_single:
        return _known(f"{subject} == {literal}")
    return Line(f"MV_CONTAINS({subject}, {literal})")


def _network(field: Field, network: str) -> Node:
    address = address_of(field)
    if field.is_single:
        return _known(f"CIDR_MATCH({address}, {string(network)})")
    return either(
        f"CIDR_MATCH(MV_FIRST({address}), {string(network)})",
        f'MV_CONCAT(TO_STRING({address}), " ") RLIKE {string(network_expression(network))}',
    )


def _typed_equality(field: Field, comparison: Number | Boolean | Address) -> Node:
    """Write equality with a literal of the field's own type; a field of unknown type is read as text."""
    name = field_name(field.name)
    match comparison:
        case Number(number):
            return _number_equality(field, number)
        case Boolean(boolean):
            text = str(boolean).lower()
            if field.kind is Kind.BOOLEAN:
                return Line(f"MV_CONTAINS({name}, {text})")
            return _text(field, Text(text, ignores_case=True))
        case Address(address):
            return Line(f"MV_CONTAINS({name}, TO_IP({string(address)}))")
        case _:
            assert_never(comparison)


def _number_equality(field: Field, number: float) -> Node:
    """Write equality with both sides of one type, since MV_CONTAINS takes no other."""
    name = field_name(field.name)
    _require_exact(field, number)
    if field.kind is Kind.NUMBER:
        return Line(f"MV_CONTAINS({name}, {float(number)!r})")
    if field.kind is not Kind.WHOLE_NUMBER or field.type_name == "unsigned_long":
        return Line(f"MV_CONTAINS(TO_STRING({name}), {string(str(number))})")
    subject = name if field.type_name == "long" else f"TO_LONG({name})"
    return Line(f"MV_CONTAINS({subject}, TO_LONG({int(number)}))")


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


def _known(condition: str) -> Node:
    """Make a condition false where it is null, which it is without a value."""
    return Line(f"COALESCE({condition}, false)")
