"""Stand-ins for what looks addresses up: watchlists of a workspace, and a function of the service.

The answers are those of the events. A stand-in is exact for the addresses of the events and knows no other,
so that a look-up of networks is one of equal addresses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from converter.ir import Value
from converter.languages.kusto import Token, TokenKind, tokens
from harness.events.looked_up import StandIn

_WATCHLIST = "_GetWatchlist"
_PLUGIN = ["evaluate", "ipv4_lookup", "("]
_GEO = "geo_info_from_ip_address"
_ARGUMENTS = 4
_SHOWN = 3
_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class LookedUpText:
    """A text whose look-ups are stood in for."""

    text: str
    prelude: str
    """Definitions that must stand in front of it."""
    changes: tuple[str, ...]
    """What was changed, for people."""


def with_stand_ins(text: str, found: Sequence[StandIn]) -> LookedUpText:
    """Define what the text looks up, and write its look-ups of networks as ones of addresses."""
    if not found:
        return LookedUpText(text, "", ())
    watchlists = [one for one in found if one.source == "watchlist"]
    geography = [one for one in found if one.source == "geo_info"]
    definitions = [*_datatables(watchlists), *_functions(geography)]
    changes = [_change(one) for one in found if one.fields]
    if watchlists:
        text = _with_joins(_with_tables(text, watchlists))
        changes.append(
            "ipv4_lookup is executed as a look-up of equal addresses, as every network is one address"
        )
    return LookedUpText(text, "".join(f"{one} " for one in definitions), tuple(changes))


def _change(one: StandIn) -> str:
    what = f'{_WATCHLIST}("{one.watchlist}")' if one.source == "watchlist" else f"{_GEO}()"
    names = ", ".join(field.name for field in one.fields)
    shown = "; ".join(f"{address}: {_texts(values)}" for address, values in one.answers[:_SHOWN])
    more = "; …" if len(one.answers) > _SHOWN else ""
    return (
        f"{what} stands for what the events hold: {len(one.answers)} addresses with {names}"
        f" ({shown}{more})"
    )


def _texts(values: Iterable[Value | None]) -> str:
    return ", ".join("nothing" if value is None else str(value) for value in values)


def _datatables(found: Sequence[StandIn]) -> list[str]:
    """Define each watchlist as a table of texts, which is what watchlists hold."""
    return [
        f"let {_table(one)} = datatable({_header(one)})[{', '.join(map(_literal, _cells(one)))}];"
        for one in found
    ]


def _table(one: StandIn) -> str:
    return "Watchlist_" + re.sub(r"\W", "_", one.watchlist)


def _header(one: StandIn) -> str:
    names = ["Network", *(field.key for field in one.fields), *one.others]
    return ", ".join(f"{name}:string" for name in names)


def _cells(one: StandIn) -> list[str]:
    cells = []
    empty = ("",) * len(one.others)
    for address, values in one.answers or [("", (None,) * len(one.fields))]:
        cells += [address, *("" if value is None else str(value) for value in values), *empty]
    return cells


def _functions(found: Sequence[StandIn]) -> list[str]:
    """Define the function by the answers, those with the same one together."""
    if not found:
        return []
    by_answer: dict[str, list[str]] = {}
    for address, answer in _geography(found).items():
        by_answer.setdefault(json.dumps(answer, ensure_ascii=False), []).append(address)
    cases = [
        f"ip in ({', '.join(map(_literal, addresses))}), {_literal(answer)}"
        for answer, addresses in by_answer.items()
    ]
    value = f"case({', '.join([*cases, _literal('')])})" if cases else _literal("")
    return [f"let {_GEO} = (ip:string) {{ parse_json({value}) }};"]


def _geography(found: Sequence[StandIn]) -> dict[str, dict[str, Value]]:
    merged: dict[str, dict[str, Value]] = {}
    for one in found:
        for address, values in one.answers:
            answer = merged.setdefault(address, {})
            pairs = zip(one.fields, values, strict=True)
            answer.update({field.key: value for field, value in pairs if value is not None})
    return merged


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _with_tables(text: str, found: Sequence[StandIn]) -> str:
    """Write `_GetWatchlist("x")` as the name of the table that stands for it."""
    names = {one.watchlist: _table(one) for one in found}
    parts = list(tokens(text))
    written, place = [], 0
    while place < len(parts):
        closing, arguments = _call(parts, place, [_WATCHLIST, "("])
        name = names.get(arguments[0].strip().strip("\"'")) if len(arguments) == 1 else None
        if name is None:
            written.append(parts[place].text)
            place += 1
        else:
            written.append(name)
            place = closing + 1
    return "".join(written)


def _with_joins(text: str) -> str:
    """Write `evaluate ipv4_lookup(T, A, N, return_unmatched = true)` as a look-up of equal texts."""
    parts = list(tokens(text))
    written, place = [], 0
    while place < len(parts):
        closing, arguments = _call(parts, place, _PLUGIN)
        if len(arguments) != _ARGUMENTS:
            written.append(parts[place].text)
            place += 1
            continue
        table, address, network, _ = (one.strip() for one in arguments)
        written.append(f"lookup kind=leftouter {table} on $left.{address} == $right.{network}")
        place = closing + 1
    return "".join(written)


def _call(parts: Sequence[Token], place: int, words: Sequence[str]) -> tuple[int, list[str]]:
    """Return where a call that begins here ends, and its arguments; none where no such call begins."""
    found = place
    for word in words:
        while found < len(parts) and parts[found].kind is TokenKind.SPACE and found > place:
            found += 1
        if found >= len(parts) or parts[found].text != word:
            return place, []
        found += 1
    arguments, depth = [""], 1
    for position in range(found, len(parts)):
        part = parts[position]
        if part.kind is TokenKind.OTHER:
            depth += (part.text in _OPENING) - (part.text in _CLOSING)
            if depth == 0:
                return position, arguments
            if part.text == "," and depth == 1:
                arguments.append("")
                continue
        arguments[-1] += part.text
    return place, []
