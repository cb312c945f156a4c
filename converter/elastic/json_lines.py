"""JSON values one after the other, each with the line it starts on and the lines of its keys.

Reads what Kibana and its API write: one object, an array, or one object a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass

_BLANK = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:]')
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class JsonValue:
    """One value of the text and where it and its own keys stand."""

    value: object
    line: int
    lines: dict[str, int]


def values_in(text: str) -> Iterator[JsonValue]:
    """Yield every value of the text, the elements of a top-level array one by one.

    Raises json.JSONDecodeError, whose line is that of the whole text.
    """
    position = _skip(text, 0)
    while position < len(text):
        if text[position] == "[":
            position = yield from _elements(text, position)
        else:
            value, position = _value(text, position)
            yield value
        position = _skip(text, position)


def _elements(text: str, position: int) -> Generator[JsonValue, None, int]:
    position = _skip(text, position + 1)
    if text[position : position + 1] == "]":
        return position + 1
    while True:
        value, position = _value(text, position)
        yield value
        position = _skip(text, position)
        match text[position : position + 1]:
            case ",":
                position = _skip(text, position + 1)
            case "]":
                return position + 1
            case _:
                raise json.JSONDecodeError("expecting ',' or ']'", text, position)


def _value(text: str, position: int) -> tuple[JsonValue, int]:
    value, end = _DECODER.raw_decode(text, position)
    line = text.count("\n", 0, position) + 1
    return JsonValue(value, line, _key_lines(text[position:end], line)), end


def _key_lines(text: str, line: int) -> dict[str, int]:
    lines: dict[str, int] = {}
    depth = 0
    previous = ""
    counted = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in {"{", "["}:
            depth += 1
        elif token in {"}", "]"}:
            depth -= 1
        elif token == ":" and depth == 1:
            line += text.count("\n", counted, match.start())
            counted = match.start()
            lines.setdefault(json.loads(previous), line)
        previous = token
    return lines


def _skip(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position
