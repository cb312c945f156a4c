"""Backslash escapes of the classic parser."""

from __future__ import annotations

import re
from dataclasses import dataclass

from converter.ir import Wildcard

_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{4}")
_WILDCARDS = {wildcard.value: wildcard for wildcard in Wildcard}


@dataclass
class BadEscape(Exception):
    """An escape that means nothing, with its place in the text."""

    message: str
    offset: int
    length: int


def unescaped(text: str) -> str:
    r"""Decode `\x` to the character itself and `\uXXXX` to its code point (LUCENE-6)."""
    decoded: list[str] = []
    position = 0
    while position < len(text):
        if text[position] != "\\":
            decoded.append(text[position])
            position += 1
        elif text[position + 1 : position + 2] != "u":
            decoded.append(_escaped_character(text, position))
            position += 2
        else:
            decoded.append(_code_unit(text, position))
            position += 6
    return _joined_surrogates("".join(decoded))


def _escaped_character(text: str, position: int) -> str:
    if position + 1 == len(text):
        raise BadEscape(r"the backslash at the end escapes nothing; write \\", position, 1)
    return text[position + 1]


def _code_unit(text: str, position: int) -> str:
    digits = text[position + 2 : position + 6]
    if not _HEXADECIMAL.fullmatch(digits):
        raise BadEscape(
            r"\u needs four hexadecimal digits; write \\u for a backslash and a u", position, 2
        )
    return chr(int(digits, 16))


def _joined_surrogates(text: str) -> str:
    if not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def pattern_parts(text: str) -> tuple[str | Wildcard, ...]:
    r"""Split a pattern at its wildcards; `\` makes any character literal, a `u` too (LUCENE-6)."""
    parts: list[str | Wildcard] = []
    position = 0
    while position < len(text):
        character = text[position]
        wildcard = _WILDCARDS.get(character)
        if wildcard is not None:
            parts.append(wildcard)
            position += 1
            continue
        if character == "\\":
            position += 1
            character = text[position]
        if parts and isinstance(parts[-1], str):
            parts[-1] += character
        else:
            parts.append(character)
        position += 1
    return tuple(parts)
