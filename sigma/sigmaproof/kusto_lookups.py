"""Columns of fields that the user has looked up by an address, in a watchlist or by a function of Kusto."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .ecs import KUSTO_TYPES
from .enrichment import GEO_FUNCTION, GEO_INFO, NETWORK, Chosen, Lookup
from .kusto_names import is_plain
from .mapping import PackField
from .tables import Column, ColumnType

_READERS: dict[ColumnType, str] = {"long": "tolong", "real": "todouble", "bool": "tobool"}
"""Function that reads a column of a watchlist as a type; others are read as text."""

Address = Callable[[str], str | None]
"""Takes the ECS name of an address; returns how the table is asked for it, None where it has none."""


def looked_up_column(field: PackField, found: Chosen, address: Address) -> Column | None:
    """Return the column of a field that is looked up; None in a table without the address."""
    expression = address(found.address)
    if expression is None:
        return None
    if found.source == GEO_INFO:
        return Column(f"tostring({GEO_FUNCTION}({expression}).{found.key})", "string")
    kind = KUSTO_TYPES[field.type]
    return Column(_output(found), kind if kind in _READERS else "string")


def lookups(fields: Iterable[PackField], address: Address) -> tuple[Lookup, ...]:
    """Return the watchlists that a table's rows are looked up in, one for each address and name."""
    columns: dict[tuple[str, str], dict[str, str]] = {}
    for entry in fields:
        found = entry.looked_up
        if found is None or found.source == GEO_INFO or address(found.address) is None:
            continue
        reader = _READERS.get(KUSTO_TYPES[entry.type], "tostring")
        read = f"{reader}({found.key})"
        columns.setdefault((found.address, found.watchlist), {})[_output(found)] = read
    return tuple(
        _lookup(name, watchlist, str(address(name)), place, read)
        for place, ((name, watchlist), read) in enumerate(columns.items())
    )


def _lookup(
    name: str, watchlist: str, expression: str, place: int, columns: dict[str, str]
) -> Lookup:
    number = str(place + 1) if place else ""
    stored = expression if is_plain(expression) else f"{_subject(name)}Address"
    network = f"{_subject(name)}{NETWORK}{number}"
    return Lookup(watchlist, expression, stored, network, columns)


def _output(found: Chosen) -> str:
    return f"{_subject(found.address)}{found.key}"


def _subject(address: str) -> str:
    return address.partition(".")[0].capitalize()
