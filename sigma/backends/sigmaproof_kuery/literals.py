"""Literals of Kibana's query language (`converter/languages/kuery/SEMANTICS.md`)."""

from __future__ import annotations

import re

from sigma.sigmaproof.elastic.comparison import Part, Wildcard
from sigma.sigmaproof.elastic.refusal import refusal

_PLAIN_FIELD = re.compile(r"[A-Za-z_@][A-Za-z0-9_@.-]*")
_WORDS = frozenset({"and", "or", "not", "true", "false", "null"})
_CONTROLS = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}
_SPECIAL = re.compile(r'[\\():<>"*{}]')
_SPACE = "[ \u00a0]"
_CONNECTIVE = re.compile(rf"(?i)(^|{_SPACE})(?=(?:or|and)(?:{_SPACE}|$))")
_NEGATION = re.compile(rf"(?i)n(?=ot(?:{_SPACE}|$))")


def quoted(text: str) -> str:
    """Write text that is compared as it is; only a backslash, a quote and line breaks need escapes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_with_controls(escaped)}"'


def field_name(name: str) -> str:
    """Write a field name."""
    is_plain = _PLAIN_FIELD.fullmatch(name) and name.lower() not in _WORDS
    return name if is_plain else quoted(name)


def pattern(field: str, parts: tuple[Part, ...]) -> str:
    """Write a pattern, which must stay unquoted; refuses what the language has no spelling for."""
    if Wildcard.ONE in parts:
        raise refusal(
            f"field {field}: the wildcard ? for one character", "Kibana's language has only *"
        )
    first, last = parts[0], parts[-1]
    if (isinstance(first, str) and _is_trimmed(first[0])) or (
        isinstance(last, str) and _is_trimmed(last[-1])
    ):
        raise refusal(
            f"field {field}: a pattern with white space at its end",
            "Kibana trims it; put a wildcard around it",
        )
    return _guarded("".join(map(_piece, parts)))


def _is_trimmed(character: str) -> bool:
    return character.isspace() or character == "\ufeff"


def _piece(part: Part) -> str:
    if isinstance(part, Wildcard):
        return part.value
    return _with_controls(_SPECIAL.sub(r"\\\g<0>", part))


def _with_controls(text: str) -> str:
    for control, escape in _CONTROLS.items():
        text = text.replace(control, escape)
    return text


def _guarded(text: str) -> str:
    r"""Escape words that would be read as operators; `\not` is a line break and `ot` to Kibana."""
    negated = _NEGATION.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
    return _CONNECTIVE.sub(r"\1\\", negated)
