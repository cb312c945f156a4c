"""One event and a bounded set of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from converter.ir import Schema, Value

Document = Mapping[str, object]
"""A decoded JSON object: nested objects, dotted keys and arrays as the log has them."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event as a rule sees it."""

    id: str
    """Unique in its dataset: `event.id` where that is unique, else the file and line."""
    time: datetime
    """Primary time, aware UTC: the rule's timestamp field, else `@timestamp`."""
    visible: datetime
    """When the platform has it: `event.ingested`, else the primary time."""
    document: Document


@dataclass(frozen=True, slots=True)
class Dataset:
    """Events in order of primary time, then id."""

    events: tuple[Event, ...]
    schema: Schema


def values_of(document: Document, path: str) -> tuple[Value, ...]:
    """Return a field's values in order; none for an absent field, null or an empty array.

    `a.b` names a key `b` inside the object `a`, a key `a.b`, and every object of an array on the way
    (SIGMA-1).
    """
    found: list[Value] = []
    _collect(document, path, found)
    return tuple(found)


def _collect(node: object, path: str, found: list[Value]) -> None:
    match node:
        case None:
            return
        case list():
            for item in node:
                _collect(item, path, found)
        case dict():
            if path:
                _collect_key(node, path, found)
        case str() | bool() | int() | float():
            if not path:
                found.append(node)


def _collect_key(node: Mapping[str, object], path: str, found: list[Value]) -> None:
    for head, rest in _splits(path):
        if head in node:
            _collect(node[head], rest, found)


def objects_of(document: object, path: str) -> Iterator[Mapping[str, object]]:
    """Yield the objects that stand at a path, as `values_of` reads it."""
    match document:
        case list():
            for item in document:
                yield from objects_of(item, path)
        case dict() if not path:
            yield document
        case dict():
            for head, rest in _splits(path):
                if head in document:
                    yield from objects_of(document[head], rest)


@lru_cache(maxsize=4096)
def _splits(path: str) -> tuple[tuple[str, str], ...]:
    """Return every way to cut a path into a key and the path below it, the whole path first."""
    dots = [place for place, character in enumerate(path) if character == "."]
    return ((path, ""), *((path[:dot], path[dot + 1 :]) for dot in dots))
