"""Long expressions that a condition repeats, named once before it.

A field inside of JSON may be read by an expression of several hundred characters. A condition that
compares it often would be hard to read, and longer than platforms take.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import assert_never

from .expression import (
    Atom,
    Every,
    Expression,
    Membership,
    Refused,
    RowsWith,
    Some,
    Truth,
    conjuncts,
)
from .layout import one_line, where_lines
from .search import TableSearch

_SHORTEST = 100
"""Characters below which an expression is written each time."""
_LEAST = 3
"""How often a condition must repeat it."""


def condition_lines(search: TableSearch) -> list[str]:
    """Write the condition of a search as operators, each long expression named before its first use."""
    expressions, condition = _named(search)
    lines: list[str] = []
    for part in conjuncts(condition):
        words = set(re.findall(r"\w+", one_line(part)))
        for name in [one for one in expressions if one in words]:
            lines.append(f"| extend {name} = {expressions.pop(name)}")
        lines.extend(where_lines(part))
    return lines


def value_names(search: TableSearch) -> list[str]:
    """Return the columns that the condition's operators add, which no result should show."""
    return list(_named(search)[0])


def _named(search: TableSearch) -> tuple[dict[str, str], Expression]:
    condition = search.condition
    expressions: dict[str, str] = {}
    # Conditions on columns that look-ups add move behind all others.
    later = search.table.added_later
    long = {
        one.expression
        for one in search.table.columns.values()
        if later.isdisjoint(re.findall(r"\w+", one.expression))
    }
    for expression in sorted(long, key=lambda one: (-len(one), one)):
        if len(expression) < _SHORTEST:
            break
        if one_line(condition).count(expression) >= _LEAST:
            name = f"LongValue{len(expressions) + 1}"
            expressions[name] = expression
            condition = _with(condition, expression, name)
    return expressions, condition


def _with(condition: Expression, expression: str, name: str) -> Expression:
    match condition:
        case Atom(text, complement):
            return Atom(text.replace(expression, name), complement.replace(expression, name))
        case Membership(subject=subject):
            return replace(condition, subject=subject.replace(expression, name))
        case Every(operands):
            return Every(tuple(_with(one, expression, name) for one in operands))
        case Some(operands):
            return Some(tuple(_with(one, expression, name) for one in operands))
        case RowsWith() | Truth() | Refused():
            return condition  # a search of rows reads the table anew, where the name is unknown
        case _:
            assert_never(condition)
