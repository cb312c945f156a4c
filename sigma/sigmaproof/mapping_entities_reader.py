"""Read the entities of a mapping.yml: identifiers by entity type, or several of a type as a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .mapping_entities import (
    MAXIMUM_ENTITIES,
    MAXIMUM_IDENTIFIERS,
    STRONG,
    TOGETHER,
    WEAK,
    PackEntity,
    is_told,
)
from .mapping_entry import Entry
from .mapping_events_reader import read_events

_OTHER_KEYS = ("events", "otherwise")
"""Keys of an entity that are no identifiers."""


def read_entities(top: Entry, channels: Mapping[str, str]) -> tuple[PackEntity, ...]:
    """Read the key `entities` of a pack; raises where Sentinel would not take one of them."""
    entry = top.entry("entities")
    entities = tuple(entity for name in entry.names() for entity in _of_type(entry, name, channels))
    entry.close()
    if len(entities) > MAXIMUM_ENTITIES:
        raise entry.error(f"{len(entities)} entities; Sentinel takes {MAXIMUM_ENTITIES}")
    return entities


def _of_type(entry: Entry, kind: str, channels: Mapping[str, str]) -> Iterator[PackEntity]:
    if kind not in STRONG:
        raise entry.error(f"entity type {kind} is not known; known: {', '.join(STRONG)}")
    for one in entry.entry_or_entries(kind):
        named = [name for name in one.names() if name not in _OTHER_KEYS]
        identifiers = {name: one.text(name) for name in named}
        otherwise = one.entry("otherwise").text_by_key()
        _check(one, kind, identifiers)
        if one.has("otherwise"):
            _check(one, kind, otherwise)
        yield PackEntity(kind, identifiers, otherwise, read_events(one, channels))


def _check(entry: Entry, kind: str, identifiers: Mapping[str, str]) -> None:
    known = (*STRONG[kind], *WEAK.get(kind, ()))
    for name in identifiers:
        if name not in known:
            raise entry.error(f"identifier {name} is not known; known: {', '.join(known)}")
    if not is_told(kind, identifiers):
        word = "all" if kind in TOGETHER else "one"
        raise entry.error(f"needs {word} of {', '.join(STRONG[kind])}")
    if len(identifiers) > MAXIMUM_IDENTIFIERS:
        raise entry.error(f"{len(identifiers)} identifiers; Sentinel takes {MAXIMUM_IDENTIFIERS}")
