"""The text of a scalar, as vendors write it where a value has no type of its own."""

from __future__ import annotations

from converter.ir.values import canonical_number


def text_of(value: object) -> str:
    """Return the text of one value: numbers canonically, nothing for null."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int() | float():
            return canonical_number(value)
        case _:
            return str(value)
