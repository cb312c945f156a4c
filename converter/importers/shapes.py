r"""Texts with wildcards, and how Sigma spells them.

pySigma reads `\*`, `\?` and `\\` as the characters themselves and leaves any other backslash alone, so
a backslash is doubled only where it would be read otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from converter.ir import Wildcard

Part = str | Wildcard
Affix = Literal["", "startswith", "endswith", "contains"]


@dataclass(frozen=True, slots=True)
class Shape:
    """A text as its pieces: never two texts in a row, no empty text."""

    parts: tuple[Part, ...]

    @property
    def has_letters(self) -> bool:
        """Say whether case can matter."""
        return any(part.lower() != part.upper() for part in self.parts if isinstance(part, str))

    @property
    def is_any(self) -> bool:
        """Say whether every text has this shape."""
        return bool(self.parts) and all(part is Wildcard.MANY for part in self.parts)


def shape_of(parts: Iterable[Part]) -> Shape:
    """Build a shape, joining texts and dropping empty ones."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, str) and isinstance(last, str):
            joined[-1] = last + part
        elif part != "" and not (part is Wildcard.MANY and last is Wildcard.MANY):
            joined.append(part)
    return Shape(tuple(joined))


def common_affix(shapes: Iterable[Shape]) -> Affix:
    """Return the one modifier that says where the wildcards of all shapes are, or none."""
    affixes = {_affix(shape) for shape in shapes}
    return affixes.pop() if len(affixes) == 1 else ""


def sigma_text(shape: Shape, affix: Affix = "") -> str:
    """Spell a shape for Sigma, without the wildcards that the modifier stands for."""
    parts = shape.parts
    if affix in ("endswith", "contains"):
        parts = parts[1:]
    if affix in ("startswith", "contains"):
        parts = parts[:-1]
    return "".join(
        _escaped(part, parts[place + 1 :]) if isinstance(part, str) else part.value
        for place, part in enumerate(parts)
    )


def _affix(shape: Shape) -> Affix:
    many = Wildcard.MANY
    match shape.parts:
        case (str(), last) if last is many:
            return "startswith"
        case (first, str()) if first is many:
            return "endswith"
        case (first, str(), last) if first is many and last is many:
            return "contains"
        case _:
            return ""


def _escaped(text: str, following: tuple[Part, ...]) -> str:
    written = []
    for place, character in enumerate(text):
        if character in "*?":
            written.append("\\" + character)
        elif character == "\\" and _needs_escape(text, place, following):
            written.append("\\\\")
        else:
            written.append(character)
    return "".join(written)


def _needs_escape(text: str, place: int, following: tuple[Part, ...]) -> bool:
    """Say whether a single backslash here would be read as the start or end of an escape."""
    if place + 1 == len(text):
        before = text[place - 1 : place] == "\\"
        return bool(following) or before
    return text[place + 1] in "\\*?" or text[place - 1 : place] == "\\"
