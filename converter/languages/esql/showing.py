"""Writes a query back as text that parses to the same tree, one command a line."""

from __future__ import annotations

import re
from typing import assert_never

from .cursor import RESERVED
from .syntax import (
    Aggregate,
    Arithmetic,
    Boolean,
    Call,
    Cast,
    Column,
    ColumnPattern,
    Command,
    Comparison,
    Connective,
    Decimal,
    Definition,
    Drop,
    Eval,
    Expression,
    From,
    In,
    Integer,
    IsNull,
    Keep,
    Limit,
    ListLiteral,
    Logical,
    Matches,
    MvExpand,
    Negative,
    Not,
    Null,
    Operator,
    Query,
    Rename,
    Row,
    Search,
    Sort,
    SortKey,
    Source,
    Star,
    Stats,
    Text,
    TimeSpan,
    Where,
)

_PLAIN_PART = re.compile(r"[A-Za-z][A-Za-z0-9_]*|[_@][A-Za-z0-9_]+")
_BARE_SOURCE = re.compile(r"[A-Za-z0-9_.*@-]+(?:::?[A-Za-z0-9_.*@-]+)?")
_NO_AS = frozenset({"as"})

# How tightly a node binds (ESQL-4); an operand that binds looser stands in parentheses.
_OR, _AND, _NOT, _PREDICATE, _COMPARISON, _SUM, _PRODUCT, _SIGN, _PRIMARY = range(9)


def show(query: Query) -> str:
    """Write a query."""
    lines = [_source(query.source), *(f"| {_command(command)}" for command in query.commands)]
    return "\n".join(lines)


def show_expression(expression: Expression) -> str:
    """Write an expression."""
    return _write(expression)[0]


def show_name(name: str, also_reserved: frozenset[str] = frozenset()) -> str:
    """Write the name of a column, in backquotes where it needs them."""
    parts = name.split(".")
    plain = all(
        _PLAIN_PART.fullmatch(part) and part.lower() not in RESERVED | also_reserved
        for part in parts
    )
    if plain and parts[0].lower() not in ("true", "false", "null"):
        return name
    return "`" + name.replace("`", "``") + "`"


