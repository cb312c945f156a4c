"""Walks over the tokens of a query; both parsers stand on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from converter.diagnostic import Span
from converter.errors import QuerySyntaxError, Unsupported

from .syntax import Column
from .tokens import Kind, Scanner, Token

RESERVED = frozenset(
    {
        *("and", "asc", "by", "desc", "false", "first", "in", "is", "last", "like", "not"),
        *("null", "nulls", "or", "rlike", "true", "where"),
    }
)
"""Words that no unquoted name of a column may be (ESQL-1)."""

DEEPEST = 40
"""Levels of brackets, calls and signs in one expression."""
LONGEST = 100
"""Operands of one calculation."""


class Cursor:
    """A place in the text and the token that stands there."""

    def __init__(self, text: str) -> None:
        self._scanner = Scanner(text)
        self._next = self._scanner.token(0)
        self._end = 0
        self._depth = 0

    def check_length(self, operands: int) -> None:
        """Refuse a calculation with too many operands; each nests one level deeper."""
        if operands > LONGEST:
            raise self.unsupported(
                f"a calculation of more than {LONGEST} operands", self._next, "use EVAL for parts"
            )

    @contextmanager
    def level(self) -> Iterator[None]:
        """Enter one level of nesting; refuse the one that is too deep (ESQL-4)."""
        if self._depth == DEEPEST:
            raise self.unsupported(
                f"more than {DEEPEST} levels of nesting", self._next, "write it flatter"
            )
        self._depth += 1
        yield
        self._depth -= 1

    @property
    def next(self) -> Token:
        """The token that is not taken yet."""
        return self._next

    @property
    def end(self) -> int:
        """Where the last taken token ends."""
        return self._end

    @property
    def text(self) -> str:
        """The whole text."""
        return self._scanner.text

    def take(self) -> Token:
        """Take a token."""
        taken = self._next
        self._end = taken.end
        self._next = self._scanner.token(taken.end)
        return taken

    def take_source(self) -> Token:
        """Take an index pattern, which starts where the next token starts."""
        taken = self._scanner.source(self._end)
        self._end = taken.end
        self._next = self._scanner.token(taken.end)
        return taken

    def is_sign(self, *signs: str) -> bool:
        """Say whether one of these signs comes next."""
        return self._next.kind is Kind.SIGN and self._next.value in signs

    def is_word(self, *words: str) -> bool:
        """Say whether one of these keywords comes next."""
        return self._next.kind is Kind.WORD and self._next.value.lower() in words

    def take_sign(self, sign: str) -> bool:
        """Take the sign if it comes next."""
        if self.is_sign(sign):
            self.take()
            return True
        return False

    def take_word(self, *words: str) -> str | None:
        """Take a keyword if one of these comes next, and return it in lower case."""
        return self.take().value.lower() if self.is_word(*words) else None

    def expect_sign(self, sign: str, purpose: str) -> Token:
        """Take a sign or raise."""
        if not self.is_sign(sign):
            raise self.error(f"expected {sign!r} {purpose}, not {self.found()}")
        return self.take()

    def expect_word(self, word: str) -> Token:
        """Take a keyword or raise."""
        if not self.is_word(word):
            raise self.error(f"expected {word.upper()}, not {self.found()}")
        return self.take()

    def after(self, token: Token) -> int:
        """Return where the token that follows this one starts."""
        return self._scanner.skip(token.end)

    def found(self) -> str:
        """Name the next token for a message."""
        if self._next.kind is Kind.END:
            return Kind.END.value
        if self.is_sign("="):
            return "'=', which defines a column (compare with '==')"
        return repr(self._scanner.text[self._next.start : self._next.end])

    def span_from(self, start: int) -> Span:
        """Return the place from an offset to the end of the last taken token."""
        return self._scanner.span(start, self._end)

    def token_span(self, token: Token) -> Span:
        """Return the place of a token."""
        return self._scanner.span(token.start, token.end)

    def error(self, message: str, token: Token | None = None) -> QuerySyntaxError:
        """Return an error at a token, the next one by default."""
        place = token or self._next
        return self._scanner.error(message, place.start, max(place.end, place.start + 1))

    def unsupported(self, construct: str, token: Token, hint: str) -> Unsupported:
        """Return a refusal at a token."""
        return Unsupported(construct, self.token_span(token), hint)

    def column(self, also_reserved: frozenset[str] = frozenset()) -> Column:
        """Parse the name of a column."""
        start = self._next.start
        parts = [self._name_part(also_reserved)]
        while self.take_sign("."):
            parts.append(self._name_part(also_reserved))
        return Column(".".join(parts), self.span_from(start))

    def _name_part(self, also_reserved: frozenset[str]) -> str:
        token = self._next
        if token.kind is Kind.QUOTED_NAME:
            return self.take().value
        if token.kind is not Kind.WORD:
            raise self.error(f"expected the name of a column, not {self.found()}")
        if token.value.lower() in RESERVED | also_reserved:
            raise self.error(
                f"{token.value} is a keyword; put it in backquotes if it is a column", token
            )
        return self.take().value
