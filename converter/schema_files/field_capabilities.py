"""Answers of Elasticsearch's field capabilities API (`GET index/_field_caps?fields=*`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .field import DeclaredField, NotRead
from .node import Node, node_of

_CONTAINERS = frozenset({"object", "nested", "flattened", "passthrough"})


def fits(document: object) -> bool:
    """Say whether every field has capabilities by type."""
    match document:
        case {"fields": dict(fields)}:
            return bool(fields) and all(map(_has_capabilities, fields.values()))
        case _:
            return False


def _has_capabilities(field: object) -> bool:
    if not isinstance(field, dict) or not field:
        return False
    return all(isinstance(one, dict) and "searchable" in one for one in field.values())


def fields(document: object) -> Iterator[DeclaredField | NotRead]:
    """Yield each type of each field; with several, the indices that have it."""
    listed = node_of(document).node("fields")
    found = {name: list(_of_field(name, kinds)) for name, kinds in listed.nodes()}
    types = {name: field.type for name, some in found.items() for field in some}
    for some in found.values():
        for field in some:
            yield within_parent(field, types)


def _of_field(name: str, kinds: Node) -> Iterator[DeclaredField]:
    for kind, capabilities in kinds.nodes():
        if kind == "unmapped" or capabilities.flag("metadata_field", False):
            continue
        indices = capabilities.values.get("indices")
        source = ", ".join(map(str, indices)) if isinstance(indices, list) else ""
        is_searched = capabilities.flag("searchable", True) or kind in _CONTAINERS
        yield DeclaredField(
            name,
            kind,
            f"index {source}" if source else "",
            refused="" if is_searched else "it cannot be searched",
        )


def within_parent(field: DeclaredField, types: dict[str, str]) -> DeclaredField:
    """Return a field as a multi-field where the name above it holds values itself."""
    parent = field.name.rpartition(".")[0]
    kind = types.get(parent)
    if kind is None or kind in _CONTAINERS:
        return field
    return replace(field, values=parent)
