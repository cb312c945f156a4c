"""Patterns with wildcards, and regular expressions without case (EQL-8, EQL-9)."""

from __future__ import annotations

import re

from converter.diagnostic import Span
from converter.ir import Case, Wildcard
from converter.ir.values import fold
from converter.languages.lucene.regex import plain_pattern

_WILDCARDS = {"*": Wildcard.MANY, "?": Wildcard.ONE}
_REGEX_ITEM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)
_QUERY_ITEM = re.compile(r"\\.|.", re.DOTALL)
_CLASS_ITEM = re.compile(r"(?:\\.|.)-(?:\\.|[^\]])|\\.|.", re.DOTALL)


def wildcard_parts(text: str) -> tuple[str | Wildcard, ...]:
    """Split a pattern; a backslash is an ordinary character and nothing escapes a wildcard (EQL-8)."""
    parts = (piece for piece in re.split(r"([*?])", text) if piece)
    return tuple(_WILDCARDS.get(piece, piece) for piece in parts)


def query_parts(text: str) -> tuple[str | Wildcard, ...]:
    """Split a pattern of Elasticsearch's wildcard query, where a backslash escapes (EQL-11)."""
    parts: list[str | Wildcard] = []
    for item in _QUERY_ITEM.findall(text):
        part = _WILDCARDS.get(item) or (item[1:] if len(item) > 1 else item)
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        else:
            parts.append(part)
    return tuple(parts)


def fits(parts: tuple[str | Wildcard, ...], text: str, case: Case) -> bool:
    """Say whether a whole text has the shape."""
    pattern = "".join(
        re.escape(fold(part, case))
        if isinstance(part, str)
        else ".*"
        if part is Wildcard.MANY
        else "."
        for part in parts
    )
    return re.fullmatch(pattern, fold(text, case), re.DOTALL) is not None


def plain_regex(pattern: str, span: Span, *, ignores_case: bool) -> tuple[str, bool]:
    """Return the common part of Lucene's dialect, and whether its complement is meant (EQL-9)."""
    plain, is_complement = plain_pattern(pattern, span)
    if ignores_case:
        plain = "".join(map(_any_case, _REGEX_ITEM.findall(plain)))
    return plain, is_complement


def _any_case(item: str) -> str:
    if item.startswith("["):
        opening = "[^" if item.startswith("[^") else "["
        members = _CLASS_ITEM.findall(item[len(opening) : -1])
        return opening + "".join(map(_member_in_any_case, members)) + "]"
    return f"[{item.lower()}{item.upper()}]" if _is_letter(item) else item


def _member_in_any_case(member: str) -> str:
    """Return both cases of a letter; a range keeps its case."""
    return member.lower() + member.upper() if _is_letter(member) else member


def _is_letter(item: str) -> bool:
    return len(item) == 1 and item.isascii() and item.isalpha()
