"""Refuses what Elasticsearch's verifier refuses, in functions and scripts (EQL-11, EQL-17)."""

from __future__ import annotations

from typing import assert_never

from converter.diagnostic import Span
from converter.errors import Unsupported
from converter.ir import FieldType, Schema

from .functions import FUNCTIONS, Function
from .scripts import fields_of
from .showing import show_expression
from .syntax import (
    Call,
    Comparison,
    Expression,
    FieldName,
    Literal,
    Match,
    Membership,
)

_REMOVED = {"wildcard": ":", "match": "regex"}


def check_call(call: Call) -> None:
    """Refuse an unknown function and a call that no function of this name takes."""
    if call.name.lower() == "cidrmatch":
        _check_networks(call)
        return
    function = FUNCTIONS.get(call.name.lower())
    if function is None:
        raise Unsupported(f"function {call.name}", call.span, _instead(call.name))
    if call.ignores_case and not function.may_ignore_case:
        raise Unsupported(
            f"{call.name}~: the function {function.name} has no variant without regard to case",
            call.span,
            "remove the ~",
        )
    count = len(call.arguments)
    if count < function.fewest or (function.most is not None and count > function.most):
        raise Unsupported(
            f"{call.name} with {count} arguments", call.span, f"it takes {_range(function)}"
        )


def _instead(name: str) -> str:
    if name.lower() in _REMOVED:
        return f"Elasticsearch has it no more; use the operator {_REMOVED[name.lower()]}"
    return "Elasticsearch has no function of this name"


def _range(function: Function) -> str:
    if function.most is None:
        return f"{function.fewest} or more"
    if function.most == function.fewest:
        return str(function.fewest)
    return f"{function.fewest} to {function.most}"


def _check_networks(call: Call) -> None:
    if call.ignores_case:
        raise Unsupported("cidrMatch~: addresses have no case", call.span, "remove the ~")
    if len(call.arguments) < 2:
        raise Unsupported(
            f"{call.name} without a network", call.span, "it takes a field and networks"
        )
    for network in call.arguments[1:]:
        if not isinstance(network, Literal) or not isinstance(network.value, str):
            raise Unsupported(
                f"{show_expression(network)} as a network of cidrMatch",
                call.span,
                "write networks as strings",
            )


def check_script(leaf: FieldName | Call | Comparison | Match | Membership, schema: Schema) -> None:
    """Refuse a computed condition that Elasticsearch does not run."""
    match leaf:
        case Comparison(_, _, right, span):
            _require_constant(right, span)
        case Match(operator, _, _, span) if operator.is_regex:
            raise Unsupported(
                f"{operator.value} on a computed value", span, "apply it to the field itself"
            )
        case Match(_, _, patterns):
            for pattern in patterns:
                text_pattern(pattern)
        case Membership(_, members, _, span):
            for member in members:
                _require_constant(member, span)
        case Call() if not is_condition_call(leaf):
            raise Unsupported(
                f"{show_expression(leaf)} as a condition", leaf.span, "compare it with something"
            )
        case Call() | FieldName():
            pass
        case _:
            assert_never(leaf)
    for field in fields_of(leaf):
        refuse_unreadable(field, schema)


def is_condition_call(call: Call) -> bool:
    """Say whether a call is true or false."""
    return call.name.lower() == "cidrmatch" or FUNCTIONS[call.name.lower()].is_condition


def _require_constant(expression: Expression, span: Span) -> None:
    if not isinstance(expression, Literal):
        raise Unsupported(
            f"a comparison with {show_expression(expression)}",
            span,
            "Elasticsearch compares with constants only",
        )


def text_pattern(pattern: Literal) -> str:
    """Return the text of a pattern."""
    if isinstance(pattern.value, str):
        return pattern.value
    raise Unsupported(
        f"{show_expression(pattern)} as a pattern", pattern.span, "patterns are strings; use =="
    )


def refuse_unreadable(field: FieldName, schema: Schema, *, is_only_asked_for: bool = False) -> None:
    """Refuse a field without values that EQL can read (EQL-10); analysed text may be asked for."""
    parents = field.name.split(".")[:-1]
    for length in range(1, len(parents) + 1):
        parent = ".".join(parents[:length])
        if schema.type_of(parent) is FieldType.NESTED:
            raise Unsupported(
                f"field {field.name} inside the nested object {parent}",
                field.span,
                "EQL cannot look into nested objects",
            )
    match schema.type_of(field.name):
        case FieldType.TEXT if not is_only_asked_for:
            raise Unsupported(
                f"the analysed text field {field.name}",
                field.span,
                "EQL reads keyword fields; ask the one beside it",
            )
        case FieldType.OBJECT | FieldType.NESTED | FieldType.FLATTENED:
            raise Unsupported(
                f"field {field.name}, which has no values of its own",
                field.span,
                "name a field inside it",
            )
        case _:
            pass
