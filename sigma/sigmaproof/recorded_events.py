"""Packs for rules on events as their source recorded them, which is what tables of event logs hold.

A document holds other names and values than the event, and rules are rewritten for it. A table such as
WindowsEvent keeps the event's own data, so that a rule needs neither. One rule holds this together: a field
of a recorded event has its name in Sigma rules, and its text is the vendor's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from .mapping import MappingPack, PackField
from .mapping_entities import PackEntity
from .mapping_events import EventFields, overlap
from .readings import JOINS
from .rule_entities import are_possible, possible_events, told_entities
from .steps import written

TIME = "@timestamp"
"""Field of the time, in documents and in recorded events."""


def recorded(pack: MappingPack) -> MappingPack:
    """Return the pack with fields as the recorded events have them; as it is where nothing tells how."""
    by = pack.told_apart_by
    if by is None or pack.is_recorded or pack.is_under_ecs_names or not pack.vendor.root:
        return pack
    fields = tuple(
        _recorded(entry, pack)
        for entry in pack.fields
        if entry.sigma != entry.ecs or entry.ecs == TIME
    )
    where = {_sigma_name(pack, name): values for name, values in pack.where.items()}
    return replace(
        pack,
        is_recorded=True,
        fields=fields,
        told_apart_by=EventFields(_sigma_name(pack, by.channel), _sigma_name(pack, by.code)),
        where=where,
        log_sources=tuple(
            replace(one, where={_sigma_name(pack, name): some for name, some in one.where.items()})
            for one in pack.log_sources
        ),
    ).with_rest(where)


def _recorded(entry: PackField, pack: MappingPack) -> PackField:
    return PackField(
        ecs=entry.sigma,
        sigma=entry.sigma,
        events=entry.events,
        type="date" if entry.ecs == TIME else "keyword",
        is_multiple=any(place.is_array for place in entry.places.values()),
        vendor=_paths(entry, pack),
        places=entry.places,
        readings={table: one for table, one in entry.readings.items() if one in JOINS},
        synonyms=entry.synonyms,
        halves=() if entry.vendor else _halves(entry, pack),
        refused=entry.refused,
        source=entry.source,
    )


def _halves(entry: PackField, pack: MappingPack) -> tuple[str, ...]:
    r"""Return where domain and name of `DOMAIN\name` stand that the event keeps apart, as documents do."""
    if entry.transform != "domain_user":
        return ()
    names = (entry.parts["domain"], entry.parts["name"])
    return tuple(
        one.vendor[0]
        for name in names
        for one in pack.fields
        if one.ecs == name
        and one.vendor
        and not one.transform
        and overlap(one.events, entry.events)
    )


def _paths(entry: PackField, pack: MappingPack) -> tuple[str, ...]:
    """Return where the value stands: as listed, or in the data that documents keep under its own name."""
    lists = [place.path for place in entry.places.values() if place.is_array]
    if lists:
        keys = [step for step in lists[0] if isinstance(step, str)]
        return (written((pack.vendor.data, *keys)),)
    start = f"{pack.rest}."
    if entry.vendor or not entry.ecs.startswith(start):
        return entry.vendor
    return (written((pack.vendor.data, entry.ecs.removeprefix(start))),)


def _sigma_name(pack: MappingPack, ecs: str) -> str:
    entry = next((one for one in pack.fields if one.ecs == ecs), None)
    return entry.sigma if entry else ecs.removeprefix(f"{pack.rest}.")


def under_ecs_names(
    pack: MappingPack,
    section: Mapping[str, str],
    names: Collection[str],
    demands: Mapping[str, frozenset[str]],
    required: Collection[str],
) -> MappingPack:
    """Return the pack of an event log for rules with these names of ECS, that state their events themselves.

    The tables hold the events as recorded; what documents hold otherwise is read from that, or refused.
    Entities that events of these demands, with a value of `required`, tell keep their names in Sigma, as
    documents split what they name.
    """
    by = pack.told_apart_by
    if by is None:
        return pack.under_ecs_names(section)
    wanted = {*names, by.channel, by.code, TIME}
    listed = {entry.ecs for entry in pack.fields}
    fields = [_of_documents(entry, pack) for entry in pack.fields if entry.ecs in wanted]
    start = f"{pack.rest}."
    rest = [
        PackField(ecs=name, sigma=name, vendor=(written((pack.vendor.data, name[len(start) :])),))
        for name in sorted(names)
        if name.startswith(start) and name not in listed
    ]
    possible = possible_events(pack, demands, required)
    entities = told_entities(pack, possible)
    shown = (one for one in _of_entities(pack, entities) if are_possible(one.events, possible))
    return replace(
        pack,
        is_under_ecs_names=True,
        log_source=dict(section),
        fields=tuple(one for one in (*fields, *rest, *shown) if not one.is_dropped),
        entities=entities,
        log_sources=(),
    )


def _of_entities(pack: MappingPack, entities: Sequence[PackEntity]) -> Iterator[PackField]:
    """Yield the fields of the recorded events that tell entities."""
    for name in dict.fromkeys(name for one in entities for name in one.identifiers.values()):
        entries = pack.named(name)
        yield from (_recorded(entry, pack) for entry in entries)
        if not entries:
            yield PackField(ecs=name, sigma=name, vendor=(written((pack.vendor.data, name)),))


def _of_documents(entry: PackField, pack: MappingPack) -> PackField:
    """Return how a table says what a document holds, which the event holds otherwise."""
    named = replace(
        entry, sigma=entry.ecs, vendor=_paths(entry, pack), meanings={}, transform="", parts={}
    )
    if entry.meanings:
        return replace(named, cases=entry.meanings)
    match entry.transform:
        case "" | "number":
            return named
        case "address":
            return replace(named, reading="ipv4-mapped")
        case _:
            return replace(
                named, places={}, refused=f"the event holds it in another form ({entry.sigma})"
            )
