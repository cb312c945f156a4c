"""Writes a syntax tree as EQL text that parses to the same tree."""

from __future__ import annotations

import re
from typing import assert_never

from converter.ir import Value

from .syntax import (
    And,
    Arithmetic,
    Call,
    Comparison,
    EventQuery,
    Expression,
    FieldName,
    Literal,
    Match,
    Membership,
    Negative,
    Not,
    Or,
    Sign,
)
from .tokens import KEYWORDS

_PLAIN = re.compile(r"[A-Za-z_@][A-Za-z0-9_]*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_SUMS = (Sign.PLUS, Sign.MINUS)


def show(query: EventQuery) -> str:
    """Return canonical text."""
    return f"{_category(query.category)} where {show_expression(query.condition)}"


def show_expression(expression: Expression) -> str:
    """Return canonical text of an expression."""
    match expression:
        case Or(operands):
            return " or ".join(_within_or(operand) for operand in operands)
        case And(operands):
            return " and ".join(_within_and(operand) for operand in operands)
        case Not(operand):
            return f"not {_within_not(operand)}"
        case Comparison(operator, left, right):
            return f"{_side(left)} {operator.value} {_side(right)}"
        case Arithmetic():
            return _arithmetic(expression)
        case Negative(operand):
            return f"-{_within_sign(operand)}"
        case Match(operator, operand, patterns):
            joined = ", ".join(map(show_expression, patterns))
            listed = f"({joined})" if len(patterns) > 1 else joined
            return f"{_primary(operand)} {operator.value} {listed}"
        case Membership(operand, members, ignores_case):
            joined = ", ".join(map(show_expression, members))
            return f"{_primary(operand)} {'in~' if ignores_case else 'in'} ({joined})"
        case Call(name, ignores_case, arguments):
            joined = ", ".join(map(show_expression, arguments))
            return f"{name}{'~' if ignores_case else ''}({joined})"
        case FieldName(name, is_optional):
            return f"{'?' if is_optional else ''}{_name(name)}"
        case Literal(value):
            return _literal(value)
        case _:
            assert_never(expression)


def _category(category: str | None) -> str:
    if category is None:
        return "any"
    is_plain = _PLAIN.fullmatch(category) and category not in KEYWORDS
    return category if is_plain else _text(category)


def _within_or(expression: Expression) -> str:
    return _grouped(expression) if isinstance(expression, Or) else show_expression(expression)


def _within_and(expression: Expression) -> str:
    return _grouped(expression) if isinstance(expression, Or | And) else show_expression(expression)


def _within_not(expression: Expression) -> str:
    return _grouped(expression) if isinstance(expression, Or | And) else show_expression(expression)


def _side(expression: Expression) -> str:
    is_loose = isinstance(expression, Or | And | Not | Comparison)
    return _grouped(expression) if is_loose else show_expression(expression)


def _arithmetic(expression: Arithmetic) -> str:
    left, right = expression.left, expression.right
    is_sum = expression.sign in _SUMS
    binds_left = not isinstance(left, Arithmetic) or is_sum or left.sign not in _SUMS
    binds_right = not isinstance(right, Arithmetic) or (is_sum and right.sign not in _SUMS)
    shown_left = _side(left) if binds_left else _grouped(left)
    shown_right = _side(right) if binds_right else _grouped(right)
    return f"{shown_left} {expression.sign.value} {shown_right}"


def _within_sign(expression: Expression) -> str:
    # A sign before a constant would become part of it.
    is_loose = isinstance(expression, Or | And | Not | Comparison | Arithmetic | Negative | Literal)
    return _grouped(expression) if is_loose else show_expression(expression)


def _primary(expression: Expression) -> str:
    is_primary = isinstance(expression, Call | FieldName) or (
        isinstance(expression, Literal) and not _is_negative(expression.value)
    )
    return show_expression(expression) if is_primary else _grouped(expression)


def _is_negative(value: Value | None) -> bool:
    return isinstance(value, int | float) and str(value).startswith("-")


def _grouped(expression: Expression) -> str:
    return f"({show_expression(expression)})"


def _name(name: str) -> str:
    parts = name.split(".")
    if not all(parts):
        return _quoted(name)
    return ".".join(map(_name_part, parts))


def _name_part(part: str) -> str:
    return part if _PLAIN.fullmatch(part) and part not in KEYWORDS else _quoted(part)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _literal(value: Value | None) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return _text(value)
        case _:
            return str(value)


def _text(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(character, character) for character in text) + '"'
