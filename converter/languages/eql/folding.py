"""Simplifies conditions as Elasticsearch's optimizer does before it compiles them (EQL-16)."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from converter.errors import Unsupported

from .checking import check_call, is_condition_call
from .functions import Argument, ComputingError
from .scripts import computed, fields_of
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
)

_Folded = Call | Arithmetic | Negative | Match | Membership

_SWAPPED = {
    Operator.EQUAL: Operator.EQUAL,
    Operator.NOT_EQUAL: Operator.NOT_EQUAL,
    Operator.LESS: Operator.GREATER,
    Operator.AT_MOST: Operator.AT_LEAST,
    Operator.GREATER: Operator.LESS,
    Operator.AT_LEAST: Operator.AT_MOST,
}


def folded(expression: Expression) -> Expression:
    """Compute what has no field, put constants on the right, take off comparisons with true and false."""
    match expression:
        case Literal() | FieldName():
            return expression
        case And(operands):
            return And(tuple(map(folded, operands)))
        case Or(operands):
            return Or(tuple(map(folded, operands)))
        case Not(operand):
            return _negated(folded(operand))
        case Comparison(_, left, right):
            return _comparison(replace(expression, left=folded(left), right=folded(right)))
        case Call() | Arithmetic() | Negative() | Match() | Membership():
            return _constant(_with_folded_parts(expression))
        case _:
            assert_never(expression)


def is_condition(expression: Expression) -> bool:
    """Say whether an expression is true or false by itself, so that comparing it with true adds nothing."""
    match expression:
        case Call():
            return is_condition_call(expression)
        case Comparison() | Match() | Membership() | Not() | And() | Or():
            return True
        case Literal() | FieldName() | Arithmetic() | Negative():
            return False
        case _:
            assert_never(expression)


def _with_folded_parts(expression: _Folded) -> _Folded:
    match expression:
        case Call(arguments=arguments):
            check_call(expression)
            return replace(expression, arguments=tuple(map(folded, arguments)))
        case Arithmetic(_, left, right):
            return replace(expression, left=folded(left), right=folded(right))
        case Negative(operand) | Match(_, operand):
            return replace(expression, operand=folded(operand))
        case Membership(operand, members):
            return replace(expression, operand=folded(operand), members=tuple(map(folded, members)))
        case _:
            assert_never(expression)


def _negated(operand: Expression) -> Expression:
    match operand:
        case Not(inner):
            return inner
        case Literal(value, span) if value is None or isinstance(value, bool):
            return Literal(None if value is None else not value, span)
        case _:
            return Not(operand)


def _comparison(comparison: Comparison) -> Expression:
    left, right = comparison.left, comparison.right
    if isinstance(left, Literal) and not isinstance(right, Literal):
        operator = _SWAPPED[comparison.operator]
        return _comparison(replace(comparison, operator=operator, left=right, right=left))
    match right:
        case Literal(bool() as wanted) if is_condition(left) and _is_equality(comparison):
            holds = wanted is (comparison.operator is Operator.EQUAL)
            return left if holds else _negated(left)
        case Literal(None, span) if not _is_equality(comparison):
            return Literal(None, span)
        case _:
            return _constant(comparison)


def _is_equality(comparison: Comparison) -> bool:
    return comparison.operator in (Operator.EQUAL, Operator.NOT_EQUAL)


def _constant(expression: _Folded | Comparison) -> Expression:
    """Compute an expression that mentions no field."""
    if any(fields_of(expression)):
        return expression
    try:
        return Literal(computed(expression, _no_field), expression.span)
    except ComputingError as error:
        raise Unsupported(str(error), expression.span, "correct the constant") from error


def _no_field(field: FieldName) -> Argument:
    raise AssertionError(f"{field.name} in a constant")
