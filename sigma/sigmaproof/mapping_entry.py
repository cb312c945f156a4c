"""Typed reading of a YAML file: every error names the file and the key.

An entry hands out its keys one by one and refuses at the end what nobody asked for.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml

from .mapping import MappingError, Scalar


class _UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a mapping that has a key twice; YAML itself would keep the last one."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, Any]:  # the signature of the base class
        keys = [self.construct_object(key) for key, _ in node.value]
        for position, key in enumerate(keys):
            if key in keys[:position]:
                line = node.value[position][0].start_mark.line + 1
                raise MappingError(f"line {line}: key {key} stands there twice; keep one")
        return super().construct_mapping(node, deep)


class Entry:
    """A YAML mapping and where it stands."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise MappingError(f"{where}: expected keys and values, found {value!r}")
        self._values: dict[object, object] = value
        self._asked: set[str] = set()
        self.where = where

    def error(self, message: str) -> MappingError:
        """Return an error that names this place."""
        return MappingError(f"{self.where}: {message}")

    def has(self, key: str) -> bool:
        """Say whether the key is there."""
        return key in self._values

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; raises where the key is missing and has no default."""
        value = self._take(key, default)
        if not isinstance(value, str):
            raise self.error(f"{key} must be text, found {value!r}; quote it")
        return value

    def flag(self, key: str) -> bool:
        """Return true or false; false where the key is missing."""
        value = self._take(key, False)
        if not isinstance(value, bool):
            raise self.error(f"{key} must be true or false, found {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a text or a list of texts as a tuple; empty where the key is missing."""
        value = self._take(key, [])
        items = value if isinstance(value, list) else [value]
        for item in items:
            if not isinstance(item, str):
                raise self.error(f"{key} must be text or a list of texts, found {item!r}")
        return tuple(item for item in items if isinstance(item, str))

    def lists_of_texts(self, key: str) -> tuple[tuple[str, ...], ...]:
        """Return a list of lists of texts; empty where the key is missing."""
        value = self._take(key, [])
        if not isinstance(value, list):
            raise self.error(f"{key} must be a list of lists, found {value!r}")
        found = [Entry({key: item}, self.where).texts(key) for item in value]
        return tuple(found)

    def scalar(self, key: str) -> Scalar:
        """Return a text, number or truth value."""
        value = self._take(key, None)
        if not isinstance(value, str | bool | int | float):
            raise self.error(f"{key} must be a single value, found {value!r}")
        return value

    def entry(self, key: str) -> Entry:
        """Return a nested mapping; an empty one where the key is missing."""
        return Entry(self._take(key, {}), f"{self.where}: {key}")

    def entries(self, key: str) -> list[Entry]:
        """Return the mappings of a list."""
        value = self._take(key, None)
        if not isinstance(value, list):
            raise self.error(f"{key} must be a list, found {value!r}")
        return [Entry(item, f"{self.where}: {key}[{n}]") for n, item in enumerate(value)]

    def entry_or_entries(self, key: str) -> list[Entry]:
        """Return the mapping under a key, or those of the list under it."""
        value = self._take(key, None)
        items = value if isinstance(value, list) else [value]
        return [Entry(item, f"{self.where}: {key}") for item in items]

    def names(self) -> list[str]:
        """Return all keys, in order."""
        for key in self._values:
            if not isinstance(key, str):
                raise self.error(f"key {key!r} must be text; quote it")
        return [key for key in self._values if isinstance(key, str)]

    def text_by_key(self) -> dict[str, str]:
        """Return all keys with their texts."""
        return {key: self.text(key) for key in self.names()}

    def texts_by_key(self) -> dict[str, tuple[str, ...]]:
        """Return all keys with their text or list of texts."""
        return {key: self.texts(key) for key in self.names()}

    def scalars_by_key(self) -> dict[str, Scalar | tuple[Scalar, ...]]:
        """Return all keys with their single value or their list of values."""
        found: dict[str, Scalar | tuple[Scalar, ...]] = {}
        for key in self.names():
            value = self._take(key, None)
            if not isinstance(value, list):
                found[key] = self.scalar(key)
                continue
            found[key] = tuple(Entry({key: item}, self.where).scalar(key) for item in value)
        return found

    def scalar_by_key(self) -> dict[str, Scalar]:
        """Return all keys with their single values."""
        return {key: self.scalar(key) for key in self.names()}

    def close(self, *later: str) -> None:
        """Refuse the keys that nobody asked for; those of `later` may still be asked for."""
        self._asked.update(later)
        unknown = [key for key in self.names() if key not in self._asked]
        if unknown:
            known = ", ".join(sorted(self._asked))
            raise self.error(f"unknown key {unknown[0]}; known here: {known}")

    def _take(self, key: str, default: object) -> object:
        self._asked.add(key)
        value = self._values.get(key, default)
        if value is None:
            raise self.error(f"{key} is missing")
        return value


def entry_from_yaml(text: str, name: str) -> Entry:
    """Parse YAML whose top level is a mapping; `name` is the file in error messages."""
    try:
        # _UniqueKeyLoader is a SafeLoader
        return Entry(yaml.load(text, Loader=_UniqueKeyLoader), name)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MappingError(f"{name}: line {line}: {error.problem}") from error
    except MappingError as error:
        message = str(error)
        raise MappingError(message if message.startswith(name) else f"{name}: {message}") from error
