"""Examples of a pack: events as their source writes them, and what tables and documents then say.

They stand in `examples.yml` beside the pack, under names of their own: nothing of them is read from the pack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

import sigma.pipelines
from harness.errors import UsageError
from harness.events.inside import with_value
from harness.events.scalar_text import text_of
from harness.events.vendor import path_steps

FILE = "examples.yml"

Texts = tuple[str, ...]
"""Values as texts, sorted: their order says nothing."""
Said = Mapping[str, Texts]
"""Field to its values; a field without one is not there."""
Told = Mapping[str, tuple[Mapping[str, object], ...]]
"""Table that others join to its rows."""


@dataclass(frozen=True, slots=True)
class Example:
    """One event, or one for each of several event codes."""

    title: str
    event: Mapping[str, object]
    tables: Mapping[str, Said]
    """What the row says, by table."""
    joined: Told = field(default_factory=dict)
    channel: str = ""
    codes: tuple[str, ...] = ()
    document: Said | None = None
    """What the document made of the event says; None where documents are not made of events."""
    under_ecs: Mapping[str, Said] = field(default_factory=dict)
    """What the row says under ECS names, by table, where that is not what `tables` says."""


@dataclass(frozen=True, slots=True)
class Examples:
    """All examples of a pack."""

    events: tuple[Example, ...]
    facts: Mapping[str, object]
    """What is no event: the events of log sources and what values of rules mean, as lists of values."""


def examples_beside(path: Path | None, pack: str) -> Examples | None:
    """Return the examples beside a pack's file, or those of the installed pack of its name."""
    places = [path.with_name(FILE)] if path else []
    places += [Path(folder) / pack / FILE for folder in sigma.pipelines.__path__]
    for place in places:
        if place.is_file():
            data = _mapping(yaml.load(place.read_text(encoding="utf-8"), _LOADER), place)
            if data.get("pack") == pack:
                return _examples(data, place)
    return None


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def texts(value: object) -> Texts:
    """Return a value, or all of a list, as texts; none for nothing."""
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(sorted(text_of(one) for one in values if one not in (None, "")))


def _examples(data: Mapping[str, object], path: Path) -> Examples:
    listed = data.get("examples", [])
    if not isinstance(listed, list):
        raise UsageError(f"{path}: examples must be a list")
    entries = [one for entry in listed for one in _by_channel(_mapping(entry, path))]
    events = [one for entry in entries for one in _with_variants(entry, path)]
    return Examples(tuple(events), _mapping(data.get("facts", {}), path))


def _by_channel(entry: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Yield the example for each of its channels, whose name stands for `$channel`."""
    channels = entry.get("channels")
    for channel in channels if isinstance(channels, list) else []:
        yield {**{key: _named(one, channel) for key, one in entry.items()}, "channel": channel}
    if not isinstance(channels, list):
        yield entry


def _named(node: object, channel: str) -> object:
    match node:
        case dict():
            return {key: _named(one, channel) for key, one in node.items()}
        case list():
            return [_named(one, channel) for one in node]
        case _:
            return channel if node == "$channel" else node


def _with_variants(entry: Mapping[str, object], path: Path) -> Iterator[Example]:
    base = _example(entry, path)
    yield base
    variants = entry.get("variants", [])
    for one in variants if isinstance(variants, list) else []:
        variant = _mapping(one, path)
        changes = _mapping(variant.get("with", {}), path)
        event: object = base.event
        for steps, value in changes.items():
            event = with_value(event, path_steps(steps), value)
        own = _example({**variant, "event": event}, path)
        title = ", ".join(f"{name} {value!r}" for name, value in changes.items())
        yield Example(
            title=f"{base.title} with {title}",
            event=own.event,
            tables={
                name: _changed(said, own.tables.get(name, {})) for name, said in base.tables.items()
            },
            joined=own.joined or base.joined,
            channel=base.channel,
            codes=base.codes,
            document=None if base.document is None else _changed(base.document, own.document or {}),
            under_ecs={
                name: _changed(said, own.under_ecs.get(name, {}))
                for name, said in base.under_ecs.items()
            },
        )


def _changed(base: Said, changes: Said) -> Said:
    return {name: values for name, values in {**base, **changes}.items() if values}


def _example(entry: Mapping[str, object], path: Path) -> Example:
    document = entry.get("document")
    codes = entry.get("codes", [])
    joined = _mapping(entry.get("joined", {}), path)
    return Example(
        title=str(entry.get("title", "")),
        event=_mapping(entry.get("event", {}), path),
        tables=_by_table(entry.get("tables", {}), path),
        joined={
            name: tuple(_mapping(row, path) for row in rows)
            for name, rows in joined.items()
            if isinstance(rows, list)
        },
        channel=str(entry.get("channel", "")),
        codes=tuple(map(str, codes)) if isinstance(codes, list) else (),
        document=None if document is None else _said(document, path),
        under_ecs=_by_table(entry.get("ecs", {}), path),
    )


def _by_table(value: object, path: Path) -> dict[str, Said]:
    """Read what rows say; a key may name several tables, with commas between."""
    return {
        table: _said(said, path)
        for tables, said in _mapping(value, path).items()
        for table in tables.split(", ")
    }


def _said(value: object, path: Path) -> dict[str, Texts]:
    return {name: texts(one) for name, one in _mapping(value, path).items()}


def _mapping(value: object, path: Path) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise UsageError(f"{path}: {value!r} must be an object")
    return {str(key): one for key, one in value.items()}
