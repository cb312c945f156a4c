"""Lowers leaves without a field: every value of every field is asked (LUCENE-15)."""

from __future__ import annotations

from typing import assert_never

from converter.errors import Unsupported
from converter.ir import (
    AnyField,
    FieldType,
    Glob,
    OneOf,
    Or,
    Predicate,
    Regex,
    RegexDialect,
    Schema,
    View,
)
from converter.ir.values import parse_number

from .regex import plain_pattern
from .syntax import Interval, Leaf, Pattern, Phrase, Present, RegularExpression, Term
from .typed import lower_leaf


def lower_free_text(leaf: Leaf, schema: Schema) -> Predicate:
    """Return the predicate over all fields; text is compared whole, as keywords are, or by its words."""
    match leaf:
        case Term(_, text) | Phrase(_, text):
            return _anywhere(text, leaf, schema)
        case Pattern(_, parts):
            return AnyField(View.TEXT, Glob(parts), without=_not_searched(schema))
        case RegularExpression(_, pattern, span):
            plain, is_complement = plain_pattern(pattern, span)
            if is_complement:
                raise Unsupported(
                    f"a complement /{pattern}/ over all fields", span, "name the field"
                )
            test = Regex(plain, RegexDialect.LUCENE)
            return AnyField(View.TEXT, test, without=_not_searched(schema))
        case Interval(_, _, _, span):
            raise Unsupported("a range over all fields", span, "name the field")
        case Present(_, span):
            raise Unsupported("_exists_ without a field", span, "name the field")
        case _:
            assert_never(leaf)


def _analysed(schema: Schema) -> frozenset[str]:
    return schema.of_type(FieldType.TEXT)


def _not_searched(schema: Schema) -> frozenset[str]:
    """Return the fields of which patterns over all fields find nothing."""
    return _analysed(schema) | schema.of_type(FieldType.DATE)


def _anywhere(text: str, leaf: Term | Phrase, schema: Schema) -> Predicate:
    """Join the test of whole values with what each field of analysed text makes of the value."""
    analysed = _analysed(schema)
    words = [
        predicate
        for name in sorted(analysed)
        if (predicate := lower_leaf(leaf, name, FieldType.TEXT)) is not None
    ]
    whole = [AnyField(View.KEYWORD, OneOf((text,)), without=analysed)]
    if (number := parse_number(text)) is not None:
        whole.append(AnyField(View.NUMBER, OneOf((number,)), without=analysed))
    operands = (*whole, *words)
    return operands[0] if len(operands) == 1 else Or(operands)
