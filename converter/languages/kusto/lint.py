"""What the binder does not see, but the service, an engine or a reader trips over (KUSTO-10)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from duckdb_kql import ir

from converter.diagnostic import Diagnostic, Severity, Span

from .lint_regex import regex_findings
from .places import span_of
from .tokens import Token, TokenKind, significant, tokens
from .types import EQUALITY as EQUALITY_OPERATORS
from .types import INTEGERS, NUMBERS, ORDER

LITERAL = "kusto-literal"
EQUALITY = "kusto-equality-types"
CONSTANT = "kusto-constant-condition"
EMPTY_NEEDLE = "kusto-empty-needle"
RANGE = "kusto-number-range"
UNREADABLE = "kusto-unreadable-number"
TERM = "kusto-term-search"
ANY_TABLE = "kusto-any-table"

_SAFE_ESCAPE = re.compile(r"\\[\\\"'nrt]")
_BITS = {"int": 31, "long": 63}
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|0[xX][0-9A-Fa-f]+")
_TERMS = frozenset({"has", "has_cs", "has_any", "has_all", "!has", "!has_cs"})
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


def token_findings(text: str) -> Iterator[Diagnostic]:
    """Find searches for words, once a text, and searches in every table."""
    parts = significant(text)
    terms = [part for part in parts if part.text in _TERMS]
    for part in terms[:1]:
        yield _warning(
            TERM,
            f'{part.text} finds whole terms only: "admin" is not found in "xadminx"; use contains where'
            " any part counts",
            span_of(text, part.start, part.end),
        )
    starts = [place for place, part in enumerate(parts) if _starts_operator(parts, place)]
    for place in starts:
        part, rest = parts[place], parts[place + 1 : place + 4]
        is_any = part.text == "union" and any(one.text == "*" for one in rest)
        if part.text in ("search", "find") or is_any:
            shown = "union *" if is_any else part.text
            yield _warning(
                ANY_TABLE,
                f"{shown} reads every table, which a scheduled rule must not; name the tables",
                span_of(text, part.start, part.end),
            )


def _starts_operator(parts: list[Token], place: int) -> bool:
    return place == 0 or parts[place - 1].text in ("|", ";", "(", "=")


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
    if operator in EQUALITY_OPERATORS | ORDER:
        yield from _out_of_range(left, right, span)
    needle = right[0].value if isinstance(right[0], ir.Literal) else None
    if needle == "" and operator.removesuffix("_cs").lstrip("!") in _NEEDLES:
        yield _warning(EMPTY_NEEDLE, f'{operator} "" holds for every row, or for none', span)
    if operator == "matches regex" and isinstance(needle, str):
        yield from regex_findings(needle, span)


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


def _out_of_range(
    left: tuple[ir.Expr, str], right: tuple[ir.Expr, str], span: Span
) -> Iterator[Diagnostic]:
    """Find whole numbers that no value of the other side's type is."""
    for (side, kind), (_, other) in ((left, right), (right, left)):
        number = side.value if isinstance(side, ir.Literal) and kind in INTEGERS else None
        bits = _BITS.get(other)
        if bits and isinstance(number, int) and not -(1 << bits) <= number < 1 << bits:
            yield _warning(RANGE, f"{number} is outside of the type {other}", span)
        if other not in NUMBERS or not isinstance(side, ir.Literal) or kind != "string":
            continue
        if not _NUMBER.fullmatch(str(side.value).strip()):
            yield _warning(
                UNREADABLE, f"the text {side.value!r} does not convert to the type {other}", span
            )


def _warning(code: str, message: str, span: Span) -> Diagnostic:
    return Diagnostic(code, Severity.WARNING, message, span)
