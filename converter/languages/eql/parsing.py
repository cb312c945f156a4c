"""Parses event queries (EQL-1 to EQL-7).

Binding, loosest first: or, and, not, comparison, sums, products, sign, and `in` `like` `regex` `:` behind an operand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from converter.errors import QuerySyntaxError, Unsupported
from converter.ir import Value

from .cursor import Cursor
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
    MatchOperator,
    Membership,
    Negative,
    Not,
    Operator,
    Or,
    Sign,
)
from .tokens import Kind, Token

_COMPARISONS = {operator.value: operator for operator in Operator}
_PRODUCTS = ("*", "/", "%")
_SUMS = ("+", "-")
_MATCHES = tuple(
    operator.value for operator in MatchOperator if operator is not MatchOperator.COLON
)
_SEVERAL_EVENTS = {
    "sequence": "a sequence of events",
    "sample": "a sample of events",
    "join": "a join of events",
}
_Item = TypeVar("_Item")
_CONSTANTS: dict[str, Value | None] = {"null": None, "true": True, "false": False}


def parse(text: str) -> EventQuery:
    """Parse an event query; raise `QuerySyntaxError` or, for sequences, samples and pipes, `Unsupported`."""
    return _Parser(text).query()


class _Parser:
    """Walks the tokens once."""

    def __init__(self, text: str) -> None:
        self._at = Cursor(text)

    def query(self) -> EventQuery:
        category = self._category()
        if not self._at.take_keyword("where"):
            raise self._at.error(f"expected where behind the category, not {self._at.found()}")
        condition = self._expression()
        if self._at.is_sign("|"):
            raise self._pipe()
        if self._at.next.kind is not Kind.END:
            raise self._at.error(f"expected the end of the query, not {self._at.found()}")
        return EventQuery(category, condition)

    def _category(self) -> str | None:
        if self._at.take_keyword("any"):
            return None
        token = self._at.next
        if token.kind is Kind.KEYWORD and token.value in _SEVERAL_EVENTS:
            raise Unsupported(
                f"{token.value}: {_SEVERAL_EVENTS[token.value]}",
                self._at.span_of(token),
                "only event queries are read yet; write each event as a query of its own",
            )
        if token.kind in (Kind.WORD, Kind.TEXT) and not token.value.endswith("~"):
            return self._at.take().value
        raise self._at.error(
            f"a query starts with an event category or any, not with {self._at.found()}"
        )

    def _pipe(self) -> Unsupported:
        bar = self._at.take()
        name = self._at.next.value
        return Unsupported(
            f"the pipe | {name}".rstrip(),
            self._at.span_of(bar),
            "remove it: a rule judges every event that matches",
        )

    def _expression(self) -> Expression:
        operands = [self._conjunction()]
        while self._at.take_keyword("or"):
            operands.append(self._conjunction())
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def _conjunction(self) -> Expression:
        operands = [self._negation()]
        while self._at.take_keyword("and"):
            operands.append(self._negation())
        return operands[0] if len(operands) == 1 else And(tuple(operands))

    def _negation(self) -> Expression:
        if self._at.take_keyword("not"):
            return Not(self._negation())
        return self._comparison()

    def _comparison(self) -> Expression:
        start = self._at.next.start
        left = self._sum()
        if self._at.is_sign("="):
            raise self._at.error("'=' compares nothing; write ==, or : without regard to case")
        if not self._at.is_sign(*_COMPARISONS):
            return left
        operator = _COMPARISONS[self._at.take().value]
        right = self._sum()
        if self._at.is_sign(*_COMPARISONS):
            raise self._at.error("comparisons do not chain; join two of them with and")
        return Comparison(operator, left, right, self._at.span_from(start))

    def _sum(self) -> Expression:
        start = self._at.next.start
        left = self._product()
        while self._at.is_sign(*_SUMS):
            sign = Sign(self._at.take().value)
            left = Arithmetic(sign, left, self._product(), self._at.span_from(start))
        return left

    def _product(self) -> Expression:
        start = self._at.next.start
        left = self._signed()
        while self._at.is_sign(*_PRODUCTS):
            sign = Sign(self._at.take().value)
            left = Arithmetic(sign, left, self._signed(), self._at.span_from(start))
        return left

    def _signed(self) -> Expression:
        start = self._at.next.start
        if not self._at.is_sign("+", "-"):
            return self._operand()
        is_negative = self._at.take().value == "-"
        operand = self._signed()
        if not is_negative:
            return operand
        span = self._at.span_from(start)
        match operand:
            case Literal(int() | float() as number) if not isinstance(number, bool):
                return Literal(-number, span)
            case _:
                return Negative(operand, span)

    def _operand(self) -> Expression:
        """Parse a primary expression and the test behind it."""
        start = self._at.next.start
        operand = self._primary()
        if self._at.is_keyword("not") and self._at.after(1).value in ("in", "in~"):
            self._at.take()
            return Not(self._membership(start, operand))
        if self._at.is_keyword("in", "in~"):
            return self._membership(start, operand)
        if self._at.is_sign(":") or self._at.is_keyword(*_MATCHES):
            operator = MatchOperator(self._at.take().value)
            patterns = self._patterns(operator)
            return Match(operator, operand, patterns, self._at.span_from(start))
        return operand

    def _membership(self, start: int, operand: Expression) -> Membership:
        ignores_case = self._at.take().value == "in~"
        self._at.expect_sign("(", "before the list of values")
        members = self._list(self._expression)
        return Membership(operand, members, ignores_case, self._at.span_from(start))

    def _patterns(self, operator: MatchOperator) -> tuple[Literal, ...]:
        if self._at.take_sign("("):
            return self._list(lambda: self._pattern(operator))
        return (self._pattern(operator),)

    def _pattern(self, operator: MatchOperator) -> Literal:
        constant = self._constant()
        if constant is None:
            raise self._at.error(
                f"{operator.value} takes a string or a list of strings, not {self._at.found()}"
            )
        return constant

    def _list(self, item: Callable[[], _Item]) -> tuple[_Item, ...]:
        """Parse what stands between parentheses, the opening one taken."""
        items = [item()]
        while self._at.take_sign(","):
            items.append(item())
        self._at.expect_sign(")", "or a comma in the list")
        return tuple(items)

    def _primary(self) -> Expression:
        if self._at.take_sign("("):
            inner = self._expression()
            self._at.expect_sign(")", "to close the group")
            return inner
        token = self._at.next
        if (constant := self._constant()) is not None:
            return constant
        if token.kind is Kind.WORD and self._at.is_sign_after(1, "("):
            return self._call()
        if self._at.is_sign("?"):
            self._at.take()
            return self._field(token.start, is_optional=True)
        return self._field(token.start, is_optional=False)

    def _constant(self) -> Literal | None:
        token = self._at.next
        value: Value | None
        match token.kind:
            case Kind.TEXT:
                value = token.value
            case Kind.INTEGER:
                value = int(token.value)
            case Kind.DECIMAL:
                value = float(token.value)
            case Kind.KEYWORD if token.value in _CONSTANTS:
                value = _CONSTANTS[token.value]
            case _:
                return None
        self._at.take()
        return Literal(value, self._at.span_of(token))

    def _call(self) -> Call:
        name = self._at.take()
        self._at.take()
        arguments: tuple[Expression, ...] = ()
        if not self._at.take_sign(")"):
            arguments = self._list(self._expression)
        return Call(
            name.value.removesuffix("~"),
            name.value.endswith("~"),
            arguments,
            self._at.span_from(name.start),
        )

    def _field(self, start: int, *, is_optional: bool) -> FieldName:
        parts = [self._name_part()]
        while self._at.take_sign("."):
            parts.append(self._name_part())
        if self._at.is_sign("["):
            raise Unsupported(
                f"an element of the array {'.'.join(parts)}",
                self._at.span_of(self._at.next),
                "a field is compared by any of its values; remove the index",
            )
        return FieldName(".".join(parts), is_optional, self._at.span_from(start))

    def _name_part(self) -> str:
        token = self._at.next
        if token.kind is Kind.QUOTED_NAME:
            return self._at.take().value
        if token.kind is Kind.WORD and not token.value.endswith("~"):
            return self._at.take().value
        raise self._misplaced(token)

    def _misplaced(self, token: Token) -> QuerySyntaxError:
        if token.kind is Kind.KEYWORD:
            return self._at.error(
                f"{token.value} is a keyword; put it in backquotes if it is a field"
            )
        if token.kind is Kind.WORD:
            return self._at.error(f"the function {token.value} has no arguments")
        return self._at.error(f"expected a field or a value, not {self._at.found()}")
