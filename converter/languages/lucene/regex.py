r"""Rewrites what only Lucene's regular expressions have into what the dialect's common part has.

Expanded: quoted parts, `@`, numeric intervals, `\d \w \s` (LUCENE-14). A complement is taken
off a whole expression. Refused: intersection, the empty language, a complement inside, named automata.
"""

from __future__ import annotations

import re

from converter.diagnostic import Span
from converter.errors import Unsupported

_ITEM = re.compile(
    r"""\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|"[^"]*"|<[^>]*>|.""",
    re.DOTALL,
)
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": " \t\n\r"}
_LARGEST_INTERVAL = 1000


def plain_pattern(pattern: str, span: Span) -> tuple[str, bool]:
    """Return the pattern without Lucene's own operators, and whether its complement is meant."""
    is_complement = False
    while pattern.startswith("~") and _is_one_item(pattern[1:]):
        is_complement = not is_complement
        pattern = pattern[1:]
    return "".join(_plain(item, pattern, span) for item in _ITEM.findall(pattern)), is_complement


def _is_one_item(pattern: str) -> bool:
    """Say whether the pattern is one group or one character, so that `~` takes in all of it."""
    items = _ITEM.findall(pattern.lstrip("~"))
    depth = 0
    for index, item in enumerate(items):
        depth += (item == "(") - (item == ")")
        if depth == 0:
            return index == len(items) - 1
    return False


def _plain(item: str, pattern: str, span: Span) -> str:
    if item == "@":
        return ".*"
    if item in ("#", "&", "~", '"', "<"):
        raise _refused(item, pattern, span)
    if item == ">":
        return r"\>"  # an operator only behind a "<"
    if len(item) > 1:
        match item[0]:
            case '"':
                return re.sub(r"[^\w]", r"\\\g<0>", item[1:-1])
            case "<":
                return _interval(item, pattern, span)
            case "[":
                return _expanded_class(item, pattern, span)
            case "\\" if item[1].lower() in _CLASSES:
                negation = "^" if item[1].isupper() else ""
                return f"[{negation}{_CLASSES[item[1].lower()]}]"
    return item


def _expanded_class(item: str, pattern: str, span: Span) -> str:
    for escape in re.findall(r"\\.", item, re.DOTALL):
        if escape[1] in "DWS":
            raise _refused(f"{escape} inside a character class", pattern, span)
        if escape[1] in _CLASSES:
            item = item.replace(escape, _CLASSES[escape[1]])
    return item


def _interval(item: str, pattern: str, span: Span) -> str:
    found = re.fullmatch(r"<([0-9]+)-([0-9]+)>", item)
    if found is None:
        raise _refused(item, pattern, span)
    low, high = sorted((int(found[1]), int(found[2])))
    if high - low > _LARGEST_INTERVAL:
        raise _refused(f"{item} with more than {_LARGEST_INTERVAL} numbers", pattern, span)
    # Ends of one length fix the width; otherwise any leading zeros are read over.
    width = len(found[1]) if len(found[1]) == len(found[2]) else 0
    numbers = "|".join(str(number).zfill(width) for number in range(low, high + 1))
    return f"({numbers})" if width else f"0*({numbers})"


def _refused(construct: str, pattern: str, span: Span) -> Unsupported:
    return Unsupported(
        f"{construct} in the regular expression /{pattern}/",
        span,
        "escape it with a backslash if it is meant literally",
    )
