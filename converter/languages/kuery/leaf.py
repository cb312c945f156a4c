"""One condition on one field, by the type of the field (KUERY-21 to KUERY-29).

Nothing is lenient: what makes Elasticsearch refuse the whole query is refused here (KUERY-38).
"""

from __future__ import annotations

import re
from typing import assert_never

from converter.errors import Unsupported
from converter.ir import (
    NEVER,
    AnyField,
    Atom,
    Bound,
    Case,
    Cidr,
    Exists,
    FieldType,
    Glob,
    OneOf,
    Predicate,
    Range,
    Test,
    View,
    Wildcard,
)

from . import ast
from .fields import Field
from .query_string import lower_pattern
from .readings import REJECTED, boolean_of, check_address, date_of, number_of, text_of
from .words import has_any_word, has_phrase


def exists(field: Field) -> Predicate:
    """Return whether the field has a value, the empty text included (KUERY-21)."""
    return _test(field, View.RAW, Exists())


def lower_value(field: Field, value: ast.Text | ast.Boolean) -> Predicate:
    """Lower `field: value`."""
    text = text_of(value)
    match field.type:
        case FieldType.KEYWORD | FieldType.WILDCARD | FieldType.FLATTENED:
            return _keyword(field, OneOf((text,), field.case))
        case FieldType.CONSTANT_KEYWORD:
            if "*" in text:
                raise Unsupported(
                    f'"*" in a value of the constant_keyword field {field.name}',
                    value.span,
                    "versions of Elasticsearch disagree on it; write the whole value",
                )
            return _keyword(field, OneOf((text,)))
        case FieldType.TEXT:
            is_phrase = isinstance(value, ast.Text) and value.is_quoted
            return (has_phrase if is_phrase else has_any_word)(field.path, text)
        case FieldType.LONG | FieldType.DOUBLE:
            number = number_of(field, value)
            # KUERY-25: a whole-number field never holds a fraction.
            if field.type is FieldType.LONG and number != int(number):
                return NEVER
            return Atom(field.path, View.COERCED_NUMBER, OneOf((number,)))
        case FieldType.BOOLEAN:
            return Atom(field.path, View.BOOLEAN, OneOf((boolean_of(field, value),)))
        case FieldType.IP:
            check_address(field, value, may_be_network=True)
            test = Cidr((text,)) if "/" in text else OneOf((text,))
            return Atom(field.path, View.IP, test)
        case FieldType.DATE:
            first, behind = date_of(field, value)
            return Atom(field.path, View.DATE, Range(Bound(first, True), Bound(behind, False)))
        case FieldType.OBJECT | FieldType.NESTED:
            raise _not_a_field(field, value)
        case _:
            assert_never(field.type)


def lower_wildcard(field: Field, pattern: ast.Pattern) -> Predicate:
    """Lower `field: pattern`, where the pattern is not a lone `*`."""
    match field.type:
        case FieldType.KEYWORD:
            # KUERY-22: one pattern over the whole value, white space included.
            return _keyword(field, Glob(_parts(pattern), field.case))
        case FieldType.WILDCARD | FieldType.CONSTANT_KEYWORD:
            return lower_pattern(field, pattern)
        case FieldType.FLATTENED if not field.is_key:
            return lower_pattern(field, pattern)
        case FieldType.FLATTENED:
            prefix, *rest = pattern.pieces
            if rest != [""] or re.search(r"\s", prefix):
                raise Unsupported(
                    f"a pattern on {field.name}, a key of a flattened field",
                    pattern.span,
                    "only a prefix is documented; write text*, or ask the flattened field itself",
                )
            return _keyword(field, Glob(_parts(pattern)))
        case FieldType.TEXT:
            raise Unsupported(
                f"a pattern on the analysed text field {field.name}",
                pattern.span,
                "it is compared with each word on its own; ask the keyword field beside it",
            )
        case FieldType.LONG | FieldType.DOUBLE | FieldType.BOOLEAN | FieldType.IP | FieldType.DATE:
            raise Unsupported(
                f"a pattern on the {field.type.value} field {field.name}: {REJECTED}",
                pattern.span,
                'write a whole value, or "*" alone for any value',
            )
        case FieldType.OBJECT | FieldType.NESTED:
            raise _not_a_field(field, pattern)
        case _:
            assert_never(field.type)


