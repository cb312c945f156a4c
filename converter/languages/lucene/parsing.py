"""Parses a query_string as Lucene's classic parser does (LUCENE-1 to LUCENE-8)."""

from __future__ import annotations

from converter.diagnostic import Span
from converter.errors import QuerySyntaxError, Unsupported
from converter.ir import Wildcard

from .escapes import BadEscape, pattern_parts, unescaped
from .syntax import (
    Clause,
    End,
    Everything,
    Group,
    Interval,
    Nothing,
    Occur,
    Pattern,
    Phrase,
    Present,
    Query,
    RegularExpression,
    Term,
)
from .tokens import Kind, Token, span_of, tokens_of

_EXISTS = "_exists_"
_ALL_FIELDS = "*"
_MODIFIERS = {Kind.PLUS: Occur.MUST, Kind.MINUS: Occur.MUST_NOT, Kind.NOT: Occur.MUST_NOT}
_BARE_VALUES = frozenset(
    {Kind.TERM, Kind.PREFIX, Kind.PATTERN, Kind.STAR, Kind.REGEX, Kind.BARE_OPERATOR}
)
_ENDS_ROW_OF_WORDS = frozenset({Kind.COLON, Kind.STAR, Kind.SLOP, Kind.BOOST, Kind.AND, Kind.OR})


def parse(text: str) -> Query:
    """Parse a query; raise `QuerySyntaxError` or, for boosts, fuzziness and the like, `Unsupported`."""
    if not text.strip():
        return Nothing()  # LUCENE-3
    return _Parser(text).query()


