"""Typed reading of one table of a rule file; a wrong type names file, line, key and what to write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from converter.errors import InputError

from .source import RuleSource


@dataclass(frozen=True, slots=True)
class Fields:
    """The table `name` of a source; remembers which keys somebody asked for."""

    source: RuleSource
    name: str
    values: Mapping[str, object]
    asked: set[str] = field(default_factory=set)

    def get(self, key: str) -> object:
        """Return a value of any type; None when the key is missing or null."""
        self.asked.add(key)
        return self.values.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default the key must be there."""
        value = self.get(key)
        if value is None:
            if default is None:
                self.fail(key, f"no '{key}'", f'add {key} = "..."')
            return default
        if not isinstance(value, str):
            self.wrong_type(key, "text", value)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; empty when the key is missing."""
        value = self.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.wrong_type(key, "a list of texts", value)
        return tuple(value)

    def integer(self, key: str, default: int | None = None) -> int:
        """Return a whole number; without a default the key must be there."""
        value = self.get(key)
        if value is None:
            if default is None:
                self.fail(key, f"no '{key}'", f"add {key} = a whole number")
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong_type(key, "a whole number", value)
        return value

    def flag(self, key: str) -> bool:
        """Return a boolean; false when the key is missing."""
        value = self.get(key)
        if value is None:
            return False
        if not isinstance(value, bool):
            self.wrong_type(key, "true or false", value)
        return value

    def table(self, key: str) -> Fields:
        """Return a table inside this one; an empty one when the key is missing."""
        value = self.get(key)
        if value is None:
            return self._inner(key, {})
        if not isinstance(value, dict):
            self.wrong_type(key, "a table", value)
        return self._inner(key, value)

    def tables(self, key: str) -> list[Fields]:
        """Return a list of tables; empty when the key is missing."""
        value = self.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.wrong_type(key, "a list of tables", value)
        return [self._inner(key, item) for item in value]

    def unasked(self) -> dict[str, object]:
        """Return what nobody asked for, in the order of the file."""
        return {key: value for key, value in self.values.items() if key not in self.asked}

    def fail(self, key: str, what: str, hint: str) -> NoReturn:
        """Raise InputError at the key's line."""
        line = self.source.line_of(f"{self.name}.{key}")
        raise InputError(f"{self.source.path}:{line}: {what}; {hint}")

    def wrong_type(self, key: str, wanted: str, found: object) -> NoReturn:
        """Raise InputError for a value of the wrong type."""
        what = f"'{key}' must be {wanted}; found {_shown(found)}"
        self.fail(key, what, "correct its type")

    def _inner(self, key: str, values: Mapping[str, object]) -> Fields:
        return Fields(self.source, f"{self.name}.{key}", values)


def _shown(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value[:40]}"'
        case list():
            return f"a list of {len(value)}"
        case dict():
            return "a table"
        case _:
            return str(value)
