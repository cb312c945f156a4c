"""Moves long lists of a Kusto query to watchlists of Microsoft Sentinel, until the query is short enough.

`in` and `in~` compare with a table of one column as they compare with a list, and every value stays the
text that it is, so that the query means the same while the watchlist holds what the file says.
Lists of the same values share one watchlist, which the query names once.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from converter.diagnostic import Diagnostic, Severity
from converter.languages.kusto import Token, TokenKind, tokens
from converter.render import RenderedQuery

COLUMN = "Value"
"""Column of the file, which is to be the watchlist's search key."""

_LONGEST_ALIAS = 64
_FEWEST = 3
"""Values below which a list is not worth a watchlist."""


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A list that a query looks up."""

    alias: str
    values: tuple[str, ...]

    def file_text(self) -> str:
        """Return the list as the CSV that Sentinel takes."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerows([[COLUMN], *([value] for value in self.values)])
        return text.getvalue()


@dataclass(frozen=True, slots=True)
class _List:
    """A list of a text: from its opening parenthesis to its closing one."""

    operator: str
    start: int
    end: int
    values: tuple[str, ...]

    @property
    def ignores_case(self) -> bool:
        return self.operator.endswith("~")

    @property
    def different(self) -> dict[str, str]:
        """Each value once, as the operator tells values apart, by what it compares."""
        by_key: dict[str, str] = {}
        for value in self.values:
            by_key.setdefault(value.lower() if self.ignores_case else value, value)
        return by_key


def externalised(
    rendered: RenderedQuery, title: str, limit: int
) -> tuple[RenderedQuery, tuple[Watchlist, ...], tuple[Diagnostic, ...]]:
    """Return the query within the limit and the watchlists that it looks up, the longest lists first.

    It stays too long where its other parts are.
    """
    text = rendered.text
    moved: list[Watchlist] = []
    remarks: list[Diagnostic] = []
    while len(text) > limit and (found := _longest(text)):
        name = f"Watchlist{len(moved) + 1}"
        watchlist = Watchlist(_alias(title, len(moved) + 1), tuple(found.different.values()))
        same = [one for one in _lists(text) if _is_same(one, found)]
        text = _with_lookup(text, same, name, watchlist.alias)
        moved.append(watchlist)
        remarks.append(_remark(same, watchlist))
    return replace(rendered, text=text), tuple(moved), tuple(remarks)


def _longest(text: str) -> _List | None:
    """Return the list that takes up most of the text; None where no list can be moved."""
    return max(_lists(text), key=lambda one: one.end - one.start, default=None)


def _lists(text: str) -> Iterator[_List]:
    parts = [one for one in tokens(text) if one.kind is not TokenKind.SPACE]
    for place in range(len(parts)):
        operator, opening = _operator(parts, place)
        if not operator or opening >= len(parts) or parts[opening].text != "(":
            continue
        closing = opening + 1
        while closing < len(parts) and (
            parts[closing].kind is TokenKind.STRING or parts[closing].text == ","
        ):
            closing += 1
        literals = [one.text for one in parts[opening:closing] if one.kind is TokenKind.STRING]
        values = [_value(one) for one in literals]
        known = tuple(value for value in values if value is not None)
        is_list = closing < len(parts) and parts[closing].text == ")"
        if is_list and len(known) == len(literals) >= _FEWEST:
            yield _List(operator, parts[opening].start, parts[closing].end, known)


def _operator(parts: list[Token], place: int) -> tuple[str, int]:
    """Return the operator of a list that stands in this place, and the place behind it."""
    text = parts[place].text
    if text in ("!in", "!in~"):
        return text, place + 1
    if text != "in" or parts[place].kind is not TokenKind.WORD:
        return "", place
    has_tilde = place + 1 < len(parts) and parts[place + 1].text == "~"
    return ("in~", place + 2) if has_tilde else ("in", place + 1)


def _value(literal: str) -> str | None:
    """Return a literal's text; None where a file of lines could not hold it as it is."""
    if literal.startswith('@"'):
        value = literal[2:-1].replace('""', '"')
    elif literal.startswith('"') and "\\" not in literal:
        value = literal[1:-1]
    else:
        return None
    is_kept = bool(value) and value == value.strip() and value.isprintable()
    return value if is_kept else None


def _is_same(one: _List, other: _List) -> bool:
    """Say whether one watchlist answers for both lists: `in` and `in~` tell different values apart."""
    is_alike = one.ignores_case is other.ignores_case
    return is_alike and one.different.keys() == other.different.keys()


def _with_lookup(text: str, found: Sequence[_List], name: str, alias: str) -> str:
    """Put the look-up in the lists' places, and its name above the query's first statement."""
    for one in sorted(found, key=lambda one: one.start, reverse=True):
        text = f"{text[: one.start]}({name}){text[one.end :]}"
    lines = text.splitlines(keepends=True)
    head = next(place for place, line in enumerate(lines) if not line.startswith("//"))
    lines.insert(head, f"let {name} = _GetWatchlist('{alias}') | project SearchKey;\n")
    return "".join(lines)


def _alias(title: str, number: int) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_") or "rule"
    end = f"_{number}"
    return slug[: _LONGEST_ALIAS - len(end)] + end


def _remark(same: Sequence[_List], watchlist: Watchlist) -> Diagnostic:
    case = "whatever their case" if same[0].ignores_case else "with their case"
    return Diagnostic(
        "watchlist",
        Severity.WARNING,
        f"a list of {len(watchlist.values)} values is in the watchlist {watchlist.alias}, which must be"
        f" created from its file with {COLUMN} as the search key before the rule runs; values compare"
        f" {case}, as in the rule, and while the watchlist is empty {_missing(same)}",
    )


def _missing(same: Sequence[_List]) -> str:
    """Say what an empty watchlist does to the conditions that look it up."""
    negated = {one.operator.startswith("!") for one in same}
    if len(negated) > 1:
        return "no event passes the conditions that ask for its values and every event passes the others"
    amount = "every event passes" if negated == {True} else "no event passes"
    return f"{amount} {'that condition' if len(same) == 1 else 'those conditions'}"
