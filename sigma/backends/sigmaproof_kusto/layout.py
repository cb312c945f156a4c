"""Lays an expression out for people: one condition a line, long ones broken at their operators."""

from __future__ import annotations

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
from .literals import boolean_literal

WIDTH = 100
IN_UNION = WIDTH - 4
"""Room for a line that a union indents."""
_INDENT = "    "
_LIST_OPERATORS = {
    ("==", False): "in",
    ("==", True): "!in",
    ("=~", False): "in~",
    ("=~", True): "!in~",
}
_NEGATED = {"==": "!=", "=~": "!~"}


_CHAIN = 50
"""Operands in a row: parsers nest a chain as deep as it is long, and Microsoft's gives up at some depth."""


def where_lines(expression: Expression, width: int = WIDTH) -> list[str]:
    """Write the conditions that must all hold as `where` operators."""
    lines: list[str] = []
    for condition in conjuncts(expression):
        first, *rest = _lines(_grouped_chains(condition), width - len("| where "))
        lines.append(f"| where {first}")
        lines.extend(_INDENT + line for line in rest)
    return lines


def one_line(expression: Expression) -> str:
    """Write an expression on one line."""
    match expression:
        case Truth(holds):
            return boolean_literal(holds)
        case Atom(text):
            return text
        case Membership(subject, operator, (literal,), is_negated):
            return f"{subject} {_NEGATED[operator] if is_negated else operator} {literal}"
        case Membership(literals=literals):
            return f"{_list_head(expression)} ({', '.join(literals)})"
        case RowsWith(table, _, steps, condition):
            within = [f"where {one_line(one)}" for one in expression.within]
            search = [table, *within, *steps, f"where {one_line(condition)}", _keys(expression)]
            return f"{_search_head(expression)}{' | '.join(search)}))"
        case Every(operands):
            return " and ".join(map(_grouped, operands))
        case Some(operands):
            return " or ".join(map(_grouped, operands))
        case Refused():
            raise expression.error()
        case _:
            assert_never(expression)


def wrapped(head: str, items: list[str], tail: str = "", width: int = WIDTH) -> list[str]:
    """Write `head item, item tail` on one line, or filled over several."""
    line = f"{head}{', '.join(items)}{tail}"
    if len(line) <= width:
        return [line]
    lines = [head]
    for number, item in enumerate(items):
        piece = item + ("," if number < len(items) - 1 else tail)
        if len(lines) > 1 and len(lines[-1]) + 1 + len(piece) <= width:
            lines[-1] += f" {piece}"
        else:
            lines.append(_INDENT + piece)
    return [line.rstrip() for line in lines]


def _grouped_chains(expression: Expression) -> Expression:
    """Put the operands of a long chain into groups, and long chains inside of it too."""
    if not isinstance(expression, Every | Some):
        return expression
    kind = type(expression)
    operands = tuple(map(_grouped_chains, expression.operands))
    if len(operands) <= _CHAIN:
        return kind(operands)
    groups = [operands[start : start + _CHAIN] for start in range(0, len(operands), _CHAIN)]
    return kind(tuple(kind(group) if len(group) > 1 else group[0] for group in groups))


def _lines(expression: Expression, room: int) -> list[str]:
    text = one_line(expression)
    if len(text) <= room:
        return [text]
    match expression:
        case Membership(literals=literals) if len(literals) > 1:
            head = f"{_list_head(expression)} ("
            return [head, *(f"{literal}," for literal in literals[:-1]), f"{literals[-1]})"]
        case RowsWith():
            return _search_lines(expression, room - len(_INDENT))
        case Every(operands):
            return _broken(operands, "and", room)
        case Some(operands):
            return _broken(operands, "or", room)
        case _:
            return [text]


def _broken(operands: tuple[Expression, ...], word: str, room: int) -> list[str]:
    lines: list[str] = []
    for number, operand in enumerate(operands):
        start = f"{word} " if number else ""
        inner = room - len(_INDENT) - len(start)
        if isinstance(operand, Every | Some):
            first, *rest = _lines(operand, inner - 2)
            piece = [f"({first}", *rest]
            piece[-1] += ")"
        else:
            piece = _lines(operand, inner)
        lines.append(start + piece[0])
        lines.extend(_INDENT + line for line in piece[1:])
    return lines


def _grouped(expression: Expression) -> str:
    text = one_line(expression)
    return f"({text})" if isinstance(expression, Every | Some) else text


def _search_lines(rows: RowsWith, room: int) -> list[str]:
    """Write the query that finds the keys, one operator a line."""
    return [
        _search_head(rows),
        rows.table,
        *(line for one in rows.within for line in where_lines(one, room)),
        *(f"| {step}" for step in rows.steps),
        *where_lines(rows.condition, room),
        f"| {_keys(rows)}))",
    ]


def _search_head(rows: RowsWith) -> str:
    return f"{_key(rows)} {'!in' if rows.is_negated else 'in'} (("


def _keys(rows: RowsWith) -> str:
    """Write the operator that returns each key once; `distinct` takes columns only."""
    key = _key(rows)
    return f"distinct {key}" if len(rows.key) == 1 else f"summarize by RowKey = {key}"


def _key(rows: RowsWith) -> str:
    """Write the one value that tells rows apart; a line feed keeps the columns' texts apart."""
    if len(rows.key) == 1:
        return rows.key[0]
    parts = ', "\\n", '.join(rows.key)
    return f"strcat({parts})"


def _list_head(membership: Membership) -> str:
    return f"{membership.subject} {_LIST_OPERATORS[membership.operator, membership.is_negated]}"
