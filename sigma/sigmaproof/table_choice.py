"""Which of a pack's tables a rule is written for.

Where several sets of tables each hold the whole log source, the first one that keeps every field of the
rule is chosen, else the one that lacks the fewest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .mapping import MappingPack


@dataclass(frozen=True, slots=True)
class TableChoice:
    """The tables to write a rule for."""

    pack: MappingPack
    """The pack with these tables only."""
    tables: tuple[str, ...]
    others: tuple[tuple[str, ...], ...] = ()
    """Other sets of tables that keep all fields of the rule too."""


def choose_tables(
    pack: MappingPack, choices: Sequence[tuple[str, ...]], names: Sequence[str]
) -> TableChoice:
    """Choose one of the sets of tables, of which there must be one, for a rule with these fields."""
    packs = {choice: pack.with_tables(choice) for choice in choices}
    missing = {choice: _missing(one, names) for choice, one in packs.items()}
    best = min(choices, key=lambda choice: len(missing[choice]))
    others = tuple(one for one in choices if one != best and not missing[one])
    return TableChoice(packs[best], best, others)


def _missing(pack: MappingPack, names: Sequence[str]) -> list[str]:
    """Return the fields of a rule that the tables of a pack do not keep."""
    entries = {name: pack.by_sigma(name) for name in names}
    return [name for name, entry in entries.items() if entry is None or entry.refused]
