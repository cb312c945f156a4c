"""The parts of an event log in tables: one for each table and the channels whose events it holds alike.

Where a field stands depends on the channel, so that a rule on several channels is a union of parts. One rule
holds this together: in a part a field has one place, or its events never have it, or the rule is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .mapping import MappingPack, PackField, PackTable, Place
from .mapping_events import overlap
from .steps import steps_of

Found = Place | str | None
"""Where a part has a field; a text says why nothing can be said, None that its events never have it."""


@dataclass(frozen=True, slots=True)
class _Part:
    table: PackTable
    channels: tuple[str, ...]
    places: Mapping[str, Found]

    @property
    def name(self) -> str:
        return f"{self.table.name} ({', '.join(self.channels)})"


def in_parts(pack: MappingPack) -> MappingPack:
    """Return the pack of recorded events with a table for each part; any other pack as it is."""
    by = pack.told_apart_by
    if by is None or not pack.is_recorded or not pack.tables or not pack.events:
        return pack
    names = tuple(dict.fromkeys(entry.sigma for entry in pack.fields))
    parts = _joined([_part(pack, channel, names) for channel in pack.events])
    # Rows of other channels are nobody's, so that the last part may as well hold them.
    selectors = [{by.channel: _one_or_all(part.channels)} for part in parts[:-1]] + [{}]
    tables = tuple(
        replace(
            part.table,
            name=part.name,
            stored_in=part.table.name,
            selector=selector,
            only={by.channel: part.channels},
        )
        for part, selector in zip(parts, selectors, strict=True)
    )
    fields = tuple(_field(pack, name, parts) for name in names)
    return replace(pack, tables=tables, choices=(), fields=fields)


def _one_or_all(values: tuple[str, ...]) -> str | tuple[str, ...]:
    return values[0] if len(values) == 1 else values


def _part(pack: MappingPack, channel: str, names: Sequence[str]) -> _Part:
    table = next((one for one in pack.tables if one.holds(channel)), pack.tables[-1])
    places = {name: _found(pack, table, channel, name) for name in names}
    return _Part(table, (channel,), places)


def _joined(parts: Sequence[_Part]) -> list[_Part]:
    """Join the channels that a table holds alike."""
    found: list[_Part] = []
    for part in parts:
        for place, other in enumerate(found):
            if (other.table, other.places) == (part.table, part.places):
                found[place] = replace(other, channels=(*other.channels, *part.channels))
                break
        else:
            found.append(part)
    return found


def _found(pack: MappingPack, table: PackTable, channel: str, name: str) -> Found:
    """Return where the events of one channel have a field."""
    events = {channel: pack.events[channel]}
    entries = [one for one in pack.named(name) if overlap(one.events, events)]
    if not entries:
        return None
    if reason := next((one.refused for one in entries if one.refused), ""):
        return reason
    places = list(dict.fromkeys(one for entry in entries for one in _places(pack, entry, table)))
    if not places:
        return f"{table.name} has no column for it"
    first: Place | None = None
    for place in reversed(places):
        first = replace(place, next=first)
    return first


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
        if table.data:
            yield Place(table.data, tuple(rest))
        elif isinstance(column, str) and column in table.types:
            yield Place(column)


def _field(pack: MappingPack, name: str, parts: Sequence[_Part]) -> PackField:
    entries = pack.named(name)
    found = {part.name: part.places[name] for part in parts}
    places = {key: place for key, place in found.items() if isinstance(place, Place)}
    refusals = dict.fromkeys(reason for reason in found.values() if isinstance(reason, str))
    vendor = tuple(dict.fromkeys(path for entry in entries for path in entry.vendor))
    return replace(
        entries[0],
        events={},
        vendor=vendor,
        places={} if refusals else places,
        refused="; ".join(refusals),
    )
