"""Lowers leaves without a field: every value of every field is asked (LUCENE-15)."""

from __future__ import annotations

from typing import assert_never

from converter.errors import Unsupported
from converter.ir import AnyField, Glob, OneOf, Predicate, Regex, RegexDialect, View

from .regex import plain_pattern
from .syntax import Interval, Leaf, Pattern, Phrase, Present, RegularExpression, Term


def lower_free_text(leaf: Leaf) -> Predicate:
    """Return the predicate over all fields; text is compared whole, as keywords are."""
    match leaf:
        case Term(_, text) | Phrase(_, text):
            return AnyField(View.KEYWORD, OneOf((text,)))
        case Pattern(_, parts):
            return AnyField(View.TEXT, Glob(parts))
        case RegularExpression(_, pattern, span):
            plain, is_complement = plain_pattern(pattern, span)
            if is_complement:
                raise Unsupported(
                    f"a complement /{pattern}/ over all fields", span, "name the field"
                )
            return AnyField(View.TEXT, Regex(plain, RegexDialect.LUCENE))
        case Interval(_, _, _, span):
            raise Unsupported("a range over all fields", span, "name the field")
        case Present(_, span):
            raise Unsupported("_exists_ without a field", span, "name the field")
        case _:
            assert_never(leaf)
