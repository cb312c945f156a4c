"""Runs the scripts of a query on an event (EQL-18, EQL-19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from converter.ir import FieldType, Schema, Value, View
from converter.languages.eql import Computed
from converter.languages.eql.functions import ComputingError
from converter.languages.eql.scripts import computed, fields_of
from converter.languages.eql.syntax import FieldName
from harness.engines.view import read
from harness.errors import EngineError
from harness.events.event import Document, Event, values_of

_VIEWS = {
    FieldType.KEYWORD: View.KEYWORD,
    FieldType.WILDCARD: View.KEYWORD,
    FieldType.CONSTANT_KEYWORD: View.KEYWORD,
    FieldType.LONG: View.COERCED_NUMBER,
    FieldType.DOUBLE: View.COERCED_NUMBER,
    FieldType.BOOLEAN: View.BOOLEAN,
}


def with_computed_fields(event: Event, fields: Sequence[Computed], schema: Schema) -> Event:
    """Return the event with the computed fields of a query."""
    if not fields:
        return event
    added = {field.name: _holds(field, event.document, schema) for field in fields}
    return replace(event, document={**event.document, **added})


def _holds(field: Computed, document: Document, schema: Schema) -> bool:
    """Say whether some combination of values makes a script true; each mention of a field varies alone."""
    mentions = list(fields_of(field.script))
    axes = [_values(mention, document, schema) for mention in mentions]
    return any(
        _is_true(field, dict(zip(map(id, mentions), values, strict=True)))
        for values in product(*axes)
    )


def _is_true(field: Computed, values: dict[int, Value | None]) -> bool:
    def value_of(mention: FieldName) -> Value | None:
        return values[id(mention)]

    try:
        return computed(field.script, value_of) is True
    except ComputingError as error:
        raise EngineError(f"Elasticsearch fails on {field.name}: {error}") from error


def _values(field: FieldName, document: Document, schema: Schema) -> list[Value | None]:
    """Return the values that a script sees; null where the field has none."""
    raw = values_of(document, schema.path_of(field.name))
    is_typed = schema.knows(field.name)
    view = _VIEWS.get(schema.type_of(field.name), View.RAW) if is_typed else View.RAW
    values = [value for one in raw if (value := read(view, one)) is not None]
    return list(values) or [None]
