"""Says which values ask for white space, which no word has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sigma.types import SigmaRegularExpression, SigmaString, SigmaType

_ITEM = re.compile(
    r"\\x\{[0-9A-Fa-f]*\}|\\x..|\\[pP]\{[^}]*\}|\\.|\[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*\]"
    r"|\(\?[imsU-]+\)|\(\?(?:[imsU-]*:|P?<\w+>)|\{\d*,?\d*\}|.",
    re.DOTALL,
)
_BLANK = re.compile(r"\s|\\[stnrfv ]|\\x(?:20|09|0[aAdD])|\[(?:[ \t\n]|\\[stnrfv ])+\]")
_MAY_BE_NONE = re.compile(r"[*?]|\{(?:,|0[,}])")
"""The start of a repetition that nothing satisfies, too."""


def asks_for_blank(value: SigmaType) -> bool:
    """Say whether every text that satisfies a value has white space."""
    match value:
        case SigmaString():
            return any(isinstance(part, str) and re.search(r"\s", part) for part in value.s)
        case SigmaRegularExpression():
            return _pattern_asks(value.regexp.to_plain_regex())
        case _:
            return False


def _pattern_asks(pattern: str) -> bool:
    """Walk through the alternatives of all groups; each of them must ask for it."""
    groups = [[False]]
    for item, needs_one in _items(pattern):
        alternatives = groups[-1]
        if item == "|":
            alternatives.append(False)
        elif item.startswith("(") and item[-1] != ")":
            groups.append([False])
        elif item == ")" and len(groups) > 1:
            asks = all(groups.pop()) and needs_one
            groups[-1][-1] = groups[-1][-1] or asks
        elif needs_one and _BLANK.fullmatch(item):
            alternatives[-1] = True
    return all(groups[0])


def _items(pattern: str) -> Iterator[tuple[str, bool]]:
    """Yield each item of a pattern, and whether what follows it asks for one at least."""
    items = _ITEM.findall(pattern)
    for item, following in zip(items, [*items[1:], ""], strict=True):
        yield item, _MAY_BE_NONE.match(following) is None
