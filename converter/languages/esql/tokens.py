"""Splits ES|QL text into tokens (ESQL-1 to ESQL-3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from converter.diagnostic import Span
from converter.errors import QuerySyntaxError


class Kind(Enum):
    """The kind of a token; the value is its name in messages."""

    WORD = "a name"
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


_SPACE = re.compile(r"[ \t\r\n]+|//[^\r\n]*")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_TOKEN = re.compile(
    r'(?P<raw>"""[^\r\n]*?""""{0,2})'
    r'|(?P<text>"(?:[^"\\\r\n]|\\[tnr"\\])*")'
    r"|(?P<quoted>`(?:[^`]|``)+`)"
    r"|(?P<word>[A-Za-z][A-Za-z0-9_]*|[_@][A-Za-z0-9_]+)"
    r"|(?P<decimal>\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)"
    r"|(?P<integer>\d+)"
    r"|(?P<sign>==|!=|<=|>=|::|[<>=+\-*/%()\[\],.|:;?{}])"
)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r"}
_SOURCE = re.compile(r'[^\s:"=|,\[\]/()]+(?:(?:::?|/(?!/|\*))[^\s:"=|,\[\]/()]+)*')


class Scanner:
    """Reads tokens of a text from any offset."""

    def __init__(self, text: str) -> None:
        self.text = text

    def token(self, offset: int) -> Token:
        """Return the token at or after an offset."""
        start = self.skip(offset)
        if start == len(self.text):
            return Token(Kind.END, "", start, start)
        found = _TOKEN.match(self.text, start)
        if found is None:
            raise self._broken(start)
        return _token_of(found)

    def source(self, offset: int) -> Token:
        """Return the index pattern at or after an offset; it takes characters that names do not."""
        start = self.skip(offset)
        if self.text.startswith('"', start):
            return self.token(start)
        found = _SOURCE.match(self.text, start)
        if found is None:
            raise self.error("expected an index pattern such as logs-*", start, start + 1)
        return Token(Kind.WORD, found.group(), start, found.end())

    def skip(self, offset: int) -> int:
        """Return the offset behind white space and comments."""
        while True:
            if found := _SPACE.match(self.text, offset):
                offset = found.end()
            elif self.text.startswith("/*", offset):
                offset = self._comment_end(offset)
            else:
                return offset

    def span(self, start: int, end: int) -> Span:
        """Return a place in the text."""
        line_start = self.text.rfind("\n", 0, start) + 1
        return Span(start, end, self.text.count("\n", 0, start) + 1, start - line_start + 1)

    def error(self, message: str, start: int, end: int) -> QuerySyntaxError:
        """Return an error at a place in the text."""
        return QuerySyntaxError(message, self.text, self.span(start, end))

    def _comment_end(self, start: int) -> int:
        """Find where a comment ends; comments nest (ESQL-1)."""
        depth = 0
        for edge in _COMMENT_EDGE.finditer(self.text, start):
            depth += 1 if edge.group() == "/*" else -1
            if depth == 0:
                return edge.end()
        raise self.error("the comment that opens here is never closed", start, start + 2)

    def _broken(self, start: int) -> QuerySyntaxError:
        character = self.text[start]
        if character == '"':
            return self._broken_string(start)
        if character == "`":
            return self.error("the backquote that opens here is never closed", start, start + 1)
        if character == "'":
            return self.error(
                "strings stand in double quotes, not in single quotes", start, start + 1
            )
        return self.error(f"{character!r} means nothing here", start, start + 1)

    def _broken_string(self, start: int) -> QuerySyntaxError:
        body = re.compile(r'(?:[^"\\\r\n]|\\[tnr"\\])*').match(self.text, start + 1)
        place = body.end() if body else start
        if self.text.startswith("\\", place):
            escape = self.text[place : place + 2]
            return self.error(
                f'{escape} is no escape: only \\t \\n \\r \\" \\\\ are;'
                f' write \\{escape} or use """…"""',
                place,
                place + 2,
            )
        return self.error("the string that opens here is not closed on its line", start, start + 1)


def _token_of(found: re.Match[str]) -> Token:
    start, end = found.span()
    written = found.group()
    match found.lastgroup:
        case "raw":
            # ESQL-3: no escapes, and up to two quotes more belong to the text.
            return Token(Kind.TEXT, written[3:-3], start, end)
        case "text":
            decoded = _ESCAPE.sub(lambda m: _ESCAPED.get(m[1], m[1]), written[1:-1])
            return Token(Kind.TEXT, decoded, start, end)
        case "quoted":
            return Token(Kind.QUOTED_NAME, written[1:-1].replace("``", "`"), start, end)
        case "word":
            return Token(Kind.WORD, written, start, end)
        case "decimal":
            return Token(Kind.DECIMAL, written, start, end)
        case "integer":
            return Token(Kind.INTEGER, written, start, end)
        case _:
            return Token(Kind.SIGN, written, start, end)
