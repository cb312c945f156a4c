"""The text that a map of Java prints as, `{name=Bob, tags=[a, b]}`, and the JSON that it stands for.

Elastic's aws integration keeps objects as such texts, tables keep JSON. `text_of` is the twin of the reading
`java-map` in `sigma.sigmaproof.readings`.
"""

from __future__ import annotations

import json
import re
from collections import Counter

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([:,])\s*', re.ASCII)
_MARK = "\t"
"""A character that no text inside JSON has as it is."""
_BARE = re.compile(r"true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?")
_KEY = re.compile(r"[^={}\[\], ]+=")
_WORD_ENDS = re.compile(r"[{}\[\],=\s]+")


def text_of(json_text: str) -> str:
    """Write JSON text as a map prints: names without quotes, `=` and `, ` between."""
    text = _TOKEN.sub(lambda found: f"{found[1] or ''}{_MARK}{found[2] or ''}", json_text)
    for old, new in ((f"{_MARK}:", "="), (f"{_MARK},", ", "), (_MARK, ""), ('\\"', '"')):
        text = text.replace(old, new)
    return text.replace("\\\\", "\\")


def json_of(text: str) -> str | None:
    """Return JSON text that prints as the text; None where there is none.

    What is no map becomes a JSON text. A value may hold `, ` and braces that close.
    """
    for node in (_node(text), text):
        written = json.dumps(node, ensure_ascii=False, separators=(",", ":"))
        if text_of(written) == text:
            return written
    return None


def says_the_same(text: str, printed: str) -> bool:
    """Say whether every word of a text stands in the other: the order and empty values say nothing."""
    return Counter(_WORD_ENDS.split(text)) <= Counter(_WORD_ENDS.split(printed))


def _node(text: str) -> object:
    match text[:1], text[-1:]:
        case "{", "}":
            return _object(text[1:-1])
        case "[", "]":
            return [_node(one) for one in _pieces(text[1:-1])]
        case _ if _BARE.fullmatch(text):
            bare: object = json.loads(text)
            return bare
        case _:
            return text


def _object(inside: str) -> object:
    entries: dict[str, str] = {}
    last = ""
    for piece in _pieces(inside):
        if _KEY.match(piece):
            last, _, entries_text = piece.partition("=")
            entries[last] = entries_text
        elif last:
            entries[last] += f", {piece}"
        else:
            return f"{{{inside}}}"
    return {key: _node(value) for key, value in entries.items()}


def _pieces(inside: str) -> list[str]:
    """Cut at commas outside of inner braces."""
    pieces: list[str] = []
    depth = 0
    for part in inside.split(", ") if inside else []:
        if depth > 0:
            pieces[-1] += f", {part}"
        else:
            pieces.append(part)
        depth += sum(part.count(one) for one in "{[") - sum(part.count(one) for one in "}]")
    return pieces
