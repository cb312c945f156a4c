"""Values that a test is likely to accept, and values close to them.

Nothing here decides a truth: a candidate is only a guess, and whoever asks evaluates it. All candidates
can be indexed in the field's type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_network
from itertools import chain
from typing import assert_never

from converter.ir import (
    TIME_PARTS,
    Atom,
    Bound,
    Case,
    Cidr,
    Exists,
    FieldType,
    Glob,
    OneOf,
    Range,
    Regex,
    Schema,
    Test,
    Value,
    View,
    Words,
)
from converter.ir.values import parse_number

from .fields import holds_values, scalars, unique
from .near_texts import (
    around,
    changed_inside,
    filled,
    folded_letters,
    misshapen,
    other_cases,
)
from .regex_samples import samples

_OCTETS = re.compile(r"(?:[0-9]{1,3}\.){1,3}")
_TYPICAL: dict[FieldType, tuple[Value, ...]] = {
    FieldType.LONG: (7, 8),
    FieldType.DOUBLE: (7.5, 8.5),
    FieldType.BOOLEAN: (True, False),
    FieldType.IP: ("192.0.2.77", "2001:db8::77"),
    FieldType.DATE: ("2026-01-02T03:04:05.678Z", "2025-01-02T03:04:05.678Z"),
}
_READS_NO_TEXT = frozenset(
    {View.NUMBER, View.COERCED_NUMBER, View.BOOLEAN, View.LENIENT_BOOLEAN, View.RAW}
)
_NEAR_LISTED = 3
"""Of how many values of a list the neighbourhood is searched."""


def accepted(atom: Atom, schema: Schema) -> list[Value]:
    """Return values that the atom's test is likely to accept, each listed value among them."""
    found = _accepted(atom.test, _typical(atom.field, schema))
    return _indexable(_read_as(atom.view, found), atom.field, schema, atom.view)


def near(atom: Atom, schema: Schema) -> list[Value]:
    """Return values close to the accepted ones, on both sides of the border."""
    found = _read_as(atom.view, _near(atom.test))
    return _indexable(found, atom.field, schema, atom.view)


def _read_as(view: View, values: Iterable[Value]) -> Iterator[Value]:
    """Yield what the view reads as these values: times that have a number as their hour, for example."""
    if view not in TIME_PARTS:
        yield from values
        return
    for value in values:
        if isinstance(value, int) and not isinstance(value, bool):
            yield from _times_with(view, value)


def _times_with(view: View, part: int) -> Iterator[str]:
    try:
        if view is View.WEEK:
            moment = datetime.fromisocalendar(2026, part, 3)
        else:
            wanted = {"year": 2026, "month": 1, "day": 2, "hour": 3, "minute": 4, view.value: part}
            year, month, day, hour, minute = wanted.values()
            moment = datetime(year, month, day, hour, minute)
    except ValueError:
        return  # no time has such a part
    yield f"{moment.isoformat()}Z"


def other_cased(atom: Atom, schema: Schema) -> list[Value]:
    """Return accepted values in other cases."""
    texts = [value for value in accepted(atom, schema) if isinstance(value, str)]
    return _indexable(chain.from_iterable(map(other_cases, texts[:2])), atom.field, schema)


def unrelated(field: str, schema: Schema) -> list[Value]:
    """Return values of the field's type that no rule is likely to name."""
    return _indexable(_typical(field, schema), field, schema)


def _typical(field: str, schema: Schema) -> tuple[Value, ...]:
    return _TYPICAL.get(schema.type_of(field), ("something else", "another thing"))


def _accepted(test: Test, typical: tuple[Value, ...]) -> Iterable[Value]:
    match test:
        case Exists():
            return typical
        case OneOf(values):
            return chain(values, chain.from_iterable(map(_spellings, values)))
        case Glob(parts):
            return filled(parts)
        case Regex(pattern):
            found = samples(pattern)
            return [*found, *(f"x{text}y" for text in found[:1])]
        case Range(lower, upper):
            return [*_around_bound(lower), *_around_bound(upper)]
        case Cidr(networks):
            return [chain_ends[0] for text in networks if (chain_ends := _network_ends(text))]
        case Words(words):
            return [" ".join(words), f"a {' '.join(words)} b", *words]
        case _:
            assert_never(test)


def _near(test: Test) -> Iterator[Value]:
    match test:
        case Exists():
            return
        case OneOf(values, case):
            for value in values[:_NEAR_LISTED]:
                yield from _beside(value, case)
        case Glob(parts, case):
            yield from misshapen(parts)
            for text in list(filled(parts))[:2]:
                yield from _near_text(text, case)
        case Regex(pattern, case=case):
            for text in samples(pattern)[:3]:
                yield from _near_text(text, case)
        case Range(lower, upper):
            yield from _around_bound(lower)
            yield from _around_bound(upper)
        case Cidr(networks):
            for network in networks[:40]:
                yield from _network_ends(network)
        case Words(words):
            yield "".join(words)
            yield " ".join(reversed(words))
            yield " ".join(words).upper()
            yield "x" + "x".join(words) + "x"
        case _:
            assert_never(test)