def show_text(value: str) -> str:
    """Write a string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r") + '"'


def _source(source: Source) -> str:
    match source:
        case From(sources, metadata):
            text = "FROM " + ", ".join(map(_index, sources))
            if metadata:
                text += " METADATA " + _columns(metadata)
            return text
        case Row(definitions):
            return "ROW " + _definitions(definitions)
        case _:
            assert_never(source)


def _index(source: str) -> str:
    return source if _BARE_SOURCE.fullmatch(source) else show_text(source)


def _command(command: Command) -> str:
    match command:
        case Where(condition):
            return "WHERE " + show_expression(condition)
        case Eval(definitions):
            return "EVAL " + _definitions(definitions)
        case Stats():
            return _stats(command)
        case Keep(columns):
            return "KEEP " + ", ".join(map(_pattern, columns))
        case Drop(columns):
            return "DROP " + ", ".join(map(_pattern, columns))
        case Rename(renamings):
            return "RENAME " + ", ".join(
                f"{show_name(one.old.name, _NO_AS)} AS {show_name(one.new.name, _NO_AS)}"
                for one in renamings
            )
        case Sort(keys):
            return "SORT " + ", ".join(map(_sort_key, keys))
        case Limit(count):
            return f"LIMIT {count}"
        case MvExpand(column):
            return "MV_EXPAND " + show_name(column.name)
        case _:
            assert_never(command)


def _stats(stats: Stats) -> str:
    text = "INLINE STATS" if stats.is_inline else "STATS"
    if stats.aggregates:
        text += " " + ", ".join(map(_aggregate, stats.aggregates))
    if stats.groups:
        text += " BY " + _definitions(stats.groups)
    return text


def _aggregate(aggregate: Aggregate) -> str:
    text = _definition(aggregate.definition)
    return text if aggregate.where is None else f"{text} WHERE {show_expression(aggregate.where)}"


def _definitions(definitions: tuple[Definition, ...]) -> str:
    return ", ".join(map(_definition, definitions))


def _definition(definition: Definition) -> str:
    """Write a column; its name stays the one that the source text gave it."""
    text = show_expression(definition.expression)
    implied = definition.expression
    if definition.name == (implied.name if isinstance(implied, Column) else text):
        return text
    return f"{show_name(definition.name)} = {text}"


def _pattern(pattern: ColumnPattern) -> str:
    if not pattern.is_pattern:
        return show_name(pattern.text)
    pieces = re.split(r"([*.])", pattern.text)
    return "".join(
        piece if piece in ("", "*", ".") or re.fullmatch(r"[A-Za-z0-9_@]+", piece) else f"`{piece}`"
        for piece in pieces
    )


def _columns(columns: tuple[Column, ...]) -> str:
    return ", ".join(show_name(column.name) for column in columns)


def _sort_key(key: SortKey) -> str:
    text = show_expression(key.expression)
    if key.is_descending:
        text += " DESC"
    if key.nulls_first != key.is_descending:
        text += " NULLS FIRST" if key.nulls_first else " NULLS LAST"
    return text


def _write(expression: Expression) -> tuple[str, int]:
    """Write an expression and say how tightly it binds."""
    match expression:
        case Text() | Integer() | Decimal() | Boolean() | Null() | TimeSpan() | ListLiteral():
            return _literal(expression), _PRIMARY
        case Column(name):
            return show_name(name), _PRIMARY
        case Star():
            return "*", _PRIMARY
        case Call(function, arguments):
            return f"{function}({', '.join(map(show_expression, arguments))})", _PRIMARY
        case Cast(operand, type_name):
            return f"{_within(operand, _PRIMARY)}::{type_name}", _PRIMARY
        case Negative(operand):
            text = _within(operand, _SIGN)
            # A bare sign before a number would become part of it.
            return f"-({text})" if text[0].isdigit() else f"-{text}", _SIGN
        case Arithmetic() | Comparison() | Logical():
            return _binary(expression)
        case _:
            return _predicate(expression)


def _binary(expression: Arithmetic | Comparison | Logical) -> tuple[str, int]:
    match expression:
        case Arithmetic(operator, left, right):
            level = _SUM if operator in (Operator.ADD, Operator.SUBTRACT) else _PRODUCT
            return _joined(left, operator.value, right, level, level + 1), level
        case Comparison(comparator, left, right):
            return _joined(left, comparator.value, right, _SUM, _SUM), _COMPARISON
        case Logical(connective, operands):
            level = _AND if connective is Connective.AND else _OR
            texts = (_within(operand, level + 1) for operand in operands)
            return f" {connective.value} ".join(texts), level
        case _:
            assert_never(expression)


def _joined(left: Expression, sign: str, right: Expression, low: int, high: int) -> str:
    return f"{_within(left, low)} {sign} {_within(right, high)}"


def _predicate(expression: Not | In | Matches | Search | IsNull) -> tuple[str, int]:
    match expression:
        case Not(In(operand, items)):
            return f"{_within(operand, _COMPARISON)} NOT IN {_list(items)}", _PREDICATE
        case Not(Matches() as matches):
            return _matches(matches, "NOT "), _PREDICATE
        case Not(IsNull(operand)):
            return f"{_within(operand, _COMPARISON)} IS NOT NULL", _PREDICATE
        case Not(operand):
            return f"NOT {_within(operand, _NOT)}", _NOT
        case In(operand, items):
            return f"{_within(operand, _COMPARISON)} IN {_list(items)}", _PREDICATE
        case Matches():
            return _matches(expression, ""), _PREDICATE
        case Search(column, value):
            return f"{show_name(column.name)} : {_literal(value)}", _PREDICATE
        case IsNull(operand):
            return f"{_within(operand, _COMPARISON)} IS NULL", _PREDICATE
        case _:
            assert_never(expression)


def _matches(matches: Matches, negation: str) -> str:
    texts = ", ".join(show_text(text.value) for text in matches.texts)
    right = texts if len(matches.texts) == 1 else f"({texts})"
    return f"{_within(matches.operand, _COMPARISON)} {negation}{matches.pattern.value} {right}"


def _list(items: tuple[Expression, ...]) -> str:
    return f"({', '.join(_within(item, _COMPARISON) for item in items)})"


def _within(operand: Expression, level: int) -> str:
    text, own = _write(operand)
    return text if own >= level else f"({text})"


def _literal(
    literal: Text | Integer | Decimal | Boolean | Null | TimeSpan | ListLiteral,
) -> str:
    match literal:
        case Text(value):
            return show_text(value)
        case Integer(value):
            return str(value)
        case Decimal(value):
            return repr(value) if "." in repr(value) else repr(value).replace("e", ".0e")
        case Boolean(value):
            return "true" if value else "false"
        case Null():
            return "null"
        case TimeSpan(amount, unit):
            return f"{amount} {unit.value}{'' if abs(amount) == 1 else 's'}"
        case ListLiteral(items):
            return f"[{', '.join(map(_literal, items))}]"
        case _:
            assert_never(literal)
