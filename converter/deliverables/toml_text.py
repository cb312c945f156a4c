"""Plain values as TOML text that reads back equal.

Long texts become multi-line strings, lists of tables arrays of tables; the order of keys is kept, with
plain values before tables as TOML demands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from converter.errors import Unsupported

WIDTH = 100
"""Longest list on one line."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\r": "\\r", "\t": "\\t"}
_SPECIAL = re.compile(r'["\\\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]')


def toml_text(document: Mapping[str, object]) -> str:
    """Write a document of tables."""
    lines = [line for name, table in document.items() for line in _entry(name, table)]
    return "\n".join(lines).strip("\n") + "\n"


def _entry(name: str, value: object) -> Iterator[str]:
    """Write a table, an array of tables, or a value with its key."""
    match value:
        case Mapping():
            yield from ("", f"[{name}]")
            yield from _body(name, value)
        case list() if _is_list_of_tables(value):
            for table in value:
                yield from ("", f"[[{name}]]")
                yield from _body(name, table)
        case _:
            raise Unsupported(f"the key {name} outside of a table", hint="put it into a table")


def _body(name: str, table: Mapping[str, object]) -> Iterator[str]:
    known = {key: value for key, value in table.items() if value is not None}
    for key, value in known.items():
        if not _is_table(value):
            yield f"{_key(key)} = {_value(value)}"
    for key, value in known.items():
        if _is_table(value):
            yield from _entry(f"{name}.{_key(key)}", value)


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping) or _is_list_of_tables(value)


def _is_list_of_tables(value: object) -> bool:
    is_list = isinstance(value, list) and bool(value)
    return is_list and all(isinstance(item, Mapping) for item in _items(value))


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _quoted(key)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return _text(value)
        case list():
            return _list([_value(item) for item in value])
        case Mapping():
            known = ((key, item) for key, item in value.items() if item is not None)
            inner = ", ".join(f"{_key(key)} = {_inline(item)}" for key, item in known)
            return f"{{{inner}}}"
        case _:
            raise Unsupported(f"a value of type {type(value).__name__} in TOML")


def _inline(value: object) -> str:
    """Write a value inside an inline table, which must stay on one line."""
    match value:
        case str():
            return _quoted(value)
        case list():
            return f"[{', '.join(map(_inline, value))}]"
        case _:
            return _value(value)


def _list(items: list[str]) -> str:
    line = f"[{', '.join(items)}]"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    return "[\n" + "".join(f"    {item},\n" for item in items) + "]"


def _text(text: str) -> str:
    if "\n" not in text:
        return _quoted(text)
    if "'''" not in text and not _needs_escapes(text):
        return f"'''\n{text}'''"
    escaped = _SPECIAL.sub(_escaped, text)
    return f'"""\n{escaped}"""'


def _needs_escapes(text: str) -> bool:
    """Say whether a text cannot stand between single quotes, where nothing is escaped."""
    return text.endswith("'") or any(
        character not in '"\\\t' for character in _SPECIAL.findall(text)
    )


def _quoted(text: str) -> str:
    escaped = _SPECIAL.sub(_escaped, text).replace("\n", "\\n")
    return f'"{escaped}"'


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    return _ESCAPES.get(character, f"\\u{ord(character):04x}")
