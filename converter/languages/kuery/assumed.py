"""What a query says about fields that the schema does not list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from converter.ir import FieldType, Schema

from . import ast
from .numbered import numbered_fields
from .readings import is_number


def assumed_types(query: ast.Query, schema: Schema) -> Mapping[str, FieldType]:
    """Return the fields that a query must be read with, beside those of the schema.

    A field whose order is compared with a number holds numbers (KUERY-37), and a pattern that fits no
    known field stands for numbered elements, where it can (KUERY-31).
    """
    return {**_compared_fields(query, schema), **_patterned_fields(query, schema)}


def with_compared_fields(query: ast.Query, schema: Schema) -> Schema:
    """Return the schema with the fields that hold numbers by the query's own word."""
    found = _compared_fields(query, schema)
    return replace(schema, types={**schema.types, **found}) if found else schema


def _compared_fields(query: ast.Query, schema: Schema) -> dict[str, FieldType]:
    return {
        field: FieldType.DOUBLE
        for node, path in _leaves(query, "")
        if isinstance(node, ast.Range) and isinstance(node.field, ast.Text)
        if not _is_known(field := path + node.field.value, schema) and is_number(node.bound)
    }


def _patterned_fields(query: ast.Query, schema: Schema) -> dict[str, FieldType]:
    return {
        field: field_type
        for node, path in _leaves(query, "")
        if isinstance(node.field, ast.Pattern) and not path and not node.field.is_lone
        if not any(map(node.field.fits, schema.types))
        for field, field_type in numbered_fields(node.field).items()
    }


def _is_known(field: str, schema: Schema) -> bool:
    """Say whether the schema has the field, or a field that it is a part of."""
    parts = field.split(".")
    return any(schema.knows(".".join(parts[:end])) for end in range(1, len(parts) + 1))


def _leaves(query: ast.Query, path: str) -> Iterator[tuple[ast.Is | ast.Range, str]]:
    """Yield each comparison, and what stands in front of its field's name."""
    match query:
        case ast.Is() | ast.Range():
            yield query, path
        case ast.Nested(ast.Text(inner), operand):
            yield from _leaves(operand, f"{path}{inner}.")
        case ast.Not(operand):
            yield from _leaves(operand, path)
        case ast.And(operands) | ast.Or(operands):
            for operand in operands:
                yield from _leaves(operand, path)
        case ast.Empty() | ast.Nested():
            return
        case _:
            assert_never(query)
