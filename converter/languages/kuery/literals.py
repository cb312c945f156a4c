"""How the characters of a literal are written: reading and writing, the one the inverse of the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .ast import CONSTANTS, TRIMMED, Boolean, Literal, Null, Pattern, Text

_QUOTED_ITEM = re.compile(r'\\([trn\\"])|((?:\\u[0-9a-fA-F]{4})+)|([^\\]+|\\)')
_UNQUOTED_ITEM = re.compile(
    r'\\([trn\\():<>"*{}])|((?:\\u[0-9a-fA-F]{4})+)|\\(?i:(or|and|not))|(\*)|([^\\*]+)'
)
_CONTROL = {"t": "\t", "r": "\r", "n": "\n"}
_SPECIAL = re.compile(r'[\\():<>"*{}]')
_KEYWORD = re.compile(r"(?:^|(?<= ))(?:or|and)(?= |$)|not(?= |$)", re.IGNORECASE)
_ESCAPED_IN_QUOTES = re.compile(r'[\\"\t\r\n\ud800-\udfff]')
_INVISIBLE = re.compile("[\t\r\n\u00a0\ud800-\udfff]")


def read_quoted(raw: str) -> Text:
    r"""Decode a literal between quotes; a backslash that starts no escape is text (KUERY-9)."""
    inner = raw[1:-1]
    if "\\" not in inner:
        return Text(inner, is_quoted=True)
    return Text("".join(_quoted_items(inner)), is_quoted=True)


def _quoted_items(inner: str) -> Iterator[str]:
    for escaped, units, plain in _QUOTED_ITEM.findall(inner):
        if escaped:
            yield _CONTROL.get(escaped, escaped)
        else:
            yield _utf16(units) if units else plain


def read_unquoted(raw: str) -> Literal:
    """Decode a literal without quotes: a constant, a pattern or trimmed text."""
    pieces = _pieces(raw) if "\\" in raw or "*" in raw else [raw]
    # KUERY-4: the ends are trimmed after decoding, so an escaped space goes too.
    pieces[0] = pieces[0].lstrip(TRIMMED)
    pieces[-1] = pieces[-1].rstrip(TRIMMED)
    if len(pieces) > 1:
        return Pattern(tuple(pieces))
    text = pieces[0]
    # KUERY-11: the decoded text decides.
    if text not in CONSTANTS:
        return Text(text)
    constant = CONSTANTS[text]
    return Null() if constant is None else Boolean(constant)


def _pieces(raw: str) -> list[str]:
    """Decode the texts around each bare wildcard."""
    pieces = [""]
    for escaped, units, keyword, wildcard, plain in _UNQUOTED_ITEM.findall(raw):
        if wildcard:
            pieces.append("")
        elif escaped:
            # KUERY-8: this comes before the keywords, so `\not` is a line feed and "ot".
            pieces[-1] += _CONTROL.get(escaped, escaped)
        else:
            pieces[-1] += _utf16(units) if units else keyword or plain
    return pieces


def _utf16(units: str) -> str:
    r"""Decode a row of `\uXXXX`, each a unit of UTF-16 (KUERY-10); a lone surrogate stays one."""
    encoded = b"".join(int(unit, 16).to_bytes(2, "big") for unit in units.split("\\u")[1:])
    return encoded.decode("utf-16-be", "surrogatepass")


def write(literal: Literal) -> str:
    """Write a literal so that it reads back as itself, on one line."""
    match literal:
        case Null():
            return "null"
        case Boolean(value):
            return "true" if value else "false"
        case Pattern(pieces):
            return "*".join(map(_write_unquoted, pieces))
        case Text(value, is_quoted):
            if is_quoted:
                return f'"{_ESCAPED_IN_QUOTES.sub(_escape, value)}"'
            # KUERY-4: an escaped space alone is trimmed to the empty text.
            return _write_unquoted(value) or "\\u0020"


def _write_unquoted(text: str) -> str:
    escaped = _SPECIAL.sub(r"\\\g<0>", text)
    escaped = _KEYWORD.sub(_escape_keyword, escaped)
    return _INVISIBLE.sub(_escape, escaped)


def _escape_keyword(match: re.Match[str]) -> str:
    """Write a word so that no keyword is seen, whatever follows the literal (KUERY-6, KUERY-8)."""
    word = match.group()
    return "\\u006e" + word[1:] if word.startswith("n") else "\\" + word


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    match character:
        case "\t":
            return "\\t"
        case "\r":
            return "\\r"
        case "\n":
            return "\\n"
        case "\\" | '"':
            return "\\" + character
        case _:
            return f"\\u{ord(character):04x}"