def lower_range(field: Field, operator: ast.Operator, bound: ast.Literal) -> Predicate:
    """Lower `field < bound` and its kin."""
    match field.type:
        case FieldType.KEYWORD | FieldType.WILDCARD | FieldType.CONSTANT_KEYWORD:
            _check_orders_as_text(field, bound)
            return _keyword(field, _range(operator, text_of(bound)))
        case FieldType.FLATTENED:
            return _keyword(field, _range(operator, text_of(bound)))
        case FieldType.LONG | FieldType.DOUBLE:
            test = _range(operator, number_of(field, bound))
            return Atom(field.path, View.COERCED_NUMBER, test)
        case FieldType.BOOLEAN:
            limit = boolean_of(field, bound)
            kept = tuple(truth for truth in (False, True) if _holds(truth, operator, limit))
            return Atom(field.path, View.BOOLEAN, OneOf(kept)) if kept else NEVER
        case FieldType.IP:
            check_address(field, bound, may_be_network=False)
            return Atom(field.path, View.IP, _range(operator, text_of(bound)))
        case FieldType.DATE:
            return Atom(field.path, View.DATE, _date_range(field, operator, bound))
        case FieldType.TEXT:
            raise Unsupported(
                f"a range on the analysed text field {field.name}",
                bound.span,
                "it is compared with each word on its own; ask the keyword field beside it",
            )
        case FieldType.OBJECT | FieldType.NESTED:
            raise _not_a_field(field, bound)
        case _:
            assert_never(field.type)


def _keyword(field: Field, test: Test) -> Predicate:
    return _test(field, View.KEYWORD, test)


def _test(field: Field, view: View, test: Test) -> Predicate:
    """Test the values of a field; those of a flattened one stand under its keys (KUERY-29)."""
    if field.type is FieldType.FLATTENED and not field.is_key:
        return AnyField(view, test, inside=field.path)
    return Atom(field.path, view, test)


def _parts(pattern: ast.Pattern) -> tuple[str | Wildcard, ...]:
    parts: list[str | Wildcard] = []
    for piece in pattern.pieces:
        parts += [Wildcard.MANY, piece]
    return tuple(part for part in parts[1:] if part != "")


def _range(operator: ast.Operator, bound: str | float) -> Range:
    match operator:
        case ast.Operator.LT:
            return Range(None, Bound(bound, inclusive=False))
        case ast.Operator.LTE:
            return Range(None, Bound(bound, inclusive=True))
        case ast.Operator.GT:
            return Range(Bound(bound, inclusive=False), None)
        case ast.Operator.GTE:
            return Range(Bound(bound, inclusive=True), None)
        case _:
            assert_never(operator)


def _holds(truth: bool, operator: ast.Operator, limit: bool) -> bool:
    """Compare booleans, false before true."""
    match operator:
        case ast.Operator.LT:
            return truth < limit
        case ast.Operator.LTE:
            return truth <= limit
        case ast.Operator.GT:
            return truth > limit
        case ast.Operator.GTE:
            return truth >= limit
        case _:
            assert_never(operator)


def _check_orders_as_text(field: Field, bound: ast.Literal) -> None:
    if not field.is_known:
        raise Unsupported(
            f"a range on {field.name}, whose type is not known",
            bound.span,
            "numbers and text order differently; add the field to the schema",
        )
    if field.case is not Case.EXACT:
        raise Unsupported(
            f"a range on {field.name}, which ignores case", bound.span, "ask the field itself"
        )


def _date_range(field: Field, operator: ast.Operator, bound: ast.Literal) -> Range:
    """Round a bound away from what it names: `>` starts behind the unit, `<=` ends with it."""
    first, behind = date_of(field, bound)
    match operator:
        case ast.Operator.LT:
            return Range(None, Bound(first, inclusive=False))
        case ast.Operator.LTE:
            return Range(None, Bound(behind, inclusive=False))
        case ast.Operator.GT:
            return Range(Bound(behind, inclusive=True), None)
        case ast.Operator.GTE:
            return Range(Bound(first, inclusive=True), None)
        case _:
            assert_never(operator)


def _not_a_field(field: Field, literal: ast.Literal) -> Unsupported:
    return Unsupported(
        f"a value of {field.name}, which is an object", literal.span, "name one of its fields"
    )
