"""Mappings of Elasticsearch: of indices, of templates, or a bare one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .field import DeclaredField, NotRead
from .node import Node, node_of

STANDARD = "standard"
_MAPPING_KEYS = frozenset({"properties", "dynamic_templates", "runtime", "dynamic"})
_UNSEARCHED = "it is not indexed, so that no query finds its values"
_TEMPLATE_LISTS = {"index_templates": "index_template", "component_templates": "component_template"}
_WITHOUT_DOC_VALUES = frozenset({"text", "match_only_text"})


def fits(document: object) -> bool:
    """Say whether the document is a mapping, or holds one as Elasticsearch's APIs answer."""
    match document:
        case {"properties": dict()} | {"mappings": dict()} | {"template": {"mappings": dict()}}:
            return True
        case {"index_templates": list()} | {"component_templates": list()}:
            return True
        case dict():
            return bool(document) and all(_has_mapping(value) for value in document.values())
        case _:
            return False


def fields(document: object) -> Iterator[DeclaredField | NotRead]:
    """Yield the fields of every mapping in the document."""
    for source, mapping in _mappings(node_of(document)):
        yield from _of_mapping(mapping, source)


def _has_mapping(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("mappings"), dict)


def _mappings(document: Node) -> Iterator[tuple[str, Node]]:
    """Yield each mapping with what it belongs to."""
    values = document.values
    listed = next((key for key in _TEMPLATE_LISTS if isinstance(values.get(key), list)), "")
    if listed:
        for entry in document.items(listed):
            template = entry.node(_TEMPLATE_LISTS[listed]).node("template")
            yield f"template {entry.text('name')}", template.node("mappings")
    elif isinstance(values.get("properties"), dict):
        yield "", document
    elif _has_mapping(values):
        yield "", document.node("mappings")
    elif _has_mapping(values.get("template")):
        yield "", document.node("template").node("mappings")
    else:
        for index, answer in document.nodes():
            yield f"index {index}", answer.node("mappings")


def _of_mapping(mapping: Node, source: str) -> Iterator[DeclaredField | NotRead]:
    where = f" of {source}" if source else ""
    types = [key for key, value in mapping.values.items() if _is_old_type(key, value)]
    if types:
        raise mapping.problem(
            f"the mapping has the type {types[0]}, as before Elasticsearch 7; give its properties",
            types[0],
        )
    if mapping.values.get("dynamic_templates"):
        yield NotRead(f"dynamic_templates{where}")
    for name, runtime in mapping.node("runtime").nodes():
        yield from _runtime(name, runtime, source)
    yield from _properties(mapping.node("properties"), "", source)


def _is_old_type(key: str, value: object) -> bool:
    return key not in _MAPPING_KEYS and isinstance(value, dict) and "properties" in value


def _runtime(name: str, runtime: Node, source: str) -> Iterator[DeclaredField]:
    """Yield a field that exists only when a query runs; without a script it reads the document."""
    kind = runtime.text("type")
    if kind == "composite":
        for inner, definition in runtime.node("fields").nodes():
            yield DeclaredField(
                f"{name}.{inner}", definition.text("type"), source, is_computed=True
            )
    elif kind:
        yield DeclaredField(name, kind, source, is_computed="script" in runtime.values)
    else:
        raise runtime.problem(f"the runtime field {name} has no type; add it")


def _properties(properties: Node, prefix: str, source: str) -> Iterator[DeclaredField]:
    for key, definition in properties.nodes():
        yield from _property(f"{prefix}{key}", definition, source)


def _property(name: str, definition: Node, source: str) -> Iterator[DeclaredField]:
    kind = definition.text("type", "object")
    if kind == "alias":
        path = definition.text("path")
        if not path:
            raise definition.problem(f"the alias {name} has no path; add it")
        yield DeclaredField(name, kind, source, values=path)
        return
    field = field_of(name, kind, definition, source)
    yield field
    if not field.refused:
        yield from _properties(definition.node("properties"), f"{name}.", source)
    for key, inner in definition.node("fields").nodes():
        multi = field_of(f"{name}.{key}", inner.text("type", "keyword"), inner, source)
        yield replace(multi, values=name)


def field_of(name: str, kind: str, definition: Node, source: str) -> DeclaredField:
    """Return a field with the parameters of a mapping, which `fields.yml` names alike."""
    null = definition.values.get("null_value")
    analyzer = definition.text("analyzer")
    return DeclaredField(
        name=name,
        type=kind,
        source=source,
        ignore_above=definition.number("ignore_above"),
        normalizer=definition.text("normalizer"),
        analyzer="" if analyzer == STANDARD else analyzer,
        null_value="" if null is None else str(null),
        is_computed=definition.values.get("script") is not None,
        refused=_refusal(kind, definition),
    )


def _refusal(kind: str, definition: Node) -> str:
    if not definition.flag("enabled", True):
        return "the mapping has enabled: false for it, so that no query finds its values"
    has_doc_values = definition.flag("doc_values", kind not in _WITHOUT_DOC_VALUES)
    if not definition.flag("index", True) and not has_doc_values:
        return _UNSEARCHED
    for key in ("include_in_parent", "include_in_root"):
        if definition.flag(key, False):
            return f"it is nested with {key}, which is not read here"
    return ""
