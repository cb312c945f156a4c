"""Splits a query_string into tokens as the classic parser's lexer does: the longest match wins.

Escapes stay in the token's text; whoever knows what the token means decodes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from converter.diagnostic import Span
from converter.errors import QuerySyntaxError


class Kind(Enum):
    """Kinds of tokens."""

    TERM = "a word"
    PREFIX = "a prefix"
    PATTERN = "a pattern"
    STAR = "*"
    PHRASE = "a quoted text"
    REGEX = "a regular expression"
    BARE_OPERATOR = "a lone operator"
    """`+`, `-` or `!` before whitespace, which the parser reads as a word (LUCENE-5)."""
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    PLUS = "+"
    MINUS = "-"
    COLON = ":"
    OPEN = "("
    CLOSE = ")"
    BOOST = "a boost"
    SLOP = "a fuzziness"
    RANGE_OPEN = "the start of a range"
    RANGE_CLOSE = "the end of a range"
    RANGE_TO = "TO"
    RANGE_END = "an end of a range"
    RANGE_PHRASE = "a quoted end of a range"
    END = "the end of the query"


@dataclass(frozen=True, slots=True)
class Token:
    """A token, its text as written, and its place."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """Return the offset behind the token."""
        return self.start + len(self.text)


WHITESPACE = " \t\n\r\u3000"
_START = r"""(?:[^ \t\n\r\u3000+\-!():^\[\]"{}~*?\\/]|\\.)"""
_WORD = re.compile(rf"(?:{_START}|[*?])(?:{_START}|[-+*?])*", re.DOTALL)
_TERM = re.compile(rf"{_START}(?:{_START}|[-+])*", re.DOTALL)
_PREFIX = re.compile(rf"{_START}(?:{_START}|[-+])*\*", re.DOTALL)
_PHRASE = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
# An escaped slash comes first, so that the longest expression wins, as in JavaCC.
_REGEX = re.compile(r"/(?:\\/|[^/])*/", re.DOTALL)
_BOOST = re.compile(r"\^(?:[0-9]+(?:\.[0-9]+)?)?")
_SLOP = re.compile(r"~(?:[0-9]+(?:\.[0-9]+)?)?")
_RANGE_PHRASE = re.compile(r'"(?:\\"|[^"])+"', re.DOTALL)
_RANGE_END = re.compile(r"[^ \]}]+")
_RANGE_WORD = re.compile(r"[^ \]}]{2}")
"""In a range only the blank ends a word, so that other white space before a word is part of it."""

_WORD_OPERATORS = {
    "AND": Kind.AND,
    "&&": Kind.AND,
    "OR": Kind.OR,
    "||": Kind.OR,
    "NOT": Kind.NOT,
}
_SIGNS = {
    "!": Kind.NOT,
    "+": Kind.PLUS,
    "-": Kind.MINUS,
    ":": Kind.COLON,
    "(": Kind.OPEN,
    ")": Kind.CLOSE,
}


def span_of(text: str, start: int, end: int) -> Span:
    """Return the span of a part of the text."""
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    return Span(start, end, line, column)


def tokens_of(text: str) -> list[Token]:
    """Split a query; the last token is always `END`."""
    tokens: list[Token] = []
    position = 0
    is_in_range = False
    while position < len(text):
        if text[position] in WHITESPACE and not (is_in_range and _RANGE_WORD.match(text, position)):
            position += 1
            continue
        token = _range_token(text, position) if is_in_range else _token(text, position)
        if token.kind in (Kind.RANGE_OPEN, Kind.RANGE_CLOSE):
            is_in_range = token.kind is Kind.RANGE_OPEN
        tokens.append(token)
        position = token.end
    tokens.append(Token(Kind.END, "", len(text)))
    return tokens


def _token(text: str, start: int) -> Token:
    if found := _WORD.match(text, start):
        return Token(_word_kind(found.group()), found.group(), start)
    character = text[start]
    if character in "+-!" and _is_space(text[start + 1 : start + 2]):
        return Token(Kind.BARE_OPERATOR, character, start)
    if character in _SIGNS:
        return Token(_SIGNS[character], character, start)
    match character:
        case '"':
            return _matched(_PHRASE, Kind.PHRASE, text, start)
        case "/":
            return _matched(_REGEX, Kind.REGEX, text, start)
        case "^":
            return _matched(_BOOST, Kind.BOOST, text, start)
        case "~":
            return _matched(_SLOP, Kind.SLOP, text, start)
        case "[" | "{":
            return Token(Kind.RANGE_OPEN, character, start)
        case _:
            raise QuerySyntaxError(_unexpected(character), text, span_of(text, start, start + 1))


def _is_space(character: str) -> bool:
    return character != "" and character in WHITESPACE


def _word_kind(word: str) -> Kind:
    if word in _WORD_OPERATORS:
        return _WORD_OPERATORS[word]
    if word == "*":
        return Kind.STAR
    if _PREFIX.fullmatch(word):
        return Kind.PREFIX
    return Kind.TERM if _TERM.fullmatch(word) else Kind.PATTERN


def _range_token(text: str, start: int) -> Token:
    character = text[start]
    if character in "]}":
        return Token(Kind.RANGE_CLOSE, character, start)
    end = _RANGE_END.match(text, start)
    word = end.group() if end else character
    phrase = _RANGE_PHRASE.match(text, start)
    if phrase and len(phrase.group()) >= len(word):
        return Token(Kind.RANGE_PHRASE, phrase.group(), start)
    return Token(Kind.RANGE_TO if word == "TO" else Kind.RANGE_END, word, start)


def _matched(expression: re.Pattern[str], kind: Kind, text: str, start: int) -> Token:
    if found := expression.match(text, start):
        return Token(kind, found.group(), start)
    raise QuerySyntaxError(_unclosed(kind), text, span_of(text, start, start + 1))


def _unclosed(kind: Kind) -> str:
    if kind is Kind.PHRASE:
        return "the quote that opens here is never closed"
    return r"this '/' starts a regular expression that never ends; write \/ or quote the value"


def _unexpected(character: str) -> str:
    if character == "\\":
        return r"the backslash at the end escapes nothing; write \\ for a backslash"
    return f"{character!r} closes no range; write \\{character} if it is meant literally"
