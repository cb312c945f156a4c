"""Literals of Lucene's query_string (`converter/languages/lucene/SEMANTICS.md`)."""

from __future__ import annotations

import re

from sigma.sigmaproof.elastic.comparison import Part, Wildcard
from sigma.sigmaproof.elastic.expression import MAXIMUM_LENGTH
from sigma.sigmaproof.elastic.refusal import refusal

_SPECIAL = re.compile(r"""[ \u3000+\-=&|<>!(){}\[\]^"~*?:\\/]""")
_CONTROL = re.compile(r"[\x00-\x1f]")
_ESCAPED_IN_PATTERN = re.compile(rf"{_SPECIAL.pattern}|{_CONTROL.pattern}")


def quoted(text: str) -> str:
    r"""Write text that is compared as it is; `\uXXXX` keeps control characters on the line."""
    escaped = re.sub(r'["\\]', r"\\\g<0>", text)
    return f'"{_on_the_line(escaped)}"'


def field_name(name: str) -> str:
    """Write a field name; a `*` in it would stand for other fields."""
    if "*" in name:
        raise refusal(f"the field name {name!r}", "Lucene reads it as a pattern; name the field")
    if name in ("AND", "OR", "NOT"):
        return "\\" + name
    return _on_the_line(_SPECIAL.sub(r"\\\g<0>", name))


def _on_the_line(text: str) -> str:
    return _CONTROL.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def holds_controls(text: str) -> bool:
    """Say whether a written text holds control characters, for which patterns have no escape."""
    return _CONTROL.search(text) is not None


def pattern(parts: tuple[Part, ...]) -> str:
    """Write a pattern with its wildcards; control characters stand in it as they are (LUCENE-6)."""
    return "".join(
        part.value if isinstance(part, Wildcard) else _ESCAPED_IN_PATTERN.sub(r"\\\g<0>", part)
        for part in parts
    )


def delimited(field: str, expression: str) -> str:
    """Write a regular expression between slashes; control characters stand in it as they are (LUCENE-14)."""
    if len(expression) > MAXIMUM_LENGTH:
        raise refusal(
            f"field {field}: a regular expression of {len(expression)} characters",
            f"an index takes {MAXIMUM_LENGTH}; split the value",
        )
    if expression.endswith("\\\\"):
        # The lexer would take a backslash and the closing slash together as an escaped slash.
        expression = expression[:-2] + "[\\\\]"
    return "/" + expression.replace("/", "\\/") + "/"
