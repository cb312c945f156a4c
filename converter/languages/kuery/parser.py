"""Text -> syntax tree. What the grammar accepts is what Kibana accepts, no more and no less."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import assert_never

from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from converter.diagnostic import Span
from converter.errors import QuerySyntaxError

from .ast import (
    NOWHERE,
    WHITE_SPACE,
    And,
    Empty,
    Is,
    Literal,
    Nested,
    Not,
    Operator,
    Or,
    Query,
    Range,
)
from .literals import read_quoted, read_unquoted
from .positions import span_at, too_deep
from .syntax_error import explain

DEEPEST = 100
"""Levels of brackets that are read (KUERY-17)."""


def parse(text: str) -> Query:
    """Parse a kuery text; raises `QuerySyntaxError` where Kibana refuses it."""
    _check_depth(text)
    try:
        # The transformer runs inside the parser, so lark returns what `start` returns.
        return _parser().parse(text)  # type: ignore[return-value]
    except UnexpectedInput as error:
        raise explain(text, error, _parser().lex(text)) from None


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", transformer=_TreeBuilder())


def _check_depth(text: str) -> None:
    place = too_deep(text, DEEPEST)
    if place is not None:
        raise QuerySyntaxError(
            f"brackets are nested more than {DEEPEST} levels deep; flatten the query",
            text,
            span_at(text, place, place + 1),
        )


@v_args(inline=True)
class _TreeBuilder(Transformer[Token, Query]):
    """Build the tree while the parser reduces; each method has the name of its grammar rule."""

    def start(self, query: Query | None = None) -> Query:
        return Empty() if query is None else query

    def any_of(self, *operands: Query) -> Query:
        return operands[0] if len(operands) == 1 else Or(operands, _joined(operands))

    def all_of(self, *operands: Query) -> Query:
        return operands[0] if len(operands) == 1 else And(operands, _joined(operands))

    def negation(self, keyword: Token, operand: Query) -> Query:
        return Not(operand, _between(_of_token(keyword), operand.span))

    any_value = any_of
    all_values = all_of
    value_negation = negation

    def group(self, opening: Token, query: Query, closing: Token) -> Query:
        return replace(query, span=_between(_of_token(opening), _of_token(closing)))

    value_group = group

    def nested(self, path: Literal, colon: Token, query: Query, closing: Token) -> Query:
        return Nested(path, query, _between(path.span, _of_token(closing)))

    def comparison(self, field: Literal, operator: Token, bound: Literal) -> Query:
        sign = Operator(operator.strip(WHITE_SPACE))
        return Range(field, sign, bound, _between(field.span, bound.span))

    def field_list(self, field: Literal, colon: Token, values: Query) -> Query:
        query = _distributed(field, values)
        return replace(query, span=_between(field.span, values.span))

    def field_value(self, field: Literal, colon: Token, value: Literal) -> Query:
        return Is(field, value, _between(field.span, value.span))

    def free_text(self, value: Literal) -> Query:
        return Is(None, value, value.span)

    value = free_text

    def quoted(self, token: Token) -> Literal:
        return replace(read_quoted(token), span=_of_token(token))

    def unquoted(self, token: Token) -> Literal:
        return replace(read_unquoted(token), span=_of_token(token))


def _distributed(field: Literal, values: Query) -> Query:
    """Give every value of a list its field (KUERY-13)."""
    match values:
        case Is(_, value, span):
            return Is(field, value, span)
        case Not(operand, span):
            return Not(_distributed(field, operand), span)
        case And(operands, span):
            return And(tuple(_distributed(field, one) for one in operands), span)
        case Or(operands, span):
            return Or(tuple(_distributed(field, one) for one in operands), span)
        case Range() | Nested() | Empty():
            raise AssertionError("the grammar has no such value in a list")
        case _:
            assert_never(values)


def _of_token(token: Token) -> Span:
    """Return a token's span without the white space around it."""
    start, line, column = token.start_pos, token.line, token.column
    if start is None or line is None or column is None:
        return NOWHERE
    stripped = token.lstrip(WHITE_SPACE)
    start += len(token) - len(stripped)
    return Span(start, start + len(stripped.rstrip(WHITE_SPACE)), line, column)


def _joined(operands: tuple[Query, ...]) -> Span:
    return _between(operands[0].span, operands[-1].span)


def _between(first: Span, last: Span) -> Span:
    return Span(first.start, last.end, first.line, first.column)
