"""The documents of a schema file, JSON, one JSON value a line, or YAML, and the lines of their parts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

from converter.errors import InputError

from .field import Step

_BLANK = re.compile(r"[ \t\r\n]*")
_TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MARKED = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Document:
    """One value of a file and its text."""

    value: object
    text: str
    line: int
    """Where the value starts in the file."""

    def line_of(self, path: Sequence[Step]) -> int:
        """Return the line of a value below, as near as the text tells."""
        try:
            node = yaml.compose(self.text, Loader=_LOADER)  # JSON is YAML, but for tabs
        except (yaml.YAMLError, RecursionError):
            return self.line
        found: int = node.start_mark.line if node else 0
        for step in path:
            pairs = _children(node)
            if step not in pairs:
                break
            found, node = pairs[step]
        return self.line + found


def documents_of(text: str, path: str) -> list[Document]:
    """Parse a file; raises InputError with the line of what is no JSON or YAML."""
    try:
        if text.lstrip()[:1] in ("{", "["):
            return list(_json_documents(text))
        return list(_yaml_documents(text))
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}:{error.lineno}: {_lowered(error.msg)}; correct the JSON"
        ) from error
    except yaml.YAMLError as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        what = error.problem if isinstance(error, yaml.MarkedYAMLError) else str(error)
        line = min(mark.line + 1, text.count("\n") + 1) if mark else 1
        summary = _lowered(" ".join(str(what).split()))
        raise InputError(f"{path}:{line}: {summary}; correct the YAML") from error
    except RecursionError as error:
        raise InputError(f"{path}:1: the file is nested too deeply; check it") from error


def _json_documents(text: str) -> Iterator[Document]:
    decoder = json.JSONDecoder(object_pairs_hook=_unique)
    position = _skip(text, 0)
    while position < len(text):
        try:
            value, end = decoder.raw_decode(text, position)
        except _Twice as error:
            place = text.find(f'"{error.key}"', position)
            again = text.find(f'"{error.key}"', place + 1)
            what = f"the key {error.key} stands twice in one object"
            raise json.JSONDecodeError(what, text, max(place, again, position)) from error
        yield Document(value, text[position:end], text.count("\n", 0, position) + 1)
        position = _skip(text, end)


class _Twice(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Twice(key)
            seen.add(key)
    return values


def _yaml_documents(text: str) -> Iterator[Document]:
    for node in yaml.compose_all(text, Loader=_LOADER):
        yield Document(_plain(node), text, 1)


def _plain(node: yaml.Node) -> object:
    """Return the value of a YAML node; what is no text, number or truth value stays text."""
    match node:
        case yaml.MappingNode():
            values: dict[str, object] = {}
            for key, value in node.value:
                name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
                if not name or name in values:
                    what = f"the key {name} stands twice" if name else "a key that is no text"
                    raise yaml.MarkedYAMLError(problem=what, problem_mark=key.start_mark)
                values[name] = _plain(value)
            return values
        case yaml.SequenceNode():
            return [_plain(item) for item in node.value]
        case _:
            return _scalar(node)


def _scalar(node: yaml.Node) -> object:
    text = str(node.value)
    match str(node.tag).removeprefix(_MARKED):
        case "null":
            return None
        case "bool":
            return _TRUTHS.get(text.lower(), text)
        case "int" if text.lstrip("-").isdecimal():
            return int(text)
        case _:
            return text


def _children(node: yaml.Node | None) -> dict[Step, tuple[int, yaml.Node]]:
    """Return the parts of a node by their steps, each with its line behind the first."""
    match node:
        case yaml.MappingNode():
            return {str(key.value): (key.start_mark.line, value) for key, value in node.value}
        case yaml.SequenceNode():
            return {number: (item.start_mark.line, item) for number, item in enumerate(node.value)}
        case _:
            return {}


def _skip(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:]
