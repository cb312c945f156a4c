"""The changes that a Kusto text may undergo before it is executed, and nothing else.

Functions that the engine lacks are defined in front of the text, on its first line, `ingestion_time()`
becomes a column, and `*` before a text operator becomes the columns of text. All act on tokens, so that strings, bracketed names and comments
keep these words (design, point 7 of what is settled).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from converter.languages.kusto import Token, TokenKind, tokens

INGESTION_COLUMN = "_IngestionTime"
"""Column of the rows that stands for `ingestion_time()`."""

FUNCTIONS = {
    "ipv4_is_in_range": (
        "let ipv4_is_in_range = (ip:string, r:string) { iff(isnull(parse_ipv4(ip)) or"
        " isnull(parse_ipv4(r)), bool(null),"
        ' parse_ipv4(strcat(ip, "/", tostring(split(r, "/")[1]))) == parse_ipv4(r)) };'
    ),
    "ipv6_is_in_range": (
        "let ipv6_is_in_range = (ip:string, r:string) { iff(isempty(parse_ipv6(ip)) or"
        " isempty(parse_ipv6(r)), bool(null),"
        ' parse_ipv6(strcat(ip, "/", tostring(split(r, "/")[1]))) == parse_ipv6(r)) };'
    ),
}
"""Kusto definitions of functions that the engine lacks; null where a text is no address."""

_INGESTION_TIME = "ingestion_time"
_ANY_COLUMN = (["contains"], ["contains_cs"], ["matches", "regex"])
"""Operators that compare all columns, by their words."""
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


@dataclass(frozen=True, slots=True)
class ExecutableText:
    """A text that the engine can execute, and what was changed in it."""

    text: str
    prelude: tuple[str, ...]
    """Names of the functions that were defined in front of it."""
    replacements: int
    """How often `ingestion_time()` became a column."""
    expansions: int = 0
    """How often `*` became the columns of text."""


def names_in(text: str) -> frozenset[str]:
    """Return every word and the inside of every simple string: among them are all column names."""
    return frozenset(
        part.text.strip("\"'") if part.kind is TokenKind.STRING else part.text
        for part in tokens(text)
        if part.kind in (TokenKind.STRING, TokenKind.WORD)
    )


def declared_span(text: str, name: str) -> timedelta | None:
    """Return the length that a text declares under a name, as in `let window = 9m;`."""
    found = re.search(rf"^let {re.escape(name)} = (\d+)([dhms]);", text, re.MULTILINE)
    return None if found is None else timedelta(**{_UNITS[found[2]]: int(found[1])})


def executable(text: str, columns: Sequence[str] = (), prelude: str = "") -> ExecutableText:
    """Apply the allowed changes; `columns` are those that `*` stands for.

    `prelude` is put in front of the text beside the functions that it calls.
    """
    parts, expansions = _with_columns(list(tokens(text)), columns)
    called = set(_called(parts))
    defined = tuple(name for name in FUNCTIONS if name in called)
    written, replacements = _without_ingestion_time(parts)
    head = prelude + "".join(f"{FUNCTIONS[name]} " for name in defined)
    return ExecutableText(head + written, defined, replacements, expansions)


def _with_columns(parts: list[Token], columns: Sequence[str]) -> tuple[list[Token], int]:
    """Write `* contains "x"` as one comparison for each column, where there are columns."""
    written: list[Token] = []
    count = place = 0
    while place < len(parts):
        length = _comparison_length(parts, place) if columns else 0
        if not length:
            written.append(parts[place])
            place += 1
            continue
        compared = "".join(part.text for part in parts[place + 1 : place + length])
        alternatives = " or ".join(f"{_bracketed(column)}{compared}" for column in columns)
        written.append(Token(TokenKind.OTHER, f"({alternatives})", parts[place].start))
        count += 1
        place += length
    return written, count


def _bracketed(column: str) -> str:
    escaped = column.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"


def _comparison_length(parts: list[Token], place: int) -> int:
    """Return how many tokens a comparison of `*` with a text takes up; 0 where none stands here."""
    if parts[place].text != "*":
        return 0
    words: list[str] = []
    for length, part in enumerate(parts[place + 1 :], start=2):
        match part.kind:
            case TokenKind.SPACE:
                continue
            case TokenKind.STRING:
                return length if words in _ANY_COLUMN else 0
            case _:
                words.append(part.text)
    return 0


def _called(parts: list[Token]) -> Iterator[str]:
    """Yield the names that stand before a parenthesis."""
    significant = [part for part in parts if part.kind not in (TokenKind.SPACE, TokenKind.COMMENT)]
    for part, following in pairwise(significant):
        if part.kind is TokenKind.WORD and following.text == "(":
            yield part.text


def _without_ingestion_time(parts: list[Token]) -> tuple[str, int]:
    written: list[str] = []
    count = place = 0
    while place < len(parts):
        length = _call_length(parts, place)
        if length:
            written.append(INGESTION_COLUMN)
            count += 1
        else:
            written.append(parts[place].text)
        place += max(length, 1)
    return "".join(written), count


def _call_length(parts: list[Token], place: int) -> int:
    """Return how many tokens `ingestion_time()` takes up here; 0 where it does not stand here."""
    if parts[place].text != _INGESTION_TIME:
        return 0
    wanted = ["(", ")"]
    for length, part in enumerate(parts[place + 1 :], start=2):
        if part.kind is TokenKind.SPACE:
            continue
        if part.text != wanted.pop(0):
            return 0
        if not wanted:
            return length
    return 0
