"""Patterns that Kibana hands to Elasticsearch's query_string, white space unescaped (KUERY-23)."""

from __future__ import annotations

import re

from converter.errors import QuerySyntaxError, Unsupported
from converter.ir import Predicate, Schema
from converter.languages import lucene

from .ast import Pattern
from .fields import Field

_ESCAPED = re.compile(r'[-+=&|><!(){}\[\]^"~*?:\\/]')
_SPACE = re.compile(r"[ \t\r\n\u3000]")


def lower_pattern(field: Field, pattern: Pattern) -> Predicate:
    """Return what the query_string does that Kibana makes of a pattern on one field."""
    name = _SPACE.sub(r"\\\g<0>", _escaped(field.path))
    text = "*".join(map(_escaped, pattern.pieces))
    try:
        query = lucene.parse(f"{name}:({text})")
    except QuerySyntaxError as error:
        raise Unsupported(
            f'pattern "{"*".join(pattern.pieces)}" on {field.name}: '
            f"Elasticsearch rejects it as a query_string ({error.message})",
            pattern.span,
            "write it without the operator words, or ask a keyword field",
        ) from error
    return lucene.lower(query, Schema({field.path: field.type}))


def _escaped(text: str) -> str:
    return _ESCAPED.sub(r"\\\g<0>", text)