def _spellings(value: Value) -> Iterator[Value]:
    """Yield what a listed value stands for in fields of other types; a network for its addresses."""
    if isinstance(value, str):
        yield from _network_ends(value)[:1] if "/" in value else ()
        number = parse_number(value)
        if number is not None:
            yield number
        if value.lower() in ("true", "false"):
            yield value.lower() == "true"
    elif isinstance(value, bool):
        yield str(value).lower()
    else:
        yield str(value)


def _beside(value: Value, case: Case) -> Iterator[Value]:
    match value:
        case bool():
            yield not value
        case int():
            yield from (value + 1, value - 1, -value, value + 0.5)
        case float():
            yield from (value + 0.5, value - 0.5, -value)
        case str():
            if "/" in value:
                yield from _network_ends(value)
            else:
                yield from _address_beside(value)
            yield from _near_text(value, case)


def _near_text(text: str, case: Case) -> Iterator[str]:
    yield from changed_inside(text)
    yield from around(text)
    yield from folded_letters(text, case)


def _around_bound(bound: Bound | None) -> Iterator[Value]:
    if bound is None:
        return
    value = bound.value
    match value:
        case bool():
            yield from (True, False)
        case int():
            yield from (value, value + 1, value - 1, value + 0.5, value - 0.5)
        case float():
            yield from (value, value + 0.5, value - 0.5, int(value), int(value) + 1)
        case str():
            yield value
            yield from _address_beside(value)
            yield from _date_beside(value)
            number = parse_number(value)
            if number is not None:
                yield from (number, number + 1, number - 1)
            yield from (value + "a", value[:-1], value + " ")


def _address_beside(text: str) -> Iterator[str]:
    try:
        network = ip_network(text)
    except ValueError:
        return
    number = int(network.network_address)
    for neighbour in (number + 1, number - 1):
        yield from _address(neighbour, network.version)


def _date_beside(text: str) -> Iterator[str]:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    for step in (-1, 1):
        near = moment + timedelta(milliseconds=step)
        yield near.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _network_ends(text: str) -> list[str]:
    """Return addresses of a network: first, last, and those just outside."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return []
    first, last = int(network.network_address), int(network.broadcast_address)
    ends = [first, last, first - 1, last + 1, (first + last) // 2]
    return [shown for number in ends for shown in _address(number, network.version)]


def _address(number: int, version: int) -> Iterator[str]:
    """Write an address of this version; nothing outside its space."""
    if version == 4 and 0 <= number < 2**32:
        yield str(IPv4Address(number))
    elif version == 6 and 0 <= number < 2**128:
        yield str(IPv6Address(number))


def _indexable(
    values: Iterable[Value], field: str, schema: Schema, view: View = View.TEXT
) -> list[Value]:
    """Keep the values that the field's type can index, in that type."""
    if not holds_values(field, schema):
        return []
    # A type that is only assumed may hide numbers, where the atom reads them.
    any_type = not schema.knows(field) and view in _READS_NO_TEXT
    found = (value if any_type else _as_type(value, field, schema) for value in values)
    kept = scalars(unique(value for value in found if value is not None))
    # Texts come first: a column of the type that is assumed holds no number, but its text.
    return sorted(kept, key=lambda value: not isinstance(value, str)) if any_type else kept


def _as_type(value: Value, field: str, schema: Schema) -> Value | None:
    kind = schema.type_of(field)
    if kind is FieldType.BOOLEAN:
        return value if isinstance(value, bool) else None
    if kind in (FieldType.LONG, FieldType.DOUBLE):
        return _as_number(value, is_whole=kind is FieldType.LONG)
    if kind is FieldType.IP:
        return _as_address(value) if isinstance(value, str) else None
    if kind is FieldType.DATE:
        return value if isinstance(value, str) and _is_date(value) else None
    return value if isinstance(value, str) else None


def _as_number(value: Value, *, is_whole: bool) -> Value | None:
    number = parse_number(value) if isinstance(value, str) else value
    if number is None or isinstance(number, bool):
        return None
    if is_whole:
        return number if isinstance(number, int) and -(2**63) <= number < 2**63 else None
    return float(number)


def _as_address(text: str) -> str | None:
    """Return an address that is this text, or begins with its octets."""
    if _is_address(text):
        return text
    octets = _OCTETS.match(text)
    if octets is None:
        return None
    padded = ".".join([*octets[0].rstrip(".").split("."), "7", "7", "7"][:4])
    return padded if _is_address(padded) else None


def _is_address(text: str) -> bool:
    try:
        return "/" not in text and bool(ip_network(text))
    except ValueError:
        return False


def _is_date(text: str) -> bool:
    try:
        return bool(datetime.fromisoformat(text))
    except ValueError:
        return False
