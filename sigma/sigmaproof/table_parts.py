"""The parts of an event log in tables: one for each table and the events whose fields it holds alike.

Where a field stands depends on channel and code of the event, so that a rule on several is a union of parts.
One rule holds this together: in a part a field has one place, or its events never have it, or the rule is
refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .mapping import MappingPack, PackField, PackTable, Place, Scalar
from .mapping_events import EventFields, overlap
from .readings import Reading
from .steps import steps_of

_UNNAMED = "Data"
"""Key of all values of an event's data that have no name."""
_OTHER = ""
"""Stands for every channel, or code, that no field of the pack names."""


@dataclass(frozen=True, slots=True)
class _Found:
    """How one part has a field; with nothing said its events never have it."""

    place: Place | None = None
    constant: Scalar | None = None
    known: tuple[str, ...] = ()
    reading: Reading = ""
    cases: tuple[tuple[str, str], ...] = ()
    refused: str = ""
    is_without_column: bool = False
    """Whether the table, not the field, is why it is refused."""


@dataclass(frozen=True, slots=True)
class _Part:
    table: PackTable
    channels: tuple[str, ...]
    """Empty for those that no other part has."""
    codes: tuple[str, ...]
    """Empty for all, or for those that no other part of the channels has."""
    found: Mapping[str, _Found]
    others: tuple[str, ...] = field(default=(), compare=False)
    """The codes that other parts of the channels have."""

    @property
    def name(self) -> str:
        which = ", ".join((*self.channels, *self.codes)) or "other channels"
        return f"{self.table.name} ({which})"


def in_parts(pack: MappingPack) -> MappingPack:
    """Return the pack of an event log with a table for each part; any other pack as it is."""
    by = pack.told_apart_by
    if by is None or not pack.tables or not (pack.is_recorded or pack.is_under_ecs_names):
        return pack
    names = tuple(dict.fromkeys(entry.sigma for entry in pack.fields))
    if pack.is_under_ecs_names:
        shown = frozenset(pack.entity_fields)
        parts = _parts_by_code(pack, [name for name in names if name not in shown])
        parts = [
            _with_shown(part, pack, [name for name in names if name in shown]) for part in parts
        ]
    else:
        parts = _joined([_part(pack, one, pack.events[one], names) for one in pack.events])
    if not parts:
        return pack
    tables = tuple(_table(part, parts, pack, by) for part in parts)
    fields = tuple(_field(pack, name, parts) for name in names)
    return replace(pack, tables=tables, choices=(), fields=fields)


def _with_shown(part: _Part, pack: MappingPack, names: Sequence[str]) -> _Part:
    """Return the part with fields that a result only shows, for which no events are told apart."""
    events = dict.fromkeys(part.channels, part.codes) if part.channels else {_OTHER: (_OTHER,)}
    found = {name: _found(pack, part.table, events, name) for name in names}
    return replace(part, found={**part.found, **found})


def _table(part: _Part, parts: Sequence[_Part], pack: MappingPack, by: EventFields) -> PackTable:
    channels = {by.channel: part.channels} if part.channels else {}
    codes = {by.code: part.codes} if part.codes else {}
    is_alone = len(parts) == 1 and pack.is_under_ecs_names
    seen = tuple(dict.fromkeys(one for other in parts for one in other.channels))
    others = {by.code: part.others} if part.others and not part.codes else {}
    others |= {by.channel: seen} if not part.channels and seen else {}
    return replace(
        part.table,
        name=part.name,
        stored_in=part.table.name,
        # Rows of no part are nobody's, so that the last part may as well hold them.
        selector={} if part is parts[-1] else {**_selector(channels), **_selector(codes)},
        only={} if is_alone else {**channels, **codes},
        never={} if is_alone else others,
        is_told=pack.is_under_ecs_names,
    )


def _selector(values: Mapping[str, tuple[str, ...]]) -> dict[str, str | tuple[str, ...]]:
    return {name: some[0] if len(some) == 1 else some for name, some in values.items()}


def _parts_by_code(pack: MappingPack, names: Sequence[str]) -> list[_Part]:
    """Return the parts of all channels that fields of the pack name, and one of the others."""
    named = [events for entry in pack.fields for events in _events_of(entry)]
    named += [dict.fromkeys(table.channels, ()) for table in pack.tables]
    channels = dict.fromkeys(channel for events in named for channel in events)
    alike = [part for channel in channels for part in _parts_of(pack, channel, names)]
    other = _part(pack, _OTHER, (_OTHER,), names)
    found = [one for one in alike if (one.table, one.found) != (other.table, other.found)]
    # Codes that are told apart come first: the others of their channels are the rest.
    return [*sorted(_joined(found), key=lambda one: not one.codes), other]


