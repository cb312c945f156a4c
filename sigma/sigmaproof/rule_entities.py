"""Which entities of a pack the events of one rule tell: a column that they never fill tells nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
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
    kept = told_entities(pack, possible_events(pack, demands))
    # Only an entity that says which events name it can be told by what the pack does not list.
    rest = [name for entity in kept if entity.events for name in entity.identifiers.values()]
    return replace(pack, entities=kept).with_rest(rest)


def possible_events(
    pack: MappingPack, demands: Demands, required: Collection[str] = ()
) -> list[list[Events]]:
    """Return what is known of events of these demands, with a value of `required`: they are of one of each."""
    return [
        [_events(pack, demands)],
        *_by_value(pack, demands),
        *_by_field(pack, required),
    ]


def are_possible(events: Events, possible: Sequence[Sequence[Events]]) -> bool:
    """Say whether what is known of a rule's events leaves any of these."""
    return all(any(overlap(events, one) for one in some) for some in possible)


def told_entities(
    pack: MappingPack, possible: Sequence[Sequence[Events]]
) -> tuple[PackEntity, ...]:
    """Return the entities of an event log that events tell of which so much is known."""
    return tuple(
        entity
        for entity in pack.entities
        if all(any(_is_told(entity, pack, one) for one in some) for some in possible)
    )


def _by_value(pack: MappingPack, demands: Demands) -> Iterator[list[Events]]:
    """Yield for each field whose value the code tells the events that have one of those demanded."""
    for entry in pack.fields:
        if entry.known and entry.ecs in demands:
            yield [one for value, one in entry.known.items() if value in demands[entry.ecs]]


def _by_field(pack: MappingPack, names: Collection[str]) -> Iterator[list[Events]]:
    """Yield for each field the events that have it, as far as the pack says which."""
    for name in sorted(names):
        some = [entry.events for entry in pack.fields if entry.ecs == name and not entry.known]
        if some:
            yield some


def _events(pack: MappingPack, demands: Demands) -> Events:
    """Return the events of the log source, as far as the rule does not ask for others."""
    by = pack.told_apart_by
    channels = demands.get(by.channel) if by else None
    codes = demands.get(by.code) if by else None
    if channels is None:
        known = dict(pack.events or _every_channel(pack))
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


def _every_channel(pack: MappingPack) -> Events:
    return {channel: () for one in pack.log_sources for channel in one.events}


def _is_told(entity: PackEntity, pack: MappingPack, events: Events) -> bool:
    if not overlap(entity.events, events):
        return False
    fields = [one for name in entity.identifiers.values() for one in pack.named(name)]
    return any(overlap(one.events, events) for one in fields) if fields else bool(entity.events)
