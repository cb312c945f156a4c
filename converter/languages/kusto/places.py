"""Finds where in the text an expression of the lowered tree stands.

The tree has no positions, but it is walked in the order of the text, so that the next token of that
spelling is the one.
"""

from __future__ import annotations

from converter.diagnostic import Span

from .tokens import Token, TokenKind, significant


class Places:
    """Hands out the tokens of a text in order; never goes back."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = significant(text)
        self._next = 0

    def find(self, spelling: str) -> Span:
        """Return the next place of a name, operator or function, and go behind it.

        A spelling that does not come any more gives the place that was reached.
        """
        words = spelling.split()
        for place in range(self._next, len(self._tokens)):
            if self._stands_at(words, place):
                self._next = place + len(words)
                return self._span(self._tokens[place], self._tokens[self._next - 1])
        return self.here()

    def here(self) -> Span:
        """Return the place of the token that was found last."""
        if not self._tokens:
            return self._span_of(0, 0)
        last = self._tokens[max(self._next - 1, 0)]
        return self._span(last, last)

    def _stands_at(self, words: list[str], place: int) -> bool:
        found = self._tokens[place : place + len(words)]
        return len(found) == len(words) and all(map(_is, found, words))

    def _span(self, first: Token, last: Token) -> Span:
        return self._span_of(first.start, last.end)

    def _span_of(self, start: int, end: int) -> Span:
        return span_of(self._text, start, end)


def span_of(text: str, start: int, end: int) -> Span:
    """Return the place between two offsets."""
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    return Span(start, end, line, column)


def _is(token: Token, spelling: str) -> bool:
    if token.kind is TokenKind.STRING:
        return token.text[1:-1] == spelling
    return token.text == spelling