def _parts_of(pack: MappingPack, channel: str, names: Sequence[str]) -> list[_Part]:
    """Return the parts of one channel, by the codes that its fields name."""
    named = dict.fromkeys(
        code
        for entry in pack.fields
        for events in _events_of(entry)
        for code in events.get(channel, ())
    )
    by_code: list[_Part] = []
    rest = _part(pack, channel, (_OTHER,), names)
    for code in named:
        one = _part(pack, channel, (code,), names)
        if one.found == rest.found:
            continue
        for place, other in enumerate(by_code):
            if other.found == one.found:
                by_code[place] = replace(other, codes=(*other.codes, code))
                break
        else:
            by_code.append(replace(one, codes=(code,)))
    told = tuple(code for part in by_code for code in part.codes)
    return [*by_code, replace(rest, others=told)]


def _events_of(entry: PackField) -> Iterator[Mapping[str, tuple[str, ...]]]:
    yield entry.events
    yield from entry.known.values()


def _part(pack: MappingPack, channel: str, codes: tuple[str, ...], names: Sequence[str]) -> _Part:
    table = next((one for one in pack.tables if one.holds(channel)), pack.tables[-1])
    events = {channel: codes}
    found = {name: _found(pack, table, events, name) for name in names}
    return _Part(table, (channel,) if channel != _OTHER else (), (), found)


def _joined(parts: Sequence[_Part]) -> list[_Part]:
    """Join the channels that a table holds alike."""
    found: list[_Part] = []
    for part in parts:
        for place, other in enumerate(found):
            if (other.table, other.codes, other.found) == (part.table, part.codes, part.found):
                others = tuple(dict.fromkeys((*other.others, *part.others)))
                channels = (*other.channels, *part.channels)
                if part.codes or other.others == part.others:
                    found[place] = replace(other, channels=channels, others=others)
                    break
        else:
            found.append(part)
    return found


def _found(
    pack: MappingPack, table: PackTable, events: Mapping[str, tuple[str, ...]], name: str
) -> _Found:
    """Return how the table has a field of these events."""
    entries = [one for one in pack.named(name) if overlap(one.events, events)]
    if not entries or entries[0].is_absent:
        return _Found()
    first = entries[0]
    if reason := next((one.refused for one in entries if one.refused), ""):
        return _Found(refused=reason)
    if first.known:
        return _Found(known=tuple(v for v, some in first.known.items() if overlap(some, events)))
    if (constant := first.constants.get(table.name)) is not None:
        return _Found(constant=constant)
    places = list(dict.fromkeys(one for entry in entries for one in _places(pack, entry, table)))
    if not places:
        return _Found(refused=_no_place(table, entries), is_without_column=True)
    chain: Place | None = None
    for place in reversed(places):
        chain = replace(place, next=chain)
    of_table = first.in_table(table.name)
    return _Found(chain, reading=of_table.reading, cases=tuple(of_table.cases.items()))


def _places(pack: MappingPack, entry: PackField, table: PackTable) -> Iterator[Place]:
    """Yield the columns that the pack names; else those of the data's own names."""
    if named := entry.places.get(table.name):
        yield from (replace(one, next=None) for one in named.alternatives())
        return
    for path in entry.vendor:
        inside, *rest = steps_of(path)
        column = rest[0] if len(rest) == 1 else ""
        if inside != pack.vendor.data:
            continue
        if table.data and not (table.has_xml and column == _UNNAMED):
            yield Place(table.data, (*table.inside_data, *rest))
        elif isinstance(column, str) and column in table.types:
            yield Place(column)


def _no_place(table: PackTable, entries: Sequence[PackField]) -> str:
    paths = (steps_of(path) for entry in entries for path in entry.vendor)
    if table.has_xml and any(path[1:] == (_UNNAMED,) for path in paths):
        return (
            f"{table.name} keeps data without names as a row of elements that nothing tells apart"
        )
    return f"{table.name} has no column for it"


def _field(pack: MappingPack, name: str, parts: Sequence[_Part]) -> PackField:
    entries = pack.named(name)
    found = {part.name: part.found[name] for part in parts}
    # Another set of tables may have a column; what the pack refuses only matters where events have it.
    refusals = dict.fromkeys(one.refused for one in found.values() if one.is_without_column)
    places = {key: one.place for key, one in found.items() if one.place is not None}
    constants = {key: one.constant for key, one in found.items() if one.constant is not None}
    return replace(
        entries[0],
        events={},
        known={},
        vendor=tuple(dict.fromkeys(path for entry in entries for path in entry.vendor)),
        places={} if refusals else places,
        constants={} if refusals else constants,
        known_in={key: one.known for key, one in found.items() if one.known},
        reading="",
        readings={key: one.reading for key, one in found.items() if one.reading},
        cases={},
        cases_in={key: dict(one.cases) for key, one in found.items() if one.cases},
        refused="; ".join(refusals),
        refused_in={key: one.refused for key, one in found.items() if one.refused},
    )
