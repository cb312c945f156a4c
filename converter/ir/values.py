"""Scalar values and truth, shared by every language."""

from __future__ import annotations

from enum import Enum
from math import isfinite

Value = str | bool | int | float
"""One scalar as JSON has it; instants stay text or epoch milliseconds until an atom views them."""

Truth = bool | None
"""Kleene's three values; None is unknown. A filter keeps True only."""


class Case(Enum):
    """How letters compare."""

    EXACT = "exact"
    ASCII = "ascii"
    """A-Z fold to a-z, every other character compares exactly."""
    UNICODE = "unicode"
    """Unicode simple case folding, one character to one."""
    LOWER = "lower"
    """Unicode simple lower-casing, one character to one (Elasticsearch's normalizer `lowercase`)."""


def fold(text: str, case: Case) -> str:
    """Fold text so that two texts are equal under the case rule iff their folds are equal."""
    match case:
        case Case.EXACT:
            return text
        case Case.ASCII:
            return text.translate(_ASCII_FOLD)
        case Case.UNICODE:
            return "".join(_simple_fold(character) for character in text)
        case Case.LOWER:
            return "".join(_simple_lower(character) for character in text)


_ASCII_FOLD = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _simple_fold(character: str) -> str:
    folded = character.casefold()
    return folded if len(folded) == 1 else character


def _simple_lower(character: str) -> str:
    # Only U+0130 has a longer full mapping, whose first character is the simple one.
    return character.lower()[0]


def canonical_number(number: float) -> str:
    """Write a number the one way that Elasticsearch indexes it in a keyword field."""
    if isinstance(number, float) and number.is_integer() and abs(number) < 1e15:
        return f"{number:.1f}"
    return str(number)


def parse_number(text: str) -> int | float | None:
    """Read decimal text as a number; None where it is none."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
