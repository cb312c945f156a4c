"""Splits EQL text into tokens (EQL-1 to EQL-3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from converter.diagnostic import Span
from converter.errors import QuerySyntaxError


class Kind(Enum):
    """The kind of a token; the value is its name in messages."""

    WORD = "a name"
    KEYWORD = "a keyword"
    QUOTED_NAME = "a name in backquotes"
    TEXT = "a string"
    INTEGER = "a whole number"
    DECIMAL = "a number"
    SIGN = "an operator"
    END = "the end of the query"


@dataclass(frozen=True, slots=True)
class Token:
    """A token; `value` is decoded for strings and quoted names, else as written."""

    kind: Kind
    value: str
    start: int
    end: int


# fmt: off
KEYWORDS = frozenset((
    "and", "any", "by", "false", "in", "in~", "join", "like", "like~", "maxspan", "not", "null", "of", "or",
    "regex", "regex~", "sample", "sequence", "true", "until", "where", "with",
))
# fmt: on
"""Words that no unquoted name may be; in lower case only (EQL-1)."""

_SPACE = re.compile(r"[ \t\r\n]+|//[^\r\n]*")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_TEXT_BODY = r"""(?:[^"\\\r\n]|\\[btnfr"'\\]|\\u\{[0-9a-fA-F]{2,8}\})*"""
_TOKEN = re.compile(
    r'(?P<raw>"""[^\r\n]*?""""{0,2})'
    rf'|(?P<text>"{_TEXT_BODY}")'
    r"|(?P<quoted>`(?:[^`]|``)+`)"
    r"|(?P<word>[A-Za-z_@][A-Za-z0-9_]*~?)"
    r"|(?P<decimal>\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)"
    r"|(?P<integer>\d+)"
    r"|(?P<sign>==|!=|<=|>=|!\[|[<>=+\-*/%()\[\],.|:?])"
)
_ESCAPE = re.compile(r"\\(?:u\{(?P<point>[^}]*)\}|(?P<character>.))")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}
_TEXT_START = re.compile(_TEXT_BODY)
_LARGEST_POINT = 0x10FFFF


def tokens_of(text: str) -> list[Token]:
    """Return all tokens, the end last; raise `QuerySyntaxError` where the text is none."""
    tokens: list[Token] = []
    offset = 0
    while True:
        start = _after_space(text, offset)
        if start == len(text):
            return [*tokens, Token(Kind.END, "", start, start)]
        found = _TOKEN.match(text, start)
        if found is None:
            raise _broken(text, start)
        tokens.append(_token(text, found))
        offset = found.end()


def span_of(text: str, start: int, end: int) -> Span:
    """Return a place in the text."""
    line_start = text.rfind("\n", 0, start) + 1
    return Span(start, end, text.count("\n", 0, start) + 1, start - line_start + 1)


def _after_space(text: str, offset: int) -> int:
    while True:
        if found := _SPACE.match(text, offset):
            offset = found.end()
        elif text.startswith("/*", offset):
            offset = _comment_end(text, offset)
        else:
            return offset


def _comment_end(text: str, start: int) -> int:
    """Find where a comment ends; comments nest (EQL-1)."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    raise _error(text, "the comment that opens here is never closed", start, start + 2)


def _token(text: str, found: re.Match[str]) -> Token:
    start, end = found.span()
    written = found.group()
    match found.lastgroup:
        case "raw":
            # EQL-3: no escapes, and up to two quotes more belong to the text.
            return Token(Kind.TEXT, written[3:-3], start, end)
        case "text":
            return Token(Kind.TEXT, _decoded(text, written, start), start, end)
        case "quoted":
            return Token(Kind.QUOTED_NAME, written[1:-1].replace("``", "`"), start, end)
        case "word":
            kind = Kind.KEYWORD if written in KEYWORDS else Kind.WORD
            return Token(kind, written, start, end)
        case "decimal":
            return Token(Kind.DECIMAL, written, start, end)
        case "integer":
            return Token(Kind.INTEGER, written, start, end)
        case _:
            return Token(Kind.SIGN, written, start, end)


def _decoded(text: str, written: str, start: int) -> str:
    def character(found: re.Match[str]) -> str:
        if found["point"] is None:
            return _ESCAPED.get(found["character"], found["character"])
        point = int(found["point"], 16)
        if point > _LARGEST_POINT or 0xD800 <= point <= 0xDFFF:
            place = start + 1 + found.start()
            raise _error(
                text, f"{found.group()} is no Unicode character", place, place + len(found.group())
            )
        return chr(point)

    return _ESCAPE.sub(character, written[1:-1])


def _broken(text: str, start: int) -> QuerySyntaxError:
    character = text[start]
    match character:
        case '"':
            return _broken_string(text, start)
        case "`":
            message = "the backquote that opens here is never closed"
        case "'":
            message = "strings stand in double quotes, not in single quotes"
        case _:
            message = f"{character!r} means nothing here"
    return _error(text, message, start, start + 1)


def _broken_string(text: str, start: int) -> QuerySyntaxError:
    body = _TEXT_START.match(text, start + 1)
    place = body.end() if body else start
    if text.startswith("\\", place) and place + 1 < len(text) and text[place + 1] not in "\r\n":
        escape = text[place : place + 2]
        message = (
            f'{escape} is no escape: \\b \\t \\n \\f \\r \\" \\\\ and \\u{{…}} are;'
            f' write \\{escape} or use """…"""'
        )
        return _error(text, message, place, place + 2)
    return _error(text, "the string that opens here is not closed on its line", start, start + 1)


def _error(text: str, message: str, start: int, end: int) -> QuerySyntaxError:
    return QuerySyntaxError(message, text, span_of(text, start, end))