class _Parser:
    """Walks the tokens once; `field` is handed down, as a field holds for a whole group."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens_of(text)
        self._position = 0

    def query(self) -> Query:
        query = self._level(None)
        if self._next.kind is Kind.CLOSE:
            raise self._error("this ')' closes no group", self._next)
        return query

    @property
    def _next(self) -> Token:
        return self._tokens[self._position]

    def _after(self, count: int) -> Kind:
        index = min(self._position + count, len(self._tokens) - 1)
        return self._tokens[index].kind

    def _take(self) -> Token:
        token = self._next
        if token.kind is not Kind.END:
            self._position += 1
        return token

    def _level(self, field: str | None) -> Query:
        clauses = [self._first_clause(field)]
        while self._next.kind not in (Kind.END, Kind.CLOSE):
            if self._stands_at_row():
                clauses.append(Clause(Occur.SHOULD, self._row_of_words(field)))
                continue
            conjunction = self._conjunction()
            if conjunction is Kind.AND and clauses[-1].occur is Occur.SHOULD:
                clauses[-1] = Clause(Occur.MUST, clauses[-1].query)
            clause = self._clause(field)
            if conjunction is Kind.AND and clause.occur is Occur.SHOULD:
                clause = Clause(Occur.MUST, clause.query)
            clauses.append(clause)
        if len(clauses) == 1 and clauses[0].occur is Occur.SHOULD:
            return clauses[0].query
        return Group(tuple(clauses))

    def _first_clause(self, field: str | None) -> Clause:
        if self._stands_at_row():
            return Clause(Occur.SHOULD, self._row_of_words(field))
        return self._clause(field)

    def _conjunction(self) -> Kind | None:
        if self._next.kind not in (Kind.AND, Kind.OR):
            return None
        operator = self._take()
        if self._next.kind in (Kind.END, Kind.CLOSE):
            raise self._error(f"{operator.text} needs something on both sides", operator)
        return operator.kind

    def _clause(self, field: str | None) -> Clause:
        modifier = _MODIFIERS.get(self._next.kind)
        if modifier is None:
            return Clause(Occur.SHOULD, self._fielded(field))
        sign = self._take()
        if self._next.kind in (Kind.END, Kind.CLOSE):
            raise self._error(f"{sign.text} needs something after it", sign)
        return Clause(modifier, self._fielded(field))

    def _fielded(self, field: str | None) -> Query:
        if self._after(1) is Kind.COLON and self._next.kind in (Kind.TERM, Kind.STAR):
            name = self._take()
            colon = self._take()
            if self._next.kind in (Kind.END, Kind.CLOSE):
                raise self._error(f"the field {name.text} has no value", colon)
            field = self._decoded(name)
        if self._next.kind is Kind.OPEN:
            return self._group(field)
        return self._value(field)

    def _group(self, field: str | None) -> Query:
        opening = self._take()
        if self._next.kind is Kind.CLOSE:
            raise self._error("this group is empty", opening)
        query = self._level(field)
        if self._next.kind is Kind.END:
            raise self._error("the '(' that opens here is never closed", opening)
        self._take()
        self._refuse_score()
        return query

    def _value(self, field: str | None) -> Query:
        token = self._take()
        if token.kind in _BARE_VALUES:
            query = self._bare(field, token)
        elif token.kind is Kind.PHRASE:
            query = self._text_value(field, token, is_phrase=True)
        elif token.kind is Kind.RANGE_OPEN:
            query = self._interval(field, token)
        else:
            raise self._error(_misplaced(token), token)
        self._refuse_score()
        return query

    def _bare(self, field: str | None, token: Token) -> Query:
        span = self._span(token)
        if token.kind in (Kind.TERM, Kind.BARE_OPERATOR):
            return self._text_value(field, token, is_phrase=False)
        if field == _EXISTS:
            raise self._error("_exists_ takes a field name, not a pattern", token)
        match token.kind:
            case Kind.STAR:
                if field is None or field == _ALL_FIELDS:
                    return Everything(span)
                return Present(field, span)
            case Kind.REGEX:
                return RegularExpression(_asked(field), token.text[1:-1], span)
            case Kind.PREFIX:
                prefix = self._decoded(Token(Kind.TERM, token.text[:-1], token.start))
                return Pattern(_asked(field), (prefix, Wildcard.MANY), span)
            case _:
                return Pattern(_asked(field), pattern_parts(token.text), span)

    def _text_value(self, field: str | None, token: Token, *, is_phrase: bool) -> Query:
        text = self._decoded(token)
        span = self._span(token)
        if field == _EXISTS:
            return Present(text, span)
        if is_phrase:
            return Phrase(_asked(field), text, span)
        return _bare_text(_asked(field), text, span)

    def _stands_at_row(self) -> bool:
        return (
            self._next.kind is Kind.TERM
            and self._after(1) is Kind.TERM
            and self._after(2) not in _ENDS_ROW_OF_WORDS
        )

    def _row_of_words(self, field: str | None) -> Query:
        first = last = self._take()
        words = [self._decoded(first)]
        while self._next.kind is Kind.TERM and self._after(1) not in _ENDS_ROW_OF_WORDS:
            last = self._take()
            words.append(self._decoded(last))
        text = " ".join(words)
        span = span_of(self._text, first.start, last.end)
        if field == _EXISTS:
            return Present(text, span)
        return _bare_text(_asked(field), text, span)

    def _interval(self, field: str | None, opening: Token) -> Query:
        lower = self._end_of_range(opening)
        if self._take().kind is not Kind.RANGE_TO:
            raise self._error(_INCOMPLETE_RANGE, opening)
        upper = self._end_of_range(opening)
        closing = self._take()
        if closing.kind is not Kind.RANGE_CLOSE:
            raise self._error(_INCOMPLETE_RANGE, opening)
        if field == _EXISTS:
            raise self._error("_exists_ takes a field name, not a range", opening)
        return Interval(
            _asked(field),
            _end(lower, inclusive=opening.text == "["),
            _end(upper, inclusive=closing.text == "]"),
            span_of(self._text, opening.start, closing.end),
        )

    def _end_of_range(self, opening: Token) -> str:
        token = self._take()
        match token.kind:
            case Kind.RANGE_PHRASE | Kind.RANGE_END | Kind.RANGE_TO:
                return self._decoded(token)
            case _:
                raise self._error(_INCOMPLETE_RANGE, opening)

    def _refuse_score(self) -> None:
        token = self._next
        if token.kind is Kind.SLOP:
            before = self._tokens[self._position - 1]
            if before.kind is Kind.PHRASE:
                raise Unsupported(
                    f"proximity {before.text}{token.text}",
                    self._span(token),
                    "remove the ~ and write the words in their order",
                )
            if before.kind in _BARE_VALUES:
                raise Unsupported(
                    f"fuzzy term {before.text}{token.text}",
                    self._span(token),
                    "write the spellings that are meant",
                )
        if token.kind is Kind.BOOST and token.text != "^":
            raise Unsupported(
                f"boost {token.text}",
                self._span(token),
                "remove it: a boost changes the score, not what matches",
            )

    def _decoded(self, token: Token) -> str:
        quoted = token.kind in (Kind.PHRASE, Kind.RANGE_PHRASE)
        raw = token.text[1:-1] if quoted else token.text
        try:
            return unescaped(raw)
        except BadEscape as error:
            start = token.start + quoted + error.offset
            place = span_of(self._text, start, start + error.length)
            raise QuerySyntaxError(error.message, self._text, place) from error

    def _span(self, token: Token) -> Span:
        return span_of(self._text, token.start, token.end)

    def _error(self, message: str, token: Token) -> QuerySyntaxError:
        return QuerySyntaxError(message, self._text, self._span(token))


_INCOMPLETE_RANGE = "a range has the form [from TO to], with * for an open end"


def _asked(field: str | None) -> str | None:
    """Return the field that a leaf asks; `*` asks all of them."""
    return None if field == _ALL_FIELDS else field


def _end(text: str, *, inclusive: bool) -> End | None:
    """Return one end of a range; `*` is open, quoted or escaped as it may be."""
    return None if text == "*" else End(text, inclusive)


def _bare_text(field: str | None, text: str, span: Span) -> Query:
    """Return a term, or the range that a leading < or > makes of it, escaped or not (LUCENE-7)."""
    if len(text) < 2 or text[0] not in "<>":
        return Term(field, text, span)
    is_inclusive = len(text) > 2 and text[1] == "="
    end = _end(text[1 + is_inclusive :], inclusive=is_inclusive)
    if text[0] == ">":
        return Interval(field, end, None, span)
    return Interval(field, None, end, span)


def _misplaced(token: Token) -> str:
    """Say why a token cannot stand where a value is expected."""
    match token.kind:
        case Kind.MINUS | Kind.PLUS | Kind.NOT:
            return (
                f"{token.text!r} cannot start a value; quote the value,"
                " or put the sign before the field"
            )
        case Kind.AND | Kind.OR:
            return f"{token.text} needs something on both sides; quote it if it is a value"
        case Kind.CLOSE:
            return "this ')' closes no group"
        case Kind.COLON:
            return r"a ':' follows a field name; write \: if it is part of a value"
        case Kind.BOOST | Kind.SLOP:
            return f"{token.text[0]!r} follows no value; write \\{token.text[0]} if it is meant literally"
        case _:
            return f"expected a value, not {token.kind.value}"
