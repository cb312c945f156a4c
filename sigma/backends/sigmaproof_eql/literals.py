"""Names and literals of EQL (`converter/languages/eql/SEMANTICS.md`)."""

from __future__ import annotations

import re

_PLAIN_PART = re.compile(r"[A-Za-z_@][A-Za-z0-9_]*")
_WORDS = frozenset(
    {
        *("and", "any", "by", "false", "in", "join", "like", "maxspan", "not", "null", "of", "or"),
        *("regex", "sample", "sequence", "true", "until", "where", "with"),
    }
)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def field_name(name: str) -> str:
    """Write a field name; parts that are no plain identifiers stand in backquotes."""
    parts = name.split(".")
    if not all(parts):
        return _quoted(name)
    return ".".join(
        part if _PLAIN_PART.fullmatch(part) and part not in _WORDS else _quoted(part)
        for part in parts
    )


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def string(text: str) -> str:
    """Write a string; escapes keep control characters on the line."""
    return '"' + "".join(map(_character, text)) + '"'


def _character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return f"\\u{{{ord(character):02x}}}" if _CONTROL.fullmatch(character) else character


def raw_string(text: str) -> str:
    """Write a string without escapes where that reads better: backslashes, no quote and no control."""
    if "\\" not in text or '"' in text or _CONTROL.search(text):
        return string(text)
    return f'"""{text}"""'
