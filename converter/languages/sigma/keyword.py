"""Lowers keywords: values without a field, looked for in every field (SIGMA-12)."""

from __future__ import annotations

from sigma.types import (
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaExpansion,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
)

from converter.errors import Unsupported
from converter.ir import AnyField, Case, Cidr, OneOf, Predicate, View

from .regex import regex_test
from .text import TextPattern, text_pattern


def lower_keyword(value: SigmaType, dates: frozenset[str]) -> list[Predicate]:
    """Return predicates of which one must hold; the text of dates is not searched."""
    match value:
        case SigmaExpansion():
            return [one for inner in value.values for one in lower_keyword(inner, dates)]
        case SigmaString():
            case = Case.EXACT if isinstance(value, SigmaCasedString) else Case.ASCII
            return [_contains(text_pattern(value, None), case, dates)]
        case SigmaNumber() if not isinstance(value, SigmaTimestampPart):
            text = TextPattern((str(value.number),))
            number = AnyField(View.NUMBER, OneOf((value.number,)), without=dates)
            return [_contains(text, Case.ASCII, dates), number]
        case SigmaRegularExpression():
            return [AnyField(View.TEXT, regex_test(value), without=dates)]
        case SigmaCIDRExpression():
            return [AnyField(View.IP, Cidr((str(value.network),)))]
        case _:
            raise Unsupported(
                f"{_name(value)} without a field", hint="name the field that it is compared with"
            )


def _contains(pattern: TextPattern, case: Case, dates: frozenset[str]) -> Predicate:
    return AnyField(View.TEXT, pattern.contained().test(case), without=dates)


def _name(value: SigmaType) -> str:
    name = type(value).__name__.removeprefix("Sigma")
    return {"Null": "null", "Bool": "a boolean", "FieldReference": "fieldref"}.get(
        name, "a comparison"
    )
