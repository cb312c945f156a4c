"""Reads the patterns of LIKE and RLIKE (ESQL-11, ESQL-12)."""

from __future__ import annotations

from converter.diagnostic import Span
from converter.errors import Unsupported
from converter.ir import Wildcard
from converter.languages.lucene.regex import plain_pattern

_WILDCARDS = {wildcard.value: wildcard for wildcard in Wildcard}


class BadPattern(ValueError):
    """Report a pattern that the platform refuses."""


def like_parts(pattern: str) -> tuple[str | Wildcard, ...]:
    """Split a pattern into plain text and wildcards; raise BadPattern."""
    parts: list[str | Wildcard] = []
    text = ""
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            escaped = next(characters, "")
            if escaped not in ("*", "?", "\\"):
                raise BadPattern(
                    f"the backslash before {escaped!r} escapes nothing: in a pattern only"
                    " \\*, \\? and \\\\ are escapes"
                    if escaped
                    else "the backslash at the end of the pattern escapes nothing"
                )
            text += escaped
        elif character in _WILDCARDS:
            if text:
                parts.append(text)
            parts.append(_WILDCARDS[character])
            text = ""
        else:
            text += character
    return (*parts, text) if text else tuple(parts)


def likes_everything(parts: tuple[str | Wildcard, ...]) -> bool:
    """Say whether a pattern of LIKE matches every text."""
    return bool(parts) and all(part is Wildcard.MANY for part in parts)


def matches_everything(expression: str) -> bool:
    """Say whether a regular expression is nothing but `.*`."""
    return bool(expression) and not expression.replace(".*", "")


def plain_expression(pattern: str, span: Span) -> str:
    """Return a regular expression without the operators that only Lucene has (ESQL-12)."""
    plain, is_complement = plain_pattern(pattern, span)
    if is_complement:
        raise Unsupported(
            f"complement in the regular expression {pattern!r}",
            span,
            "versions read it differently; write NOT",
        )
    return plain
