"""`fields.yml` of Beats and of integrations: a list of fields, groups inside each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .field import DeclaredField, NotRead
from .index_mapping import field_of
from .node import Node, items_of

_LENGTH_OF_KEYWORDS = 1024
"""What Beats and Fleet set as `ignore_above` where a keyword field says nothing."""
_SHORTENED = frozenset({"keyword", "wildcard"})
_MARKS = ("name", "key", "fields")


def fits(document: object) -> bool:
    """Say whether the document is a list of fields."""
    return (
        isinstance(document, list)
        and bool(document)
        and all(isinstance(one, dict) and any(mark in one for mark in _MARKS) for one in document)
    )


def fields(document: object) -> Iterator[DeclaredField | NotRead]:
    """Yield the fields of all groups."""
    yield from _of_list(items_of(document), "")


def _of_list(entries: list[Node], prefix: str) -> Iterator[DeclaredField | NotRead]:
    for entry in entries:
        name = entry.text("name")
        if not name and "fields" not in entry.values:
            raise entry.problem("a field has no name; add it")
        if "key" in entry.values or not name:
            # A section: its fields have full names.
            yield from _of_list(entry.items("fields"), prefix)
        else:
            yield from _of_field(f"{prefix}{name}", entry)


def _of_field(name: str, entry: Node) -> Iterator[DeclaredField | NotRead]:
    kind = entry.text("type", "group" if "fields" in entry.values else "keyword")
    if "external" in entry.values:
        return  # The type is that of ECS, which is known.
    if "*" in name or "object_type" in entry.values or "object_type_params" in entry.values:
        yield NotRead(f"what is inside {name.removesuffix('.*')}, which has an object_type")
        if "*" in name:
            return
    if kind == "array":
        kind = entry.text("object_type", "keyword")
    if kind == "alias":
        path = entry.text("path")
        if not path:
            raise entry.problem(f"the alias {name} has no path; add it")
        yield DeclaredField(name, kind, values=path)
        return
    field = _with_lengths(field_of(name, "object" if kind == "group" else kind, entry, ""))
    yield replace(field, is_multiple=_is_multiple(entry))
    if not field.refused:
        yield from _of_list(entry.items("fields"), f"{name}.")
    for inner in entry.items("multi_fields"):
        key = inner.text("name")
        if not key:
            raise inner.problem(f"a multi-field of {name} has no name; add it")
        multi = field_of(f"{name}.{key}", inner.text("type", "keyword"), inner, "")
        yield replace(_with_lengths(multi), values=name)


def _with_lengths(field: DeclaredField) -> DeclaredField:
    if field.type not in _SHORTENED or field.ignore_above is not None:
        return field
    return replace(field, ignore_above=_LENGTH_OF_KEYWORDS)


def _is_multiple(entry: Node) -> bool | None:
    """Read `normalize`: `[array]` says several values; nothing is said where it is missing."""
    normalize = entry.values.get("normalize")
    return "array" in normalize if isinstance(normalize, list) and normalize else None
