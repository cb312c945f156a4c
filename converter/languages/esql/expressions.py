"""Parses expressions by precedence (ESQL-4)."""

from __future__ import annotations

from collections.abc import Callable

from converter.diagnostic import Span

from .cursor import RESERVED, Cursor
from .syntax import (
    Arithmetic,
    Boolean,
    Call,
    Cast,
    Column,
    Comparator,
    Comparison,
    Connective,
    Decimal,
    Expression,
    In,
    Integer,
    IsNull,
    ListLiteral,
    Literal,
    Logical,
    Matches,
    Negative,
    Not,
    Null,
    Operator,
    Pattern,
    Scalar,
    Search,
    Star,
    Text,
    TimeSpan,
    Unit,
)
from .tokens import Kind, Token

_UNITS = {
    Unit.MILLISECOND: ("millisecond", "milliseconds", "ms"),
    Unit.SECOND: ("second", "seconds", "sec", "s"),
    Unit.MINUTE: ("minute", "minutes", "min", "m"),
    Unit.HOUR: ("hour", "hours", "h"),
    Unit.DAY: ("day", "days", "d"),
    Unit.WEEK: ("week", "weeks", "w"),
    Unit.MONTH: ("month", "months", "mo"),
    Unit.QUARTER: ("quarter", "quarters", "q"),
    Unit.YEAR: ("year", "years", "yr", "y"),
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}
_COMPARATORS = tuple(comparator.value for comparator in Comparator)


def unit_of(word: str) -> Unit | None:
    """Return the unit that a word names; None for any other word."""
    return _UNIT_OF.get(word.lower())


def condition(cursor: Cursor) -> Expression:
    """Parse an expression, conditions included."""
    with cursor.level():
        return _row(cursor, Connective.OR, _conjunction)


def _conjunction(cursor: Cursor) -> Expression:
    return _row(cursor, Connective.AND, _negation)


def _row(
    cursor: Cursor, connective: Connective, operand: Callable[[Cursor], Expression]
) -> Expression:
    start = cursor.next.start
    operands = [operand(cursor)]
    while cursor.take_word(connective.value.lower()):
        operands.append(operand(cursor))
    if len(operands) == 1:
        return operands[0]
    return Logical(connective, tuple(operands), cursor.span_from(start))


def _negation(cursor: Cursor) -> Expression:
    start = cursor.next.start
    if not cursor.take_word("not"):
        return _predicate(cursor)
    with cursor.level():
        return Not(_negation(cursor), cursor.span_from(start))


def _predicate(cursor: Cursor) -> Expression:
    start = cursor.next.start
    operand = _comparison(cursor)
    if cursor.is_sign(":"):
        return _search(cursor, operand, start)
    if cursor.take_word("is"):
        negated = cursor.take_word("not")
        cursor.expect_word("null")
        found: Expression = IsNull(operand, cursor.span_from(start))
        return Not(found, cursor.span_from(start)) if negated else found
    negation = cursor.next
    negated = cursor.take_word("not")
    operator = cursor.take_word("in", "like", "rlike")
    if operator is None:
        if negated:
            raise cursor.error("expected IN, LIKE or RLIKE after this NOT", negation)
        return operand
    if operator == "in":
        items = _items(cursor)
        found = In(operand, items, cursor.span_from(start))
    else:
        texts = _patterns(cursor, operator)
        found = Matches(Pattern(operator.upper()), operand, texts, cursor.span_from(start))
    return Not(found, cursor.span_from(start)) if negated else found


def _search(cursor: Cursor, operand: Expression, start: int) -> Expression:
    colon = cursor.take()
    if not isinstance(operand, Column):
        raise cursor.error("the search operator ':' needs the name of a column before it", colon)
    value = _literal(cursor)
    if value is None:
        raise cursor.error(f"expected a constant after ':', not {cursor.found()}")
    return Search(operand, value, cursor.span_from(start))


def _items(cursor: Cursor) -> tuple[Expression, ...]:
    cursor.expect_sign("(", "after IN")
    items = [_comparison(cursor)]
    while cursor.take_sign(","):
        items.append(_comparison(cursor))
    cursor.expect_sign(")", "at the end of the list")
    return tuple(items)


def _patterns(cursor: Cursor, operator: str) -> tuple[Text, ...]:
    if not cursor.take_sign("("):
        return (_text(cursor, operator),)
    texts = [_text(cursor, operator)]
    while cursor.take_sign(","):
        texts.append(_text(cursor, operator))
    cursor.expect_sign(")", "at the end of the list of patterns")
    return tuple(texts)


def _text(cursor: Cursor, operator: str) -> Text:
    if cursor.next.kind is not Kind.TEXT:
        raise cursor.error(f"{operator.upper()} takes strings, not {cursor.found()}")
    token = cursor.take()
    return Text(token.value, cursor.token_span(token))


def _comparison(cursor: Cursor) -> Expression:
    start = cursor.next.start
    left = _sum(cursor)
    if not cursor.is_sign(*_COMPARATORS):
        return left
    comparator = Comparator(cursor.take().value)
    right = _sum(cursor)
    if cursor.is_sign(*_COMPARATORS):
        raise cursor.error("comparisons do not chain; combine them with AND")
    return Comparison(comparator, left, right, cursor.span_from(start))


def _sum(cursor: Cursor) -> Expression:
    start = cursor.next.start
    left = _product(cursor)
    length = 1
    while cursor.is_sign("+", "-"):
        operator = Operator(cursor.take().value)
        right = _product(cursor)
        left = Arithmetic(operator, left, right, cursor.span_from(start))
        cursor.check_length(length := length + 1)
    return left


