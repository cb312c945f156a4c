"""Read which events the log sources and fields of a mapping.yml stand for."""

from __future__ import annotations

from collections.abc import Mapping

from .mapping_entry import Entry
from .mapping_events import EventFields, PackLogSource


def read_log_sources(top: Entry, channels: Mapping[str, str]) -> tuple[PackLogSource, ...]:
    """Read the Sigma log sources of a pack that has several."""
    if not top.has("log_sources"):
        return ()
    product = top.text("product", "")
    return tuple(_log_source(entry, product, channels) for entry in top.entries("log_sources"))


def read_event_fields(ecs: Entry) -> tuple[EventFields | None, str]:
    """Read the ECS fields that tell events apart, if any do, and the object that holds the rest."""
    told_apart_by = (
        EventFields(ecs.text("channel"), ecs.text("code"))
        if ecs.has("channel") or ecs.has("code")
        else None
    )
    return told_apart_by, ecs.text("rest", "")


def _log_source(entry: Entry, product: str, channels: Mapping[str, str]) -> PackLogSource:
    section = {"product": entry.text("product", product)}
    section |= {key: entry.text(key) for key in ("category", "service") if entry.has(key)}
    if not section["product"]:
        raise entry.error("name a product, here or at the top")
    if len(section) == 1:
        raise entry.error("name a category or a service")
    where = entry.entry("where")
    found = PackLogSource(
        section,
        read_events(entry, channels),
        {name: where.texts(name) for name in where.names()},
        entry.entry("condition").text_by_key(),
        entry.texts("tables"),
        entry.entry("implied").text_by_key(),
    )
    entry.close()
    if bool(found.condition) == entry.has("events"):
        raise entry.error("needs either events or a condition")
    return found


def read_events(entry: Entry, channels: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Read the key `events`: short names of channels to the codes of their events."""
    return read_channels(entry, "events", channels)


def read_channels(
    entry: Entry, key: str, channels: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Read a key with codes by short names of channels."""
    events = entry.entry(key)
    found: dict[str, tuple[str, ...]] = {}
    for name in events.names():
        if name not in channels:
            raise entry.error(f"{key} names the channel {name}, which channels does not list")
        found[channels[name]] = events.texts(name)
    return found
