"""Data views of Kibana: exported saved objects, and answers of the data views API."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .field import DeclaredField, NotRead, SchemaProblem
from .field_capabilities import within_parent
from .node import Node, items_of, node_of

_TYPE = "index-pattern"
_HINT = "save the answer of GET /api/data_views/data_view/ID, or the mapping of the indices"


def fits(document: object) -> bool:
    """Say whether the document is a data view, or an export that may hold some."""
    match document:
        case {"data_view": dict()} | {"type": str(), "attributes": dict()}:
            return True
        case {"saved_objects": list()} | {"exportedCount": int()}:
            return True
        case _:
            return False


def fields(document: object) -> Iterator[DeclaredField | NotRead]:
    """Yield the fields of every data view in the document; other saved objects have none."""
    whole = node_of(document)
    if "data_view" in whole.values:
        yield from _of_view(whole.node("data_view"))
    saved = whole.items("saved_objects") or [whole]
    for one in saved:
        if one.values.get("type") == _TYPE:
            yield from _of_view(one.node("attributes"))


def _of_view(view: Node) -> Iterator[DeclaredField | NotRead]:
    """Yield the fields of one data view; an export keeps lists and maps as JSON in a text."""
    title = view.text("title") or view.text("name")
    source = f"data view {title}" if title else ""
    listed = _listed(view)
    runtime = list(_decoded(view, "runtimeFieldMap").nodes())
    if not listed and not runtime:
        raise view.problem(f"the {source or 'data view'} holds no types of fields; {_HINT}")
    types = {name: kinds[0] for name, kinds, _ in listed if kinds}
    for name, kinds, entry in listed:
        if entry.flag("scripted", False):
            yield NotRead(f"the scripted field {name} of {source or 'a data view'}")
            continue
        if path := entry.node("subType").node("nested").text("path"):
            yield DeclaredField(path, "nested", source)
        for kind in kinds:
            yield within_parent(DeclaredField(name, kind, source), types)
    for name, definition in runtime:
        is_computed = "script" in definition.values
        yield DeclaredField(name, definition.text("type"), source, is_computed=is_computed)


def _listed(view: Node) -> list[tuple[str, list[str], Node]]:
    """Return each field's name, its types in Elasticsearch and its entry."""
    value = _value(view, "fields")
    path = (*view.path, "fields")
    entries = [one for _, one in node_of(value, path).nodes()] if isinstance(value, dict) else None
    found = []
    for entry in items_of(value, path) if entries is None else entries:
        name = entry.text("name")
        kinds = entry.values.get("esTypes") or []
        if not name or not isinstance(kinds, list) or not all(isinstance(k, str) for k in kinds):
            raise entry.problem("a field needs a name, and esTypes as a list of texts; correct it")
        if not name.startswith("_"):
            found.append((name, [str(kind) for kind in kinds], entry))
    return found


def _decoded(view: Node, key: str) -> Node:
    value = _value(view, key)
    return node_of({} if value is None else value, (*view.path, key))


def _value(view: Node, key: str) -> object:
    value = view.values.get(key)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        message = f"{key} is no JSON; export the data view again"
        raise SchemaProblem(message, (*view.path, key)) from error
