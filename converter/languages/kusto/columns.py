"""The columns of a pipeline at one point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .types import UNKNOWN


@dataclass(frozen=True, slots=True)
class Columns:
    """Type by column, in order."""

    types: Mapping[str, str]
    is_open: bool = False
    """Whether there may be columns that are not known here."""

    def with_types(self, types: Mapping[str, str]) -> Columns:
        """Return the columns with some added or replaced."""
        return Columns({**self.types, **types}, self.is_open)

    def without(self, names: Iterable[str]) -> Columns:
        """Return the columns but for some."""
        dropped = set(names)
        kept = {name: kind for name, kind in self.types.items() if name not in dropped}
        return Columns(kept, self.is_open)

    def renamed(self, names: Mapping[str, str]) -> Columns:
        """Return the columns with new names by old names."""
        return Columns(
            {names.get(name, name): kind for name, kind in self.types.items()}, self.is_open
        )


ANYTHING = Columns({}, is_open=True)


def united(branches: Iterable[Columns]) -> Columns:
    """Return the columns of a union; one of several types is known by suffixed names only."""
    types: dict[str, set[str]] = {}
    is_open = False
    for branch in branches:
        is_open = is_open or branch.is_open
        for name, kind in branch.types.items():
            types.setdefault(name, set()).add(kind)
    united_types: dict[str, str] = {}
    for name, kinds in types.items():
        if len(kinds) == 1 or UNKNOWN in kinds:
            united_types[name] = UNKNOWN if UNKNOWN in kinds else next(iter(kinds))
        else:
            united_types.update({f"{name}_{kind}": kind for kind in sorted(kinds)})
    return Columns(united_types, is_open)
