"""Which entities of a pack the events of one rule tell: a column that they never fill tells nothing."""

from __future__ import annotations

from dataclasses import replace

from .mapping import MappingPack
from .mapping_entities import PackEntity
from .mapping_events import Events, overlap
from .table_choice import Demands


def with_entities_of(pack: MappingPack, demands: Demands) -> MappingPack:
    """Return a pack with the entities that events of these demands tell, and the fields that tell them.

    A pack whose events are not told apart stays as it is.
    """
    if pack.told_apart_by is None:
        return pack
    events = _events(pack, demands)
    kept = tuple(entity for entity in pack.entities if _is_told(entity, pack, events))
    # Only an entity that says which events name it can be told by what the pack does not list.
    rest = [name for entity in kept if entity.events for name in entity.identifiers.values()]
    return replace(pack, entities=kept).with_rest(rest)


def _events(pack: MappingPack, demands: Demands) -> Events:
    """Return the events of the log source, as far as the rule does not ask for others."""
    by = pack.told_apart_by
    channels = demands.get(by.channel) if by else None
    codes = demands.get(by.code) if by else None
    if channels is None:
        known = dict(pack.events)
    else:
        known = {one: pack.events.get(one, ()) for one in sorted(channels)}
    if codes is None:
        return known
    narrowed = {
        channel: tuple(code for code in listed or sorted(codes) if code in codes)
        for channel, listed in known.items()
    }
    # No codes would stand for all codes of the channel.
    return {channel: some for channel, some in narrowed.items() if some}


def _is_told(entity: PackEntity, pack: MappingPack, events: Events) -> bool:
    if not overlap(entity.events, events):
        return False
    fields = [one for name in entity.identifiers.values() for one in pack.named(name)]
    return any(overlap(one.events, events) for one in fields) if fields else bool(entity.events)
