"""Judges a pack of several log sources by events that are at hand as recorded and as ECS documents.

Documents made of the recorded events must be the real ones, and rows that the pack makes of them those of
the vendor's own naming. No rule's log source takes part: all channels do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from converter.mapping import MappingPack, document_layout, table_layouts
from harness.events.agent_events import as_windows_writes_it
from harness.events.mapping_check import (
    Hits,
    Pair,
    added,
    check_constants,
    check_documents,
    check_rows,
)
from harness.events.vendor import vendor_value
from harness.events.vendor_documents import document_of
from sigma.sigmaproof.mapping import PLATFORMS
from sigma.sigmaproof.mapping_events import includes
from sigma.sigmaproof.recorded_events import recorded

_SEVERAL = 5
"""Events that must not all lack a path; fewer may."""


@dataclass(frozen=True, slots=True)
class RecordedCounts:
    """How often documents and rows of recorded events were what they must be, by field."""

    tables: tuple[Hits, ...]
    documents: tuple[Hits, ...]
    rows: tuple[Hits, ...]
    relations: Mapping[str, str]
    """Field of a document to how it stands to the event."""
    unseen: tuple[str, ...]
    """Fields whose paths none of their events has."""


def is_recorded_source(pack: MappingPack) -> bool:
    """Say whether the pack's events are told from documents, so that they can be compared with them."""
    return pack.told_apart_by is not None and bool(pack.vendor.root)


def check_recorded(pack: MappingPack, pairs: Sequence[Pair]) -> RecordedCounts:
    """Count, for events in any form that the pack knows, the fields of their documents and rows."""
    written = [Pair(as_windows_writes_it(pair.raw), pair.document) for pair in pairs]
    layout, own = document_layout(pack), document_layout(_recorded(pack))
    if layout is None or own is None:
        raise TypeError(f"pack {pack.name} does not say how events are recorded")
    recordings = [Pair(_inside(one, pack), document_of(own, one.raw)) for one in written]
    sets = [table_layouts(_recorded(pack).with_tables(choice)) for choice in _choices(pack)]
    return RecordedCounts(
        tables=added([check_constants(layouts, recordings) for layouts in sets]),
        documents=check_documents(layout, written),
        rows=added([check_rows(layouts, recordings) for layouts in sets]),
        relations=_relations(pack),
        unseen=tuple(_unseen(_recorded(pack), [pair.raw for pair in recordings])),
    )


def _inside(pair: Pair, pack: MappingPack) -> Mapping[str, object]:
    found = pair.raw.get(pack.vendor.root)
    return found if isinstance(found, Mapping) else {}


def _recorded(pack: MappingPack) -> MappingPack:
    """Return the pack of every channel's events at once, as recorded."""
    channels = {channel: () for one in pack.log_sources for channel in one.events}
    return recorded(replace(pack, events=channels))


def _choices(pack: MappingPack) -> Iterator[tuple[str, ...]]:
    for platform in PLATFORMS:
        yield from pack.whole_choices(platform)


def _unseen(pack: MappingPack, events: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """Yield each field that has a path for some events, which several of them all lack."""
    told = [(_text(one, pack, "channel"), _text(one, pack, "code"), one) for one in events]
    for entry in pack.fields:
        if not (entry.vendor and entry.events):
            continue
        some = [one for channel, code, one in told if includes(entry.events, channel, code)]
        if len(some) >= _SEVERAL and not any(vendor_value(one, entry.vendor) for one in some):
            paths = " or ".join(entry.vendor)
            yield f"path of {entry.sigma}: {paths} is in none of its {len(some)} events"


def _text(event: Mapping[str, object], pack: MappingPack, key: str) -> str:
    """Return the channel or the code of an event."""
    by = pack.told_apart_by
    name = "" if by is None else by.channel if key == "channel" else by.code
    entry = pack.by_sigma(name)
    return str(vendor_value(event, entry.vendor)) if entry else ""


def _relations(pack: MappingPack) -> dict[str, str]:
    relations: dict[str, str] = {}
    for entry in pack.fields:
        for name in (*entry.parts.values(), entry.ecs):
            relations[name] = (
                "transformed" if entry.is_rewritten else relations.get(name, "lossless")
            )
    return relations
