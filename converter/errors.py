"""Errors of the converter.

ConversionError            anything that stops a conversion; has a one-line message
+-- InputError             the user's file cannot be read or is not valid
|   +-- QuerySyntaxError   a query text does not parse; has a span and the text
+-- Unsupported            valid input that a language, target or mapping cannot express
"""

from __future__ import annotations

from .diagnostic import Span


class ConversionError(Exception):
    """Stop a conversion; `str()` is one line in the user's words."""


class InputError(ConversionError):
    """Report a file that cannot be read or is not valid.

    The message has the form `file:line: what; what to do`.
    """


class QuerySyntaxError(InputError):
    """Report query text that does not parse."""

    def __init__(self, message: str, text: str, span: Span) -> None:
        super().__init__(f"line {span.line}, column {span.column}: {message}")
        self.message = message
        self.text = text
        self.span = span

    def excerpt(self) -> str:
        """Return the line of the error and a caret under its column."""
        lines = self.text.split("\n")
        line = lines[self.span.line - 1] if self.span.line <= len(lines) else ""
        return f"{line}\n{' ' * (self.span.column - 1)}^"


class Unsupported(ConversionError):
    """Refuse a construct that is valid but cannot be expressed or executed."""

    def __init__(self, construct: str, span: Span | None = None, hint: str = "") -> None:
        super().__init__(f"{construct}; {hint}" if hint else construct)
        self.construct = construct
        self.span = span
        self.hint = hint
