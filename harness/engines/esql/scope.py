"""The columns that a command sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from .types import Type


@dataclass(frozen=True, slots=True)
class Place:
    """A column: its type and where in a row its cells are."""

    type: Type
    slot: int | None
    """None for a column that nothing reads, which is therefore not loaded."""
    detail: str = ""
    """The type of the field where the platform does not support it."""
    is_field: bool = False
    """The column is the field of the index, so that it can be searched."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Columns by name, in order, and how many slots a row has."""

    columns: Mapping[str, Place]
    width: int

    def find(self, name: str) -> Place | None:
        """Return a column; None where there is none of that name."""
        return self.columns.get(name)

    def similar(self, name: str) -> str:
        """Return the name that was perhaps meant; empty where none is near."""
        return next(iter(get_close_matches(name, self.columns, 1, 0.8)), "")

    def with_column(self, name: str, kind: Type) -> Scope:
        """Add a column at the next slot; a column of that name moves to the end (ESQL-14)."""
        kept = {key: place for key, place in self.columns.items() if key != name}
        return Scope({**kept, name: Place(kind, self.width)}, self.width + 1)

    def with_place(self, name: str, kind: Type) -> Scope:
        """Put new cells under a name that keeps its position."""
        return Scope({**self.columns, name: Place(kind, self.width)}, self.width + 1)
