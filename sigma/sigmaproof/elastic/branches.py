"""Takes the alternatives of a regular expression apart, until every anchor stands at an end of one.

Lucene has no anchors: an alternative of the whole expression is padded where it has none. A group at the
start or the end that holds one is therefore multiplied out, `(^|/)a` is `^a|/a`.
"""

from __future__ import annotations

import re

Items = list[str]
"""The tokens of an expression."""

_REPEAT = re.compile(r"[*+?{]")


def branches_of(items: Items) -> list[Items]:
    """Return the alternatives of a whole expression."""
    return [branch for part in _top(items) for branch in _multiplied(part)]


def _multiplied(items: Items) -> list[Items]:
    """Multiply a group out that stands at the start and holds `^`, or at the end and holds `$`."""
    end = _close(items) if items and _opens(items[0]) else 0
    if (
        end
        and not _is_repeated(items, end)
        and any(one[:1] == ["^"] for one in _inner(items[:end]))
    ):
        rest = items[end:]
        return [branch for one in _top(items[1 : end - 1]) for branch in _multiplied(one + rest)]
    start = _open(items) if items and items[-1] == ")" else len(items)
    if start < len(items) and any(one[-1:] == ["$"] for one in _inner(items[start:])):
        before = items[:start]
        return [
            branch for one in _top(items[start + 1 : -1]) for branch in _multiplied(before + one)
        ]
    return [items]


def _inner(group: Items) -> list[Items]:
    """Return the alternatives of a group, and of the groups that are one whole alternative."""
    found: list[Items] = []
    for one in _top(group[1:-1]):
        found.append(one)
        if one and _opens(one[0]):
            found += _inner(one[: _close(one)])
        if one and one[-1] == ")":
            found += _inner(one[_open(one) :])
    return found


def _opens(item: str) -> bool:
    """Say whether an item opens a plain group."""
    return item in ("(", "(?:") or item.startswith(("(?P<", "(?<")) and item.endswith(">")


def _is_repeated(items: Items, end: int) -> bool:
    return end < len(items) and _REPEAT.match(items[end]) is not None


def _close(items: Items) -> int:
    """Return where the group that opens at the start ends; 0 if it does not."""
    depth = 0
    for place, item in enumerate(items):
        depth += item.startswith("(") - (item == ")")
        if depth == 0:
            return place + 1
    return 0


def _open(items: Items) -> int:
    """Return where the group that closes at the end starts; the end if it is no plain group."""
    depth = 0
    for place in reversed(range(len(items))):
        depth += (items[place] == ")") - items[place].startswith("(")
        if depth == 0:
            return place if _opens(items[place]) else len(items)
    return len(items)


def _top(items: Items) -> list[Items]:
    """Split at the alternations outside every group."""
    branches: list[Items] = [[]]
    depth = 0
    for item in items:
        depth += item.startswith("(") - (item == ")")
        if item == "|" and depth == 0:
            branches.append([])
        else:
            branches[-1].append(item)
    return branches
