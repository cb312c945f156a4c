"""`ecs_flat.yml` and `ecs_nested.yml`, which the ECS tooling generates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .field import DeclaredField, NotRead
from .index_mapping import field_of
from .node import Node, node_of


def fits(document: object) -> bool:
    """Say whether the document lists fields with their flat names, on its own level or in field sets."""
    return isinstance(document, dict) and any(
        _is_field(value) or _is_field_set(value) for value in document.values()
    )


def _is_field(value: object) -> bool:
    return isinstance(value, dict) and "flat_name" in value


def _is_field_set(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    inner = value.get("fields")
    return isinstance(inner, dict) and any(map(_is_field, inner.values()))


def fields(document: object) -> Iterator[DeclaredField | NotRead]:
    """Yield every field and multi-field."""
    for _, entry in node_of(document).nodes():
        if _is_field(entry.values):
            yield from _of_field(entry)
            continue
        for _, inner in entry.node("fields").nodes():
            yield from _of_field(inner)


def _of_field(entry: Node) -> Iterator[DeclaredField]:
    name = entry.text("flat_name")
    kind = entry.text("type")
    if not name or not kind:
        raise entry.problem("a field needs flat_name and type; add what is missing")
    yield replace(field_of(name, kind, entry, ""), is_multiple=_is_multiple(entry))
    for inner in entry.items("multi_fields"):
        multi = field_of(inner.text("flat_name"), inner.text("type"), inner, "")
        if not multi.name or not multi.type:
            raise inner.problem(f"a multi-field of {name} needs flat_name and type; add them")
        yield replace(multi, values=name)


def _is_multiple(entry: Node) -> bool | None:
    """Read `normalize`: `[array]` says several values, `[]` that there is one."""
    match entry.values.get("normalize"):
        case list() as normalize:
            return "array" in normalize
        case _:
            return None
