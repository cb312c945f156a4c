"""Syntax tree -> predicate, as Kibana's data view and Elasticsearch's mapping decide.

Every atom is two-valued: a field without a value satisfies none, and one value of several is enough, so
that `not` is the complement of the documents (KUERY-20).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from converter import ir
from converter.errors import Unsupported
from converter.ir import ALWAYS, FieldType, Predicate, Schema

from . import ast
from .assumed import with_compared_fields
from .fields import CONTAINERS, Field, field_named, fields_fitting
from .free_text import lower_free_text
from .leaf import exists, lower_range, lower_value, lower_wildcard
from .readings import null_value, text_of


def lower(query: ast.Query, schema: Schema) -> Predicate:
    """Return what a query means; raises `Unsupported` with the span of what cannot be said.

    A field that the schema does not list is assumed keyword, or a number where the query compares its
    order with one (KUERY-37).
    """
    return _lower(query, _Scope(with_compared_fields(query, schema)))


@dataclass(frozen=True, slots=True)
class _Scope:
    """What names are relative to."""

    schema: Schema
    path: str | None = None
    """Path of the nested object whose braces the condition stands in."""

    def full_name(self, literal: ast.Literal) -> str:
        """Return the name that a literal stands for, the path in front of it (KUERY-30)."""
        if isinstance(literal, ast.Null):
            raise Unsupported(
                "null as a field name", literal.span, 'Kibana reads it as no field; write "null"'
            )
        name = text_of(literal)
        return name if self.path is None else f"{self.path}.{name}"


def _lower(query: ast.Query, scope: _Scope) -> Predicate:
    match query:
        case ast.Empty():
            return ALWAYS  # KUERY-36
        case ast.Is(field, value):
            return _free_text(value, scope) if field is None else _is(field, value, scope)
        case ast.Range(field, operator, bound):
            fields = _fields(field, scope)
            return _any([_placed(one, lower_range(one, operator, bound), scope) for one in fields])
        case ast.Nested(path, operand):
            return _nested(path, operand, scope)
        case ast.Not(operand):
            return ir.Not(_lower(operand, scope))  # KUERY-20
        case ast.And(operands):
            return ir.And(tuple(_lower(operand, scope) for operand in operands))
        case ast.Or(operands):
            return ir.Or(tuple(_lower(operand, scope) for operand in operands))
        case _:
            assert_never(query)


def _free_text(value: ast.Literal, scope: _Scope) -> Predicate:
    if scope.path is not None:
        raise Unsupported(
            f"free text inside {scope.path}:{{ ... }}",
            value.span,
            "Kibana looks for it in a field named null; name the field",
        )
    return lower_free_text(value, scope.schema)


def _is(field: ast.Literal, value: ast.Literal, scope: _Scope) -> Predicate:
    if _is_lone(field) and _is_lone(value):
        return ALWAYS  # KUERY-36
    fields = _fields(field, scope)
    return _any([_placed(one, _leaf(one, value, scope), scope) for one in fields])


def _leaf(field: Field, value: ast.Literal, scope: _Scope) -> Predicate:
    match value:
        case ast.Pattern():
            if value.is_lone:
                return _exists(field, value, scope)
            return lower_wildcard(field, value)
        case ast.Text() | ast.Boolean():
            return lower_value(field, value)
        case ast.Null():
            raise null_value(value)
        case _:
            assert_never(value)


def _exists(field: Field, value: ast.Literal, scope: _Scope) -> Predicate:
    if field.type is FieldType.OBJECT:
        # KUERY-33: an object exists where one of its fields does.
        names = [name for name in scope.schema.types if name.startswith(field.name + ".")]
        inner = [field_named(name, scope.schema, value.span) for name in names]
        found = [one for one in inner if one.type not in CONTAINERS and one.nested == scope.path]
        if found:
            return _any([exists(one) for one in found])
    if field.type in CONTAINERS:
        raise Unsupported(
            f"{field.name}:*, which is an object", value.span, "name one of its fields"
        )
    return exists(field)


def _fields(literal: ast.Literal, scope: _Scope) -> list[Field]:
    """Return the fields that a name stands for."""
    name = scope.full_name(literal)
    if isinstance(literal, ast.Pattern):
        fields = _fitting(literal, name, scope)
    else:
        fields = [field_named(name, scope.schema, literal.span)]
        _check_place(fields[0], literal, scope)
    return fields


def _fitting(pattern: ast.Pattern, name: str, scope: _Scope) -> list[Field]:
    """Return the known fields that a pattern fits (KUERY-31)."""
    prefix = "" if scope.path is None else scope.path + "."
    fields = fields_fitting(pattern, scope.schema, prefix)
    if not fields:
        raise Unsupported(
            f'field pattern "{name}" fits no known field', pattern.span, "name the fields"
        )
    if scope.path is not None:
        for field in fields:
            _check_place(field, pattern, scope)
    return fields


def _check_place(field: Field, literal: ast.Literal, scope: _Scope) -> None:
    """Refuse a nested field outside its braces, as Kibana does (KUERY-30)."""
    if field.nested == scope.path or (scope.path is not None and not field.is_known):
        return
    if field.nested is None:
        construct = f"{field.name} inside {scope.path}:{{ ... }}, but it is not nested"
        hint = "ask it outside of the braces"
    else:
        relative = field.name[len(field.nested) + 1 :]
        construct = f"{field.name} is inside the nested object {field.nested}"
        hint = f"Kibana rejects the query; write {field.nested}:{{ {relative}:... }}"
    raise Unsupported(construct, literal.span, hint)


def _placed(field: Field, predicate: Predicate, scope: _Scope) -> Predicate:
    """Ask a nested field that a pattern reached from outside in its own object (KUERY-31)."""
    if field.nested is None or scope.path is not None:
        return predicate
    return ir.Nested(field.nested, predicate)


def _nested(path: ast.Literal, operand: ast.Query, scope: _Scope) -> Predicate:
    full_path = scope.full_name(path)
    field_type = scope.schema.types.get(full_path, FieldType.NESTED)
    if field_type is not FieldType.NESTED or isinstance(path, ast.Pattern):
        raise Unsupported(
            f"{full_path}:{{ ... }}, but {full_path} is no nested object",
            path.span,
            "Kibana rejects the query; write its fields without braces",
        )
    return ir.Nested(full_path, _lower(operand, _Scope(scope.schema, full_path)))


def _is_lone(literal: ast.Literal) -> bool:
    return isinstance(literal, ast.Pattern) and literal.is_lone


def _any(predicates: list[Predicate]) -> Predicate:
    return predicates[0] if len(predicates) == 1 else ir.Or(tuple(predicates))
