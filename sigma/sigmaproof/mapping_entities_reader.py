"""Read the entities of a mapping.yml: identifiers by entity type, or several of a type as a list."""

from __future__ import annotations

from collections.abc import Iterator

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


def read_entities(top: Entry) -> tuple[PackEntity, ...]:
    """Read the key `entities` of a pack; raises where Sentinel would not take one of them."""
    entry = top.entry("entities")
    entities = tuple(entity for name in entry.names() for entity in _of_type(entry, name))
    entry.close()
    if len(entities) > MAXIMUM_ENTITIES:
        raise entry.error(f"{len(entities)} entities; Sentinel takes {MAXIMUM_ENTITIES}")
    return entities


def _of_type(entry: Entry, kind: str) -> Iterator[PackEntity]:
    if kind not in STRONG:
        raise entry.error(f"entity type {kind} is not known; known: {', '.join(STRONG)}")
    for one in entry.entry_or_entries(kind):
        identifiers = one.text_by_key()
        known = (*STRONG[kind], *WEAK.get(kind, ()))
        for name in identifiers:
            if name not in known:
                raise one.error(f"identifier {name} is not known; known: {', '.join(known)}")
        if not is_told(kind, identifiers):
            word = "all" if kind in TOGETHER else "one"
            raise one.error(f"needs {word} of {', '.join(STRONG[kind])}")
        if len(identifiers) > MAXIMUM_IDENTIFIERS:
            raise one.error(f"{len(identifiers)} identifiers; Sentinel takes {MAXIMUM_IDENTIFIERS}")
        yield PackEntity(kind, identifiers)
