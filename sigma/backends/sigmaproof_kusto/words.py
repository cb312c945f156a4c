"""Patterns of words, looked for in JSON text instead of in a text that writes the same as `key=value`."""

from __future__ import annotations

import re

from .expression import Expression
from .pattern import MANY, Part, escaped
from .strings import regex_test, string_test

_WORDS = re.compile(r"[A-Za-z0-9_./@+-]+")
_PAIR = re.compile(rf"{_WORDS.pattern}(?:={_WORDS.pattern})*=?")
# An equals sign in front is left out: in JSON its quote may be one inside of a text.
_EQUALS = r'(?:"\s*:\s*"?|=)'
"""What stands between a key and its value in JSON; an equals sign within a value stays one."""


def word_test(json_text: str, parts: tuple[Part, ...], cased: bool) -> Expression | None:
    """Look for words anywhere in JSON text; None for a pattern that says more than words.

    Words have no character that the two texts write differently, so that both have the same ones, in the
    same order.
    """
    if len(parts) < 3 or parts[0] is not MANY or parts[-1] is not MANY:
        return None
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) * 2 + 1 != len(parts) or any(part is not MANY for part in parts[::2]):
        return None
    if all(_WORDS.fullmatch(text) for text in texts):
        return string_test(json_text, parts, cased)
    if not all(_PAIR.fullmatch(text) for text in texts):
        return None
    found = ".*".join(_EQUALS.join(map(escaped, text.split("="))) for text in texts)
    return regex_test(json_text, f"(?{'s' if cased else 'is'}){found}")
