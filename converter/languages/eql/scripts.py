"""Evaluates an expression on one value for each field: what Elasticsearch does in a script (EQL-18, EQL-19)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network
from typing import assert_never

from converter.ir import Case, Truth, Value
from converter.ir.values import fold

from .functions import FUNCTIONS, Argument, ComputingError
from .patterns import fits, wildcard_parts
from .syntax import (
    And,
    Arithmetic,
    Call,
    Comparison,
    Expression,
    FieldName,
    Literal,
    Match,
    Membership,
    Negative,
    Not,
    Operator,
    Or,
    Sign,
)

FieldValue = Callable[[FieldName], Argument]

_SIGNS = {
    Sign.TIMES: "multiply",
    Sign.DIVIDE: "divide",
    Sign.MODULO: "modulo",
    Sign.PLUS: "add",
    Sign.MINUS: "subtract",
}


def fields_of(expression: Expression) -> Iterator[FieldName]:
    """Yield each mention of a field, in order."""
    match expression:
        case FieldName():
            yield expression
        case Literal():
            return
        case Comparison(_, left, right) | Arithmetic(_, left, right):
            yield from fields_of(left)
            yield from fields_of(right)
        case Not(operand) | Negative(operand):
            yield from fields_of(operand)
        case Match(_, operand):
            yield from fields_of(operand)
        case And(operands) | Or(operands) | Call(arguments=operands):
            for one in operands:
                yield from fields_of(one)
        case Membership(operand, members):
            yield from fields_of(operand)
            for one in members:
                yield from fields_of(one)
        case _:
            assert_never(expression)


def computed(expression: Expression, value_of: FieldValue) -> Argument:
    """Return the value of an expression; None is null. Raises ComputingError."""
    match expression:
        case Literal(value):
            return value
        case FieldName():
            return value_of(expression)
        case Call():
            return _call(expression, value_of)
        case Arithmetic(sign, left, right):
            numbers = (computed(left, value_of), computed(right, value_of))
            return FUNCTIONS[_SIGNS[sign]].apply(numbers, False)
        case Negative(operand):
            return FUNCTIONS["subtract"].apply((0, computed(operand, value_of)), False)
        case Comparison(operator, left, right):
            if (other := null_checked(expression)) is not None:
                is_null = computed(other, value_of) is None
                return is_null is (operator is Operator.EQUAL)
            return _compared(operator, computed(left, value_of), computed(right, value_of))
        case Match():
            return _matched(expression, computed(expression.operand, value_of))
        case Membership(operand, members, ignores_case):
            return _is_member(
                computed(operand, value_of),
                [computed(one, value_of) for one in members],
                ignores_case,
            )
        case Not(operand):
            truth = _truth(computed(operand, value_of))
            return None if truth is None else not truth
        case And(operands):
            return _all([_truth(computed(one, value_of)) for one in operands])
        case Or(operands):
            truths = [_truth(computed(one, value_of)) for one in operands]
            negated = _all([None if truth is None else not truth for truth in truths])
            return None if negated is None else not negated
        case _:
            assert_never(expression)


def null_checked(comparison: Comparison) -> Expression | None:
    """Return what is compared with a constant null by `==` or `!=` (EQL-13); None for other comparisons."""
    if comparison.operator not in (Operator.EQUAL, Operator.NOT_EQUAL):
        return None
    for side, other in (
        (comparison.left, comparison.right),
        (comparison.right, comparison.left),
    ):
        if isinstance(side, Literal) and side.value is None:
            return other
    return None


def _all(truths: list[Truth]) -> Truth:
    return False if False in truths else None if None in truths else True


def _truth(value: Argument) -> Truth:
    if value is None or isinstance(value, bool):
        return value
    raise ComputingError(f"{value!r} is no condition")


def _call(call: Call, value_of: FieldValue) -> Argument:
    arguments = tuple(computed(one, value_of) for one in call.arguments)
    if call.name.lower() == "cidrmatch":
        return _in_networks(arguments)
    return FUNCTIONS[call.name.lower()].apply(arguments, call.ignores_case)


def _in_networks(arguments: tuple[Argument, ...]) -> Argument:
    text, *networks = arguments
    if text is None:
        return None
    try:
        address = ip_address(str(text))
        return any(address in ip_network(str(network), strict=False) for network in networks)
    except ValueError as error:
        raise ComputingError(f"cidrMatch: {error}") from error


def _compared(operator: Operator, left: Argument, right: Argument) -> Truth:
    if left is None or right is None:
        return None
    if operator is Operator.EQUAL:
        return _equal(left, right)
    if operator is Operator.NOT_EQUAL:
        return not _equal(left, right)
    return _ordered(operator, left, right)


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, bool) or isinstance(right, bool) or isinstance(left, str):
        return type(left) is type(right) and left == right
    return left == right


def _ordered(operator: Operator, left: Value, right: Value) -> bool:
    match operator:
        case Operator.LESS:
            return _is_less(left, right)
        case Operator.AT_MOST:
            return not _is_less(right, left)
        case Operator.GREATER:
            return _is_less(right, left)
        case _:
            return not _is_less(left, right)


def _is_less(left: Value, right: Value) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    if isinstance(left, str | bool) or isinstance(right, str | bool):
        raise ComputingError(f"{left!r} and {right!r} have no order")
    return left < right


def _matched(match_: Match, value: Argument) -> Truth:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ComputingError(f"{match_.operator.value} takes a string, not {value!r}")
    case = Case.UNICODE if match_.operator.ignores_case else Case.EXACT
    return any(fits(wildcard_parts(str(pattern.value)), value, case) for pattern in match_.patterns)


def _is_member(value: Argument, members: list[Argument], ignores_case: bool) -> Truth:
    if value is None:
        return None
    if not ignores_case:
        return any(member is not None and _equal(value, member) for member in members)
    folded = fold(str(value), Case.UNICODE)
    return any(isinstance(one, str) and fold(one, Case.UNICODE) == folded for one in members)
