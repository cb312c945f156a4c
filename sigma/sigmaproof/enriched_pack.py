"""A mapping pack in which the user has fields looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .enrichment import chosen
from .mapping import MappingPack, PackField


def with_enrichment(pack: MappingPack, wanted: Mapping[str, str]) -> MappingPack:
    """Return the pack with its fields looked up as wanted, by ECS name; it leaves other fields aside."""
    if not any(entry.choices for entry in pack.fields if entry.ecs in wanted):
        return pack
    return replace(pack, fields=tuple(_field(entry, wanted) for entry in pack.fields))


def _field(entry: PackField, wanted: Mapping[str, str]) -> PackField:
    if entry.choices is None or entry.ecs not in wanted:
        return entry
    return replace(
        entry,
        looked_up=chosen(entry.choices, entry.ecs, wanted[entry.ecs]),
        places={},
        values={},
        enrichment="",
        refused="",
    )
