"""What ES|QL asks of a field after a conversion, where the type of the field itself cannot answer.

A conversion applies to each value of an array: patterns read whole numbers and addresses as their text,
networks read text that is an address. Fractions are left out: their text is not the canonical one of Sigma.
"""

from __future__ import annotations

from dataclasses import replace

from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.types import SigmaCIDRExpression, SigmaRegularExpression, SigmaString, SigmaType

from sigma.sigmaproof.elastic.comparison import Comparison, Never, comparison_of
from sigma.sigmaproof.elastic.fields import Field, Kind

from .literals import field_name

TEXTS = frozenset({Kind.UNKNOWN, Kind.KEYWORD, Kind.WILDCARD, Kind.TEXT})
_WRITTEN = frozenset({Kind.WHOLE_NUMBER, Kind.ADDRESS})


def comparison(field: Field, value: SigmaType) -> Comparison | Never:
    """Return what a value asks of a field, as its type answers it or else after a conversion."""
    try:
        return comparison_of(field, value)
    except SigmaFeatureNotSupportedByBackendError:
        converted = _converted(field, value)
        if converted is None:
            raise
        return comparison_of(converted, value)


def _converted(field: Field, value: SigmaType) -> Field | None:
    match value:
        case SigmaCIDRExpression() if field.kind in TEXTS:
            return replace(field, kind=Kind.ADDRESS)
        case SigmaRegularExpression() if field.kind in _WRITTEN:
            return replace(field, kind=Kind.KEYWORD)
        case SigmaString() if field.kind in _WRITTEN and value.contains_special():
            return replace(field, kind=Kind.KEYWORD)
        case _:
            return None


def text_of(field: Field) -> str:
    """Write the values of a field as text."""
    name = field_name(field.name)
    return name if field.kind in TEXTS else f"TO_STRING({name})"


def address_of(field: Field) -> str:
    """Write the values of a field as addresses; text that is none has no value."""
    name = field_name(field.name)
    return name if field.kind is Kind.ADDRESS else f"TO_IP({name})"
