"""Fields that a query looks up by an address: what the look-up must answer for these events.

Elastic looked the values up when the events came in, and so the events themselves say what a watchlist or
function answers: one answer for each address. An event that contradicts an earlier one, or whose value no
look-up gives, is not representable.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, ip_address

from converter.ir import Value
from converter.layout import Layout, LookedUp, TableLayout

from .cells import shown
from .event import Dataset, Document, Event, values_of

_MADE_NETWORK = IPv4Address("198.18.0.0")
"""Start of the addresses that no network has, for benchmarks (RFC 2544)."""

Group = tuple[LookedUp, ...]
"""The fields that one look-up answers."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """What one look-up answers, by address."""

    source: str
    watchlist: str
    fields: Group
    """The fields that the rule reads, and no others have answers."""
    answers: tuple[tuple[str, tuple[Value | None, ...]], ...]
    """Address and the value of each field; None where the field has none."""
    others: tuple[str, ...] = ()
    """Columns of fields that the rule does not read, which a query may show."""


def groups_of(layouts: Iterable[Layout], fields: Collection[str] | None) -> tuple[Group, ...]:
    """Return the look-ups of tables, with those of their fields that a rule reads; None for all."""
    found: dict[tuple[str, str, str], dict[LookedUp, None]] = {}
    for layout in layouts:
        for one in layout.looked_up if isinstance(layout, TableLayout) else ():
            if fields is None or one.name in fields:
                found.setdefault((one.address, one.source, one.watchlist), {})[one] = None
    return tuple(tuple(group) for group in found.values())


def addresses_of(groups: Iterable[Group]) -> frozenset[str]:
    """Return the fields of the addresses that are looked up."""
    return frozenset(group[0].address for group in groups)


def unanswered(groups: Iterable[Group], dataset: Dataset) -> dict[str, str]:
    """Return the events that no look-up answers for, with the reason."""
    reasons: dict[str, str] = {}
    for group in groups:
        known: dict[str, tuple[Value | None, ...]] = {}
        for event in dataset.events:
            if event.id not in reasons and (why := _problem(group, event.document, known)):
                reasons[event.id] = why
    return reasons


def stand_ins(
    layouts: Sequence[Layout], fields: Collection[str] | None, dataset: Dataset
) -> tuple[StandIn, ...]:
    """Return what the look-ups answer for events that have one answer for each address."""
    return tuple(_stand_in(group, fields, dataset) for group in groups_of(layouts, None))


def _stand_in(group: Group, fields: Collection[str] | None, dataset: Dataset) -> StandIn:
    read = tuple(one for one in group if fields is None or one.name in fields)
    others = tuple(one.key for one in group if one not in read)
    answers = tuple(_answers(read, dataset)) if read else ()
    return StandIn(group[0].source, group[0].watchlist, read, answers, others)


def with_addresses(
    layouts: Sequence[Layout], groups: Sequence[Group], dataset: Dataset, made: Collection[str]
) -> Dataset:
    """Give events that were made an address where they have a value to look up and no address."""
    events = list(dataset.events)
    for address in sorted(addresses_of(groups)):
        names = _in_same_column(layouts, address)
        numbers: dict[object, int] = {}
        fields = tuple(one for group in groups for one in group if one.address == address)
        for place, event in enumerate(events):
            values = _values(fields, event.document)
            if event.id not in made or values is None or not any(v is not None for v in values):
                continue
            if not values_of(event.document, address):
                number = numbers.setdefault(values, len(numbers))
                events[place] = _with(event, names, str(_MADE_NETWORK + number + 1))
    return replace(dataset, events=tuple(events))


def _in_same_column(layouts: Sequence[Layout], address: str) -> frozenset[str]:
    """Return the address and the fields that some table keeps in the same place."""
    names = {address}
    for layout in layouts:
        fields = layout.fields if isinstance(layout, TableLayout) else ()
        places = [field.places for field in fields if field.name == address]
        names |= {field.name for field in fields if field.places and field.places in places}
    return frozenset(names)


def _with(event: Event, names: Collection[str], value: str) -> Event:
    document = event.document
    for name in sorted(names):
        document = _replaced(document, name, value)
    return replace(event, document=document)


def _replaced(document: Document, path: str, value: str) -> dict[str, object]:
    """Return the document with one value under a path, wherever that stands in it."""
    head, _, rest = path.partition(".")
    inner = document.get(head, {})
    if path in document or not rest or not isinstance(inner, Mapping):
        return {**document, path: value}
    return {**document, head: _replaced(inner, rest, value)}


def _answers(group: Group, dataset: Dataset) -> Iterator[tuple[str, tuple[Value | None, ...]]]:
    known: dict[str, tuple[Value | None, ...]] = {}
    for event in dataset.events:
        addresses, values = (
            values_of(event.document, group[0].address),
            _values(group, event.document),
        )
        if addresses and values is not None:
            known[str(addresses[0])] = values
    for address, values in known.items():
        if any(value is not None for value in values):
            yield address, values


def _problem(group: Group, document: Document, known: dict[str, tuple[Value | None, ...]]) -> str:
    """Return why the look-up does not answer for an event; remembers its answer otherwise."""
    name = group[0].address
    has = _shown(group, document)
    values, addresses = _values(group, document), values_of(document, name)
    if values is None:
        return f"a look-up gives one value that is not empty: {has}"
    is_empty = all(value is None for value in values)
    if not addresses:
        return "" if is_empty else f"nothing to look up without {name}: {has}"
    if len(addresses) > 1:
        return f"one address is looked up: {name} {shown(addresses)}"
    address = str(addresses[0])
    if group[0].source == "watchlist" and not is_empty and not _is_ipv4(address):
        return f"ipv4_lookup finds networks of IPv4 addresses only: {name} {shown(addresses)}"
    if known.setdefault(address, values) != values:
        return f"another event with the same {name} has other values: {has}"
    return ""


def _values(group: Group, document: Document) -> tuple[Value | None, ...] | None:
    """Return the value of each field; None where some field has several, or the empty text."""
    found: list[Value | None] = []
    for field in group:
        values = values_of(document, field.name)
        if len(values) > 1 or values == ("",):
            return None
        found.append(values[0] if values else None)
    return tuple(found)


def _shown(group: Sequence[LookedUp], document: Mapping[str, object]) -> str:
    held = ((field.name, values_of(document, field.name)) for field in group)
    return ", ".join(f"{name} {shown(values) if values else 'missing'}" for name, values in held)


def _is_ipv4(text: str) -> bool:
    try:
        return isinstance(ip_address(text), IPv4Address)
    except ValueError:
        return False
