"""Writes a syntax tree as query_string text that parses to the same tree."""

from __future__ import annotations

import re
from typing import assert_never

from converter.ir import Wildcard

from .syntax import (
    Clause,
    End,
    Everything,
    Group,
    Interval,
    Nothing,
    Occur,
    Pattern,
    Phrase,
    Present,
    Query,
    RegularExpression,
    Term,
)

_SPECIAL = re.compile(r"""[ \t\n\r\u3000+\-!():^\[\]"{}~*?\\/<>]""")
_OPERATORS = frozenset({"AND", "OR", "NOT", "&&", "||"})


def show(query: Query) -> str:
    """Return canonical text: one sign or none before each clause, a field before each leaf."""
    match query:
        case Nothing():
            return ""
        case Everything():
            return "*:*"
        case Group(clauses):
            return " ".join(_clause(clause) for clause in clauses)
        case Present(field):
            return f"_exists_:{_escaped(field)}"
        case Term(field, text):
            return _fielded(field, _escaped(text))
        case Phrase(field, text):
            return _fielded(field, _quoted(text))
        case Pattern(field, parts):
            return _fielded(field, _pattern(parts))
        case RegularExpression(field, pattern):
            return _fielded(field, f"/{pattern}/")
        case Interval(field, lower, upper):
            return _fielded(field, _interval(lower, upper))
        case _:
            assert_never(query)


def _clause(clause: Clause) -> str:
    text = show(clause.query)
    if isinstance(clause.query, Group):
        text = f"({text})"
    # A bare word would join its neighbour (LUCENE-4); in parentheses it stands alone.
    elif clause.occur is Occur.SHOULD and isinstance(clause.query, Term):
        text = f"({text})" if clause.query.field is None else text
    return clause.occur.value + text


def _fielded(field: str | None, value: str) -> str:
    return value if field is None else f"{_escaped(field)}:{value}"


def _escaped(text: str) -> str:
    if text in _OPERATORS:
        return "\\" + text
    return _SPECIAL.sub(r"\\\g<0>", text)


def _quoted(text: str) -> str:
    return '"' + re.sub(r'["\\]', r"\\\g<0>", text) + '"'


def _pattern(parts: tuple[str | Wildcard, ...]) -> str:
    return "".join(
        part.value if isinstance(part, Wildcard) else _SPECIAL.sub(r"\\\g<0>", part)
        for part in parts
    )


def _interval(lower: End | None, upper: End | None) -> str:
    opening = "[" if lower is None or lower.inclusive else "{"
    closing = "]" if upper is None or upper.inclusive else "}"
    return f"{opening}{_end(lower)} TO {_end(upper)}{closing}"


def _end(end: End | None) -> str:
    if end is None:
        return "*"
    # A range's lexer ends a quoted text only at a quote without a backslash before it.
    return '"' + end.text.replace("\\", r"\u005c").replace('"', r"\"") + '"'