def _product(cursor: Cursor) -> Expression:
    start = cursor.next.start
    left = _signed(cursor)
    length = 1
    while cursor.is_sign("*", "/", "%"):
        operator = Operator(cursor.take().value)
        right = _signed(cursor)
        left = Arithmetic(operator, left, right, cursor.span_from(start))
        cursor.check_length(length := length + 1)
    return left


def _signed(cursor: Cursor) -> Expression:
    if not cursor.is_sign("+", "-"):
        return _cast(cursor)
    sign = cursor.take()
    if cursor.next.kind in (Kind.INTEGER, Kind.DECIMAL):
        return _cast(cursor, sign)
    with cursor.level():
        operand = _signed(cursor)
    return Negative(operand, cursor.span_from(sign.start)) if sign.value == "-" else operand


def _cast(cursor: Cursor, sign: Token | None = None) -> Expression:
    start = sign.start if sign else cursor.next.start
    operand = _primary(cursor, sign)
    while cursor.take_sign("::"):
        if cursor.next.kind is not Kind.WORD:
            raise cursor.error(f"expected the name of a type after '::', not {cursor.found()}")
        type_name = cursor.take().value.lower()
        operand = Cast(operand, type_name, cursor.span_from(start))
    return operand


def _primary(cursor: Cursor, sign: Token | None) -> Expression:
    literal = _literal(cursor, sign)
    if literal is not None:
        return literal
    if cursor.is_sign("("):
        opening = cursor.take()
        inner = condition(cursor)
        if not cursor.is_sign(")"):
            if cursor.next.kind is Kind.END:
                raise cursor.error("the '(' that opens here is never closed", opening)
            raise cursor.error(f"expected ')' or an operator, not {cursor.found()}")
        cursor.take()
        return inner
    if cursor.is_sign("?"):
        raise cursor.unsupported("query parameter", cursor.next, "write the value into the query")
    if cursor.next.kind is Kind.WORD and cursor.text.startswith("(", cursor.after(cursor.next)):
        return _call(cursor)
    if cursor.next.kind in (Kind.WORD, Kind.QUOTED_NAME):
        return cursor.column()
    raise cursor.error(f"expected a value, not {cursor.found()}")


def _call(cursor: Cursor) -> Expression:
    name = cursor.take()
    if name.value.lower() in RESERVED - {"first", "last"}:
        raise cursor.error(f"expected a value, not the keyword {name.value}", name)
    cursor.take()
    arguments: list[Expression] = []
    if cursor.is_sign("*"):
        star = cursor.take()
        arguments.append(Star(cursor.token_span(star)))
    elif not cursor.is_sign(")"):
        arguments.append(condition(cursor))
        while cursor.take_sign(","):
            if cursor.is_sign("{"):
                raise cursor.unsupported(
                    f"options of {name.value.upper()}", cursor.next, "remove them"
                )
            arguments.append(condition(cursor))
    cursor.expect_sign(")", f"at the end of the arguments of {name.value.upper()}")
    return Call(name.value.upper(), tuple(arguments), cursor.span_from(name.start))


def _literal(cursor: Cursor, sign: Token | None = None) -> Literal | None:
    """Parse a constant if one comes next; a sign before a number belongs to it."""
    match cursor.next.kind:
        case Kind.INTEGER | Kind.DECIMAL:
            return _number(cursor, sign)
        case Kind.TEXT:
            token = cursor.take()
            return Text(token.value, cursor.token_span(token))
        case Kind.WORD if cursor.is_word("true", "false", "null"):
            token = cursor.take()
            span = cursor.token_span(token)
            if token.value.lower() == "null":
                return Null(span)
            return Boolean(token.value.lower() == "true", span)
        case Kind.SIGN if cursor.is_sign("["):
            return _list(cursor)
        case _:
            return None


def _number(cursor: Cursor, sign: Token | None) -> Integer | Decimal | TimeSpan:
    token = cursor.take()
    start = sign.start if sign else token.start
    minus = "-" if sign and sign.value == "-" else ""
    if token.kind is Kind.DECIMAL:
        return Decimal(float(minus + token.value), cursor.span_from(start))
    amount = int(minus + token.value)
    if cursor.next.kind is Kind.WORD and cursor.next.value.lower() not in RESERVED:
        return _time_span(cursor, amount, start)
    return Integer(amount, cursor.span_from(start))


def _time_span(cursor: Cursor, amount: int, start: int) -> TimeSpan:
    unit = unit_of(cursor.next.value)
    if unit is None:
        raise cursor.error(
            f"{cursor.next.value!r} is no unit of time; use {', '.join(u.value for u in Unit)}"
        )
    cursor.take()
    return TimeSpan(amount, unit, cursor.span_from(start))


def _list(cursor: Cursor) -> ListLiteral:
    opening = cursor.take()
    items = [_list_item(cursor)]
    while cursor.take_sign(","):
        items.append(_list_item(cursor))
    cursor.expect_sign("]", "at the end of the list")
    span: Span = cursor.span_from(opening.start)
    kinds = {Integer if isinstance(item, Decimal) else type(item) for item in items}
    if len(kinds) > 1:
        raise cursor.error("a list has values of one kind: strings, numbers or booleans", opening)
    return ListLiteral(tuple(items), span)


def _list_item(cursor: Cursor) -> Scalar:
    sign = cursor.take() if cursor.is_sign("-", "+") else None
    item = _literal(cursor, sign)
    if not isinstance(item, Text | Integer | Decimal | Boolean):
        raise cursor.error(f"a list holds strings, numbers or booleans, not {cursor.found()}")
    return item
