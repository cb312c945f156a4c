"""Literals of Lucene's query_string (`converter/languages/lucene/SEMANTICS.md`)."""

from __future__ import annotations

import re

from sigma.sigmaproof.elastic.comparison import Part, Wildcard
from sigma.sigmaproof.elastic.expression import MAXIMUM_LENGTH
from sigma.sigmaproof.elastic.refusal import refusal

_SPECIAL = re.compile(r"""[ \u3000+\-=&|<>!(){}\[\]^"~*?:\\/]""")
_CONTROL = re.compile(r"[\x00-\x1f]")


def quoted(text: str) -> str:
    r"""Write text that is compared as it is; `\uXXXX` keeps control characters on the line."""
    escaped = re.sub(r'["\\]', r"\\\g<0>", text)
    return '"' + _CONTROL.sub(lambda found: f"\\u{ord(found.group()):04x}", escaped) + '"'


def field_name(name: str) -> str:
    """Write a field name; a `*` in it would stand for other fields."""
    if "*" in name or _CONTROL.search(name):
        raise refusal(f"the field name {name!r}", "Lucene reads it as a pattern; name the field")
    if name in ("AND", "OR", "NOT"):
        return "\\" + name
    return _SPECIAL.sub(r"\\\g<0>", name)


def pattern(field: str, parts: tuple[Part, ...]) -> str:
    """Write a pattern with its wildcards."""
    if any(isinstance(part, str) and _CONTROL.search(part) for part in parts):
        raise refusal(
            f"field {field}: a control character in a pattern",
            "Lucene has no escape for it there; compare the whole text",
        )
    return "".join(
        part.value if isinstance(part, Wildcard) else _SPECIAL.sub(r"\\\g<0>", part)
        for part in parts
    )


def delimited(field: str, expression: str) -> str:
    """Write a regular expression between slashes."""
    if len(expression) > MAXIMUM_LENGTH:
        raise refusal(
            f"field {field}: a regular expression of {len(expression)} characters",
            f"an index takes {MAXIMUM_LENGTH}; split the value",
        )
    if _CONTROL.search(expression):
        raise refusal(
            f"field {field}: a regular expression that minds line breaks (`.`, \\s, \\n)",
            "Lucene has no escape for them; use the flag s if values have one line",
        )
    if expression.endswith("\\\\"):
        # The lexer would take a backslash and the closing slash together as an escaped slash.
        expression = expression[:-2] + "[\\\\]"
    return "/" + expression.replace("/", "\\/") + "/"
