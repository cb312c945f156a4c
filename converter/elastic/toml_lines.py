"""Where the keys of a TOML text stand; tomllib keeps no positions.

The text has passed tomllib before, so the scanner only has to tell keys from values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""+'''
    r"""|'''.*?'''+"""
    r'''|"(?:[^"\\\n]|\\.)*"'''
    r"""|'[^'\n]*'"""
    r"""|\#[^\n]*|\n|[\[\]{}=]|[^\s"'\#\[\]{}=]+|[ \t\r]+""",
    re.DOTALL,
)
_OPENING, _CLOSING = frozenset("[{"), frozenset("]}")


@dataclass(frozen=True, slots=True)
class KeyPlaces:
    """The one-based line of each key, by dotted name; the first one of a repeated table."""

    lines: dict[str, int] = field(default_factory=dict)
    multiline: set[str] = field(default_factory=set)
    """Keys whose value is a text in triple quotes that starts on the line in `lines`."""


def places_in(text: str) -> KeyPlaces:
    """Find the line of every table header and key."""
    places = KeyPlaces()
    table = ""
    for statement in _statements(text):
        first = statement[0]
        if first.text == "[":
            table = _header_name(statement)
            places.lines.setdefault(table, first.line)
        else:
            _add_key(places, table, statement)
    return places


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    line: int


def _add_key(places: KeyPlaces, table: str, statement: list[_Token]) -> None:
    texts = [token.text for token in statement]
    if "=" not in texts:
        return
    equals = texts.index("=")
    key = _plain("".join(texts[:equals]))
    name = f"{table}.{key}" if table else key
    value = statement[equals + 1] if equals + 1 < len(statement) else statement[equals]
    if name in places.lines:
        return
    places.lines[name] = value.line
    if value.text.startswith(('"""', "'''")):
        places.multiline.add(name)
        # TOML drops a line break right after the opening quotes, so the text starts one line down.
        if value.text[3:5] == "\r\n" or value.text[3:4] == "\n":
            places.lines[name] += 1


def _header_name(statement: list[_Token]) -> str:
    return _plain("".join(token.text for token in statement if token.text not in {"[", "]"}))


def _plain(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))


def _statements(text: str) -> Iterator[list[_Token]]:
    """Yield the tokens of each header or key with its value, without blanks and comments."""
    statement: list[_Token] = []
    depth = 0
    for token in _tokens(text):
        if token.text == "\n":
            if depth == 0 and statement:
                yield statement
                statement = []
            continue
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        statement.append(token)
    if statement:
        yield statement


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token == "\n" or not (token.isspace() or token.startswith("#")):
            yield _Token(token, line)
        line += token.count("\n")
