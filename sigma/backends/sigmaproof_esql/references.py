"""Comparisons of two fields (SIGMA-11): some value of one equals some value of the other.

Two sets have a value in common when together they hold fewer values than each for itself.
"""

from __future__ import annotations

from sigma.types import SigmaFieldReference

from sigma.sigmaproof.elastic.fields import Field, Kind
from sigma.sigmaproof.elastic.layout import Choice, Line, Node
from sigma.sigmaproof.elastic.refusal import refusal

from .conversions import TEXTS
from .literals import field_name
from .patterns import folded_text

_EQUAL_AS_THEY_ARE = frozenset({Kind.NUMBER, Kind.BOOLEAN, Kind.ADDRESS})


def reference(field: Field, value: SigmaFieldReference, other: Field) -> Node:
    """Write that a field has a value of another field; texts compare without regard to case."""
    left, right = _operands(field, other)
    is_single = field.is_single and other.is_single
    if value.starts_with or value.ends_with:
        if not (value.starts_with and not value.ends_with and is_single and field.kind in TEXTS):
            raise refusal(
                f"field {field.name}: a part compared with the field {other.name}",
                "ES|QL folds A to Z alone only where it compares whole values, or the starts of fields"
                " that are declared single-valued",
            )
        return Line(f"COALESCE(STARTS_WITH({left}, {right}), false)")
    if is_single:
        return Line(f"COALESCE({left} == {right}, false)")
    together = f"MV_COUNT(MV_DEDUPE(MV_APPEND({left}, {right})))"
    apart = f"MV_COUNT(MV_DEDUPE({left})) + MV_COUNT(MV_DEDUPE({right}))"
    return Choice("COALESCE(", (together, f"< {apart}, false"), ")")


def _operands(field: Field, other: Field) -> tuple[str, str]:
    """Write both fields as values of one type."""
    names = (field_name(field.name), field_name(other.name))
    if {field.kind, other.kind} <= TEXTS:
        return (folded_text(names[0]), folded_text(names[1]))
    if field.kind is other.kind and field.kind is not Kind.DATE:
        if field.kind in _EQUAL_AS_THEY_ARE or field.type_name == other.type_name:
            return names
        if field.kind is Kind.WHOLE_NUMBER and "unsigned_long" not in (
            field.type_name,
            other.type_name,
        ):
            return (f"TO_LONG({names[0]})", f"TO_LONG({names[1]})")
    raise refusal(
        f"field {field.name} of type {field.type_name or 'unknown'}: a comparison with the field"
        f" {other.name} of type {other.type_name or 'unknown'}",
        "ES|QL compares values of one type, and dates otherwise than as text",
    )
