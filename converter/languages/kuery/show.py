"""Syntax tree -> text on one line, in Kibana's syntax; parsing it gives the same tree (KUERY-18)."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from .ast import And, Empty, Is, Literal, Nested, Not, Or, Query, Range
from .literals import write


def show(query: Query) -> str:
    """Write a query; values of one field become a list, and brackets show what binds tighter."""
    match query:
        case Empty():
            return ""
        case Is(field, value):
            return write(value) if field is None else f"{write(field)}:{write(value)}"
        case Range(field, operator, bound):
            return f"{write(field)} {operator.value} {write(bound)}"
        case Nested(path, operand):
            return f"{write(path)}:{{ {show(operand)} }}"
        case Not(operand):
            return _negated(operand, show)
        case And() | Or():
            field = _only_field(query)
            if field is not None:
                return f"{write(field)}:({_connected(query, _show_values)})"
            return _connected(query, show)
        case _:
            assert_never(query)


def _show_values(query: Query) -> str:
    """Write what stands in the brackets of a value list."""
    match query:
        case Is(_, value):
            return write(value)
        case Not(operand):
            return _negated(operand, _show_values)
        case And() | Or():
            return _connected(query, _show_values)
        case Empty() | Range() | Nested():
            raise AssertionError("not a list of values")
        case _:
            assert_never(query)


def _connected(query: And | Or, render: Callable[[Query], str]) -> str:
    word = " and " if isinstance(query, And) else " or "
    return word.join(_bracketed(operand, render) for operand in query.operands)


def _bracketed(query: Query, render: Callable[[Query], str]) -> str:
    """Write an operand, a connective in brackets unless it is written as one list of values."""
    is_list = render is show and _only_field(query) is not None
    is_bare = not isinstance(query, And | Or) or is_list
    return render(query) if is_bare else f"({render(query)})"


def _negated(query: Query, render: Callable[[Query], str]) -> str:
    # KUERY-2: one `not` cannot follow another.
    return (
        f"not ({render(query)})" if isinstance(query, Not) else f"not {_bracketed(query, render)}"
    )


def _only_field(query: Query) -> Literal | None:
    """Return the field that all conditions test for a value; None when there is no such field."""
    match query:
        case Is(field, _):
            return field
        case Not(operand):
            return _only_field(operand)
        case And(operands) | Or(operands):
            fields = {_only_field(operand) for operand in operands}
            return fields.pop() if len(fields) == 1 else None
        case Empty() | Range() | Nested():
            return None
        case _:
            assert_never(query)
