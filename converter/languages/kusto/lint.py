"""What the binder does not see, but the service, an engine or a reader trips over (KUSTO-10)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from duckdb_kql import ir

from converter.diagnostic import Diagnostic, Severity, Span

from .places import span_of
from .tokens import TokenKind, tokens

LITERAL = "kusto-literal"
EQUALITY = "kusto-equality-types"
CONSTANT = "kusto-constant-condition"
NULL_TEXT = "kusto-isnull-string"
EMPTY_NEEDLE = "kusto-empty-needle"
REGEX = "kusto-regex"

_SAFE_ESCAPE = re.compile(r"\\[\\\"'nrt]")
_LOOK_AROUND = re.compile(r"\(\?(?:[=!>#]|<[=!])|(?<!\\)\\[1-9]")
_NEEDLES = frozenset({"contains", "startswith", "endswith", "has", "hasprefix", "hassuffix"})


def literal_findings(text: str) -> Iterator[Diagnostic]:
    """Find string literals that not every parser of Kusto reads alike (KUSTO-1)."""
    for token in tokens(text):
        if token.kind is not TokenKind.STRING:
            continue
        span = span_of(text, token.start, token.end)
        if token.text[0] in "hH":
            yield _warning(
                LITERAL, f"the literal {token.text} is obfuscated; write it without h", span
            )
        elif token.text.startswith(("```", "~~~")):
            yield _warning(LITERAL, "a literal over several lines; write it with quotes", span)
        elif token.text[0] != "@" and "\\" in _SAFE_ESCAPE.sub("", token.text):
            yield _warning(
                LITERAL, f"an escape in {token.text} is not read alike; write the character", span
            )


def binary_findings(
    operator: str, left: tuple[ir.Expr, str], right: tuple[ir.Expr, str], span: Span
) -> Iterator[Diagnostic]:
    """Find comparisons that bind but cannot mean what was meant; sides come with their types."""
    literals = [side for side, _ in (left, right) if isinstance(side, ir.Literal)]
    if len(literals) == 2:
        yield _warning(
            CONSTANT,
            f"both sides of {operator} are literals; a column name goes in brackets: ['name']",
            span,
        )
        return
    if operator in ("==", "!="):
        yield from _equality(left, right, span)
    needle = right[0].value if isinstance(right[0], ir.Literal) else None
    if needle == "" and operator.removesuffix("_cs").lstrip("!") in _NEEDLES:
        yield _warning(EMPTY_NEEDLE, f'{operator} "" holds for every row, or for none', span)
    if operator == "matches regex" and isinstance(needle, str):
        yield from _regex(needle, span)


def call_findings(name: str, types: list[str], span: Span) -> Iterator[Diagnostic]:
    """Find calls that bind but always answer the same."""
    if name in ("isnull", "isnotnull") and types == ["string"]:
        yield _warning(
            NULL_TEXT, f"{name} of a string is always the same; use isempty or isnotempty", span
        )


def _equality(
    left: tuple[ir.Expr, str], right: tuple[ir.Expr, str], span: Span
) -> Iterator[Diagnostic]:
    types = {left[1], right[1]}
    if "" in types or len(types) == 1 and types != {"dynamic"}:
        return
    texts = [side for side, kind in (left, right) if kind == "string"]
    is_coerced = texts and isinstance(texts[0], ir.Literal)
    if types == {"dynamic"} or (texts and not is_coerced and "dynamic" not in types):
        shown = f"{left[1]} and {right[1]}"
        yield _warning(
            EQUALITY, f"the service refuses to compare values of types {shown}; cast one", span
        )


def _regex(pattern: str, span: Span) -> Iterator[Diagnostic]:
    if found := _LOOK_AROUND.search(pattern):
        yield _warning(
            REGEX, f"{found.group()!r} in the regular expression {pattern!r} is refused", span
        )


def _warning(code: str, message: str, span: Span) -> Diagnostic:
    return Diagnostic(code, Severity.WARNING, message, span)
