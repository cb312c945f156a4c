"""What a constant is to a field of some type; refused where Elasticsearch's verifier refuses it (EQL-10)."""

from __future__ import annotations

from ipaddress import ip_network
from typing import assert_never

from converter.errors import Unsupported
from converter.ir import (
    Atom,
    Bound,
    FieldType,
    OneOf,
    Or,
    Predicate,
    Range,
    Schema,
    Test,
    Value,
    View,
)
from converter.languages.lucene.dates import date_range, is_date_math

from .showing import show_expression
from .syntax import Expression, FieldName, Literal, Operator


def compared(
    field: FieldName, operator: Operator, constant: Expression, schema: Schema
) -> Predicate:
    """Return a comparison of a field with a constant that is not null."""
    if not isinstance(constant, Literal) or constant.value is None:
        raise AssertionError("only constants are compared here")
    view = _view(field, constant, schema)
    if view is View.DATE:
        return Atom(field.name, view, _date_test(field, operator, constant))
    if operator is Operator.EQUAL:
        return Atom(field.name, view, OneOf((constant.value,)))
    if view is View.BOOLEAN:
        raise Unsupported(
            f"{operator.value} on the boolean field {field.name}",
            constant.span,
            "compare it by == with true or false",
        )
    return Atom(field.name, view, _range(operator, constant.value))


def one_of(field: FieldName, constants: list[Literal], schema: Schema) -> Predicate:
    """Return that a field equals one of the constants."""
    for constant in constants:
        if constant.value is None:
            raise Unsupported(
                f"null in a list of values for {field.name}",
                constant.span,
                "it equals nothing; compare the field with null by ==",
            )
    views = {_view(field, constant, schema) for constant in constants}
    if len(views) > 1:
        raise Unsupported(
            f"values of several types in the list for {field.name}",
            constants[0].span,
            "write them all as strings or all as numbers",
        )
    if views == {View.DATE}:
        dates = (compared(field, Operator.EQUAL, constant, schema) for constant in constants)
        return Or(tuple(dates))
    values = tuple(constant.value for constant in constants if constant.value is not None)
    return Atom(field.name, views.pop(), OneOf(values))


def _view(field: FieldName, constant: Literal, schema: Schema) -> View:
    """Return how the field is read; a field of unknown type has the type of the constant."""
    value = constant.value
    if not schema.knows(field.name):
        match value:
            case bool():
                return View.BOOLEAN
            case int() | float():
                return View.COERCED_NUMBER
            case _:
                return View.KEYWORD
    match schema.type_of(field.name):
        case FieldType.KEYWORD | FieldType.WILDCARD | FieldType.CONSTANT_KEYWORD:
            _require(isinstance(value, str), field, constant, "a string", schema)
            return View.KEYWORD
        case FieldType.LONG | FieldType.DOUBLE:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            _require(is_number, field, constant, "a number", schema)
            return View.COERCED_NUMBER
        case FieldType.BOOLEAN:
            _require(isinstance(value, bool), field, constant, "true or false", schema)
            return View.BOOLEAN
        case FieldType.IP:
            is_address = isinstance(value, str) and _is_network(value)
            _require(is_address, field, constant, "an address", schema)
            return View.IP
        case FieldType.DATE:
            return View.DATE
        case FieldType.TEXT | FieldType.FLATTENED | FieldType.NESTED | FieldType.OBJECT:
            raise AssertionError("refused before")
        case other:
            assert_never(other)


def _require(holds: bool, field: FieldName, constant: Literal, wanted: str, schema: Schema) -> None:
    if not holds:
        raise Unsupported(
            f"{show_expression(constant)} compared with field {field.name} of type"
            f" {schema.type_of(field.name).value}",
            constant.span,
            f"write {wanted}",
        )


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _range(operator: Operator, value: Value) -> Range:
    match operator:
        case Operator.LESS:
            return Range(None, Bound(value, inclusive=False))
        case Operator.AT_MOST:
            return Range(None, Bound(value, inclusive=True))
        case Operator.GREATER:
            return Range(Bound(value, inclusive=False), None)
        case Operator.AT_LEAST:
            return Range(Bound(value, inclusive=True), None)
        case Operator.EQUAL | Operator.NOT_EQUAL:
            raise AssertionError("equality is no range")
        case _:
            assert_never(operator)


def _date_test(field: FieldName, operator: Operator, constant: Literal) -> Test:
    """Return the span that a date names as a range: `>` starts behind it, `<` ends before it (EQL-10)."""
    text = str(constant.value)
    if is_date_math(text):
        raise Unsupported(
            f"date arithmetic on {field.name}",
            constant.span,
            "write the instant, a rule has its own window",
        )
    named = date_range(text)
    if named is None or isinstance(constant.value, bool):
        raise Unsupported(
            f"{show_expression(constant)} compared with the date field {field.name}",
            constant.span,
            "write a date such as 2024-01-02T03:04:05Z",
        )
    start, behind = named
    match operator:
        case Operator.LESS:
            return Range(None, Bound(start, inclusive=False))
        case Operator.AT_MOST:
            return Range(None, Bound(behind, inclusive=False))
        case Operator.GREATER:
            return Range(Bound(behind, inclusive=True), None)
        case Operator.AT_LEAST:
            return Range(Bound(start, inclusive=True), None)
        case Operator.EQUAL | Operator.NOT_EQUAL:
            return Range(Bound(start, inclusive=True), Bound(behind, inclusive=False))
        case _:
            assert_never(operator)
