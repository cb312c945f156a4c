"""Comparisons of EQL (`converter/languages/eql/SEMANTICS.md`)."""

from __future__ import annotations

from typing import assert_never

from sigma.sigmaproof.elastic.comparison import (
    Address,
    AnyValue,
    Boolean,
    Bound,
    Comparison,
    Network,
    Number,
    Search,
    Shape,
    Text,
    Wildcard,
)
from sigma.sigmaproof.elastic.expression import MAXIMUM_LENGTH, of_search, of_shape
from sigma.sigmaproof.elastic.fields import Field, Kind
from sigma.sigmaproof.elastic.layout import Choice, Line, Node, some
from sigma.sigmaproof.elastic.refusal import refusal

from .literals import field_name, raw_string, string

_SINGLE = {"in": "=="}
"""Operators that take one value only, by the one that takes a list."""


def alternatives(field: Field, comparisons: list[Comparison]) -> Node:
    """Write that one of the comparisons holds; values of one operator stand in one list."""
    asked: dict[str, list[str]] = {}
    for comparison in comparisons:
        operator, value = _asked(field, comparison)
        values = asked.setdefault(operator, [])
        if value not in values:
            values.append(value)
    return some([node for item in asked.items() for node in _nodes(field, *item)])


def _nodes(field: Field, operator: str, values: list[str]) -> list[Node]:
    name = field_name(field.name)
    match operator:
        case "exists":
            return [Line(f"?{name} != null")]
        case "cidrMatch":
            return [Choice("cidrMatch(", (f"{name},", *_listed(values)), ")")]
        case "<" | "<=" | ">" | ">=":
            return [Line(f"{name} {operator} {value}") for value in values]
        case _:
            return [_one_of(name, operator, values)]


def _one_of(name: str, operator: str, values: list[str]) -> Node:
    if len(values) > 1 or operator == "in~":
        return Choice(f"{name} {operator} (", _listed(values), ")")
    return Line(f"{name} {_SINGLE.get(operator, operator)} {values[0]}")


def _listed(values: list[str]) -> tuple[str, ...]:
    return (*(f"{value}," for value in values[:-1]), values[-1])


def _asked(field: Field, comparison: Comparison) -> tuple[str, str]:
    """Return the operator and the literal behind it."""
    match comparison:
        case AnyValue():
            return "exists", ""
        case Text() | Shape() | Search():
            return _text(field, comparison)
        case Number(number):
            return "in", str(number) if field.kind.is_numeric else string(str(number))
        case Boolean(boolean):
            name = str(boolean).lower()
            return ("in", name) if field.kind is Kind.BOOLEAN else (":", string(name))
        case Bound(operator, number):
            return operator, str(number)
        case Address(address):
            return "in", string(address)
        case Network(network):
            return "cidrMatch", string(network)
        case _:
            assert_never(comparison)


def _text(field: Field, comparison: Text | Shape | Search) -> tuple[str, str]:
    if field.kind is Kind.TEXT:
        raise refusal(
            f"field {field.name}: EQL cannot ask text of the analysed type {field.type_name}",
            "ask a keyword field",
        )
    match comparison:
        case Text(text, ignores_case):
            if not ignores_case:
                return "in", string(text)
            # A pattern has no escape; the members of a list are no patterns.
            return ("in~" if _has_wildcard(text) else ":"), string(text)
        case Shape(parts, ignores_case):
            texts = [part for part in parts if isinstance(part, str)]
            if any(map(_has_wildcard, texts)):
                return "regex", _expression(field, of_shape(parts, ignores_case=ignores_case))
            written = "".join(part.value if isinstance(part, Wildcard) else part for part in parts)
            return (":" if ignores_case else "like"), string(written)
        case Search():
            return "regex", _expression(field, of_search(comparison, field.name))
        case _:
            assert_never(comparison)


def _has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text


def _expression(field: Field, expression: str) -> str:
    if len(expression) > MAXIMUM_LENGTH:
        raise refusal(
            f"field {field.name}: a regular expression of {len(expression)} characters",
            f"an index takes {MAXIMUM_LENGTH}; split the value",
        )
    return raw_string(expression)
