"""Walks over the tokens of a query."""

from __future__ import annotations

from converter.diagnostic import Span
from converter.errors import QuerySyntaxError

from .tokens import KEYWORDS, Kind, Token, span_of, tokens_of


class Cursor:
    """A place in the text and the token that stands there."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens_of(text)
        self._position = 0
        self._end = 0

    @property
    def next(self) -> Token:
        """The token that is not taken yet."""
        return self._tokens[self._position]

    def after(self, count: int) -> Token:
        """Return the token that stands `count` places behind the next one."""
        return self._tokens[min(self._position + count, len(self._tokens) - 1)]

    def is_sign_after(self, count: int, sign: str) -> bool:
        """Say whether the sign stands `count` places behind the next token."""
        token = self.after(count)
        return token.kind is Kind.SIGN and token.value == sign

    def take(self) -> Token:
        """Take a token; the end stays."""
        token = self.next
        if token.kind is not Kind.END:
            self._position += 1
            self._end = token.end
        return token

    def is_sign(self, *signs: str) -> bool:
        """Say whether one of these signs comes next."""
        return self.next.kind is Kind.SIGN and self.next.value in signs

    def is_keyword(self, *words: str) -> bool:
        """Say whether one of these keywords comes next."""
        return self.next.kind is Kind.KEYWORD and self.next.value in words

    def take_sign(self, sign: str) -> bool:
        """Take the sign if it comes next."""
        if self.is_sign(sign):
            self.take()
            return True
        return False

    def take_keyword(self, word: str) -> bool:
        """Take the keyword if it comes next."""
        if self.is_keyword(word):
            self.take()
            return True
        return False

    def expect_sign(self, sign: str, purpose: str) -> None:
        """Take a sign or raise."""
        if not self.take_sign(sign):
            raise self.error(f"expected {sign!r} {purpose}, not {self.found()}")

    def found(self) -> str:
        """Name the next token for a message."""
        token = self.next
        if token.kind is Kind.END:
            return Kind.END.value
        written = self._text[token.start : token.end]
        if token.kind is Kind.WORD and written.lower() in KEYWORDS:
            return f"{written!r} (keywords are in lower case: {written.lower()})"
        return repr(written)

    def span_from(self, start: int) -> Span:
        """Return the place from an offset to the end of the last taken token."""
        return span_of(self._text, start, self._end)

    def span_of(self, token: Token) -> Span:
        """Return the place of a token."""
        return span_of(self._text, token.start, token.end)

    def error(self, message: str) -> QuerySyntaxError:
        """Return an error at the next token."""
        token = self.next
        place = span_of(self._text, token.start, max(token.end, token.start + 1))
        return QuerySyntaxError(message, self._text, place)
