"""Places in a text: spans and brackets."""

from __future__ import annotations

import re

from converter.diagnostic import Span

# Quoted literals and escapes are passed over, so that only brackets of the syntax are seen.
_BRACKET = re.compile(r'"(?:\\.|[^"\\])*"|\\.|([({])|([)}])', re.DOTALL)


def span_at(text: str, start: int, end: int) -> Span:
    """Return the span of a part of the text."""
    line_start = text.rfind("\n", 0, start) + 1
    return Span(start, end, text.count("\n", 0, start) + 1, start - line_start + 1)


def open_brackets(text: str, end: int) -> list[int]:
    """Return where the brackets stand that are open before `end`, outermost first."""
    opened: list[int] = []
    for match in _BRACKET.finditer(text, 0, end):
        if match.group(1):
            opened.append(match.start())
        elif match.group(2) and opened:
            opened.pop()
    return opened


def too_deep(text: str, deepest: int) -> int | None:
    """Return where the first bracket stands that is nested deeper than allowed."""
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += bool(match.group(1)) - bool(match.group(2))
        if depth > deepest:
            return match.start()
    return None
