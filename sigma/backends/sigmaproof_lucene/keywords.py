"""Values without a field, as leaves of query_string that ask all fields (SIGMA-12, LUCENE-15)."""

from __future__ import annotations

import re

from sigma.types import (
    SigmaCasedString,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
)

from sigma.sigmaproof.elastic.analysed import keyword_phrase
from sigma.sigmaproof.elastic.comparison import Part, Wildcard, parts_of, search_of
from sigma.sigmaproof.elastic.expression import of_search, of_shape

from .literals import delimited, quoted

_WHERE = "a keyword"


def keyword(value: SigmaType) -> list[str] | None:
    """Return leaves of which one holds where a field contains the value; None for what has no such leaves."""
    match value:
        case SigmaString():
            parts = parts_of(value, _WHERE)
            words = keyword_phrase(parts)
            found = [_contained(parts, ignores_case=not isinstance(value, SigmaCasedString))]
            return found if words is None else [*found, quoted(words)]
        case SigmaNumber(number=number) if not isinstance(value, SigmaTimestampPart):
            text = str(number)
            return [_contained((text,), ignores_case=True), quoted(text)]
        case SigmaRegularExpression():
            return [delimited(_WHERE, of_search(search_of(value, _WHERE), _WHERE))]
        case _:
            return None


def _contained(parts: tuple[Part, ...], *, ignores_case: bool) -> str:
    """Write an expression for values that hold this somewhere."""
    many = Wildcard.MANY
    inner = parts[parts[:1] == (many,) :]
    inner = inner[: len(inner) - (inner[-1:] == (many,))]
    if not inner:
        return delimited(_WHERE, ".*")
    has_letters = any(isinstance(part, str) and re.search("[A-Za-z]", part) for part in parts)
    shape = (many, *inner, many)
    return delimited(_WHERE, of_shape(shape, ignores_case=ignores_case and has_letters))
