"""Splits a Kusto text into tokens, without understanding it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise


class TokenKind(Enum):
    """What a token is."""

    COMMENT = "comment"
    STRING = "string"
    SPACE = "space"
    WORD = "word"
    NUMBER = "number"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text; the pieces together are the text."""

    kind: TokenKind
    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset behind the token."""
        return self.start + len(self.text)


_TOKEN = re.compile(
    r"""
    (?P<comment>//[^\n]*)
  | (?P<string>
        [hH]?@"(?:[^"]|"")*" | [hH]?@'(?:[^']|'')*'
      | [hH]?"(?:[^"\\\n]|\\.)*" | [hH]?'(?:[^'\\\n]|\\.)*'
      | [hH]?```.*?``` | [hH]?~~~.*?~~~
    )
  | (?P<space>\s+)
  | (?P<word>[A-Za-z_$][A-Za-z0-9_$]*)
  | (?P<number>[0-9](?:[0-9A-Za-z]|\.(?=[0-9]))*)
  | (?P<other>![a-z_]+~?|[=!<>]=|=~|!~|<>|\.\.|.)
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(text: str) -> Iterator[Token]:
    """Split a text; joining the tokens gives the text again."""
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup
        assert kind is not None
        yield Token(TokenKind(kind), found.group(), found.start())


ANY_COLUMN = "*"
"""Name that stands for every column in a tree."""
_TEXT_WORDS = ("contains", "startswith", "endswith", "has", "matches")


def with_any_column(text: str) -> str:
    """Write `*` before a text operator as a name, as parsers at hand know it nowhere else than in Kusto."""
    parts = list(tokens(text))
    places = [place for place, part in enumerate(parts) if part.kind is not TokenKind.SPACE]
    following = dict(pairwise(places))
    return "".join(
        f"['{ANY_COLUMN}']"
        if part.text == ANY_COLUMN and _is_text_operator(parts, following.get(place))
        else part.text
        for place, part in enumerate(parts)
    )


def _is_text_operator(parts: list[Token], place: int | None) -> bool:
    return place is not None and parts[place].text.lstrip("!").startswith(_TEXT_WORDS)


def significant(text: str) -> list[Token]:
    """Return the tokens that are neither space nor comment."""
    ignored = (TokenKind.SPACE, TokenKind.COMMENT)
    return [token for token in tokens(text) if token.kind not in ignored]
