"""Typed access to a parsed file: every problem names the way to the value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .field import SchemaProblem, Step


@dataclass(frozen=True, slots=True)
class Node:
    """An object of the file and the way to it."""

    values: dict[str, object]
    path: tuple[Step, ...] = ()

    def problem(self, message: str, *steps: Step) -> SchemaProblem:
        """Return a problem at a value below."""
        return SchemaProblem(message, (*self.path, *steps))

    def text(self, key: str, default: str = "") -> str:
        """Return a text; the default where the key is missing."""
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.problem(f"{key} must be text, found {_shown(value)}; correct it", key)
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false, which may be written as text; the default where the key is missing."""
        match self.values.get(key):
            case None:
                return default
            case bool() as value:
                return value
            case "true" | "false" as text:
                return text == "true"
            case value:
                found = _shown(value)
                raise self.problem(f"{key} must be true or false, found {found}; correct it", key)

    def number(self, key: str) -> int | None:
        """Return a whole number, which may be written as text; None where the key is missing."""
        match self.values.get(key):
            case None:
                return None
            case int() as value if not isinstance(value, bool):
                return value
            case str() as text if text.isascii() and text.isdigit():
                return int(text)
            case value:
                found = _shown(value)
                raise self.problem(f"{key} must be a whole number, found {found}; correct it", key)

    def node(self, key: str) -> Node:
        """Return an object; an empty one where the key is missing."""
        value = self.values.get(key)
        return Node({}, (*self.path, key)) if value is None else node_of(value, (*self.path, key))

    def nodes(self) -> Iterator[tuple[str, Node]]:
        """Yield every key with its object."""
        for key, value in self.values.items():
            yield key, node_of(value, (*self.path, key))

    def items(self, key: str) -> list[Node]:
        """Return the objects of a list; none where the key is missing."""
        return items_of(self.values.get(key), (*self.path, key))


def node_of(value: object, path: tuple[Step, ...] = ()) -> Node:
    """Return a value as an object."""
    if not isinstance(value, dict):
        raise SchemaProblem(f"expected keys and values, found {_shown(value)}; correct it", path)
    return Node(value, path)


def items_of(value: object, path: tuple[Step, ...] = ()) -> list[Node]:
    """Return the objects of a list."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise SchemaProblem(f"expected a list, found {_shown(value)}; correct it", path)
    return [node_of(item, (*path, number)) for number, item in enumerate(value)]


def _shown(value: object) -> str:
    match value:
        case dict():
            return "keys and values"
        case list():
            return "a list"
        case None:
            return "nothing"
        case _:
            return repr(value)
