"""Word boundaries of a regular expression, whose meaning outside of ASCII differs between versions of Kusto.

A boundary whose two sides are known is written by what stands there, which only ASCII decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

BOUNDARIES = frozenset({r"\b", r"\B"})
_OTHER = "[^0-9A-Za-z_]"
_WORD_CLASSES = frozenset({"[0-9]", "[0-9A-Za-z_]"})
_OTHER_CLASSES = frozenset({_OTHER, r"[\t\n\f\r ]", r"\t", r"\n", r"\r", r"\f", r"\v", r"\a"})
_OPERATORS = frozenset(".^$*+?()[]{}|\\")
_MAY_BE_NONE = ("*", "?", "{")


def written_boundaries(items: Sequence[str], flags: str) -> list[str]:
    """Replace each word boundary that can be written without it; the others stay."""
    is_by_line = "m" in flags or any(_sets_lines(item) for item in items)
    return [
        item if item != r"\b" or is_by_line else _boundary(items, place)
        for place, item in enumerate(items)
    ]


def _sets_lines(item: str) -> bool:
    return item.startswith("(?") and "m" in item and "<" not in item


def _boundary(items: Sequence[str], place: int) -> str:
    before, after = _before(items, place), _after(items, place + 1)
    is_first = all(item.startswith("(?") and item.endswith(")") for item in items[:place])
    if before == "start" or is_first:
        if after != "word":
            return items[place]
        return f"(?:^|{_OTHER})" if is_first else ""
    if place == len(items) - 1:
        return f"(?:{_OTHER}|$)" if before == "word" else items[place]
    return "" if {before, after} in ({"word", "other"}, {"word", "end"}) else items[place]


def _before(items: Sequence[str], end: int) -> str:
    """Return what stands before a place, in every case: `word`, `other` or `start`; empty where that varies."""
    place = end - 1
    if place >= 1 and items[place] == "+":
        place -= 1
    if place < 0:
        return ""
    if items[place] != ")":
        return "start" if items[place] == "^" else _kind(items[place])
    opening = _opening(items, place)
    bars = [opening, *_bars(items, opening, place), place]
    kinds = {_before(items, bar) if bar - left > 1 else "" for left, bar in pairwise(bars)}
    return kinds.pop() if len(kinds) == 1 else ""


def _after(items: Sequence[str], place: int) -> str:
    """Return what stands at a place, in every case: `word`, `other` or `end`; empty where that varies."""
    if place >= len(items):
        return ""
    item = items[place]
    if item == "$":
        return "end"
    if not _opens(item):
        following = items[place + 1 : place + 2]
        return "" if following and following[0].startswith(_MAY_BE_NONE) else _kind(item)
    closing = _closing(items, place)
    following = items[closing + 1 : closing + 2]
    if following and following[0].startswith(_MAY_BE_NONE):
        return ""
    bars = [place, *_bars(items, place, closing), closing]
    kinds = {_after(items, bar + 1) if right - bar > 1 else "" for bar, right in pairwise(bars)}
    return kinds.pop() if len(kinds) == 1 else ""


def _kind(item: str) -> str:
    if item in _WORD_CLASSES or (
        len(item) == 1 and item.isascii() and (item.isalnum() or item == "_")
    ):
        return "word"
    is_escaped = len(item) == 2 and item[0] == "\\" and item.isascii() and not item[1].isalnum()
    is_plain = len(item) == 1 and item.isascii() and item not in _OPERATORS
    return "other" if item in _OTHER_CLASSES or is_escaped or is_plain else ""


def _opens(item: str) -> bool:
    return item.startswith("(") and not item.endswith(")")


def _closing(items: Sequence[str], opening: int) -> int:
    depth = 0
    for place in range(opening, len(items)):
        depth += _opens(items[place]) - (items[place] == ")")
        if depth == 0:
            return place
    return len(items)


def _opening(items: Sequence[str], closing: int) -> int:
    return next(
        place
        for place in range(closing)
        if _opens(items[place]) and _closing(items, place) == closing
    )


def _bars(items: Sequence[str], opening: int, closing: int) -> list[int]:
    """Return where the alternatives of a group, not of one inside of it, are told apart."""
    depth = 0
    found = []
    for place in range(opening + 1, closing):
        depth += _opens(items[place]) - (items[place] == ")")
        if items[place] == "|" and depth == 0:
            found.append(place)
    return found
