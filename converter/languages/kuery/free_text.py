"""A value without a field: any field of the document may have it (KUERY-34)."""

from __future__ import annotations

from typing import assert_never

from converter.errors import Unsupported
from converter.ir import ALWAYS, NEVER, AnyField, FieldType, OneOf, Or, Predicate, Schema, View

from . import ast
from .fields import field_named
from .leaf import lower_value
from .readings import null_value, text_of

_COMPARED_BY_TYPE = frozenset(
    {FieldType.TEXT, FieldType.LONG, FieldType.DOUBLE, FieldType.IP, FieldType.DATE}
)


def lower_free_text(value: ast.Literal, schema: Schema) -> Predicate:
    """Return the predicate over all fields, lenient where a field's type cannot read the value."""
    match value:
        case ast.Pattern() if value.is_lone:
            return ALWAYS
        case ast.Pattern():
            raise Unsupported(
                f'free text "{text_of(value)}" with a wildcard', value.span, "name the field"
            )
        case ast.Null():
            raise null_value(value)
        case ast.Text() | ast.Boolean():
            return _anywhere(value, schema)
        case _:
            assert_never(value)


def _anywhere(value: ast.Text | ast.Boolean, schema: Schema) -> Predicate:
    as_keyword = AnyField(View.KEYWORD, OneOf((text_of(value),)))
    typed = [
        predicate
        for name, field_type in sorted(schema.types.items())
        if field_type in _COMPARED_BY_TYPE
        and (predicate := _on_field(name, value, schema)) != NEVER
    ]
    return Or((as_keyword, *typed)) if typed else as_keyword


def _on_field(name: str, value: ast.Text | ast.Boolean, schema: Schema) -> Predicate:
    field = field_named(name, schema, value.span)
    if field.nested is not None:
        return NEVER
    try:
        return lower_value(field, value)
    except Unsupported:
        return NEVER  # the platform asks free text leniently
