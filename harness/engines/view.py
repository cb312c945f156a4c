"""How an atom's view reads a raw value (`converter.ir.View`)."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import assert_never

from converter.ir import Value, View
from converter.ir.values import canonical_number, parse_number
from harness.events.time import EPOCH, instant


def read(view: View, value: Value) -> Value | None:
    """Read a raw value; None where the view cannot read it.

    Addresses become integers in the IPv6 space, instants microseconds since the epoch.
    """
    match view:
        case View.TEXT:
            return value if isinstance(value, str) else None
        case View.KEYWORD:
            return keyword_text(value)
        case View.NUMBER:
            return _number(value)
        case View.COERCED_NUMBER:
            return parse_number(value) if isinstance(value, str) else _number(value)
        case View.BOOLEAN:
            return (
                {"true": True, "false": False}.get(value)
                if isinstance(value, str)
                else _boolean(value)
            )
        case View.LENIENT_BOOLEAN:
            if isinstance(value, str):
                return {"true": True, "false": False}.get(value.lower())
            return _boolean(value)
        case View.IP:
            return address(value) if isinstance(value, str) else None
        case View.DATE:
            return None if isinstance(value, bool) else instant(value)
        case View.MINUTE | View.HOUR | View.DAY | View.WEEK | View.MONTH | View.YEAR:
            return _part_of_time(view, value)
        case View.RAW:
            return value
        case _:
            assert_never(view)


def keyword_text(value: Value) -> str:
    """Return the text that a keyword field indexes for a value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return canonical_number(value)


def _number(value: Value) -> Value | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        # SIGMA-8: only the canonical decimal form of a text counts; that of 22.0 is 22.
        number = parse_number(value)
        if isinstance(number, float) and number.is_integer():
            return None
        return number if str(number) == value else None
    return value


def _part_of_time(view: View, value: Value) -> int | None:
    """Read a part of an instant in UTC (SIGMA-17)."""
    microseconds = None if isinstance(value, bool) else instant(value)
    if microseconds is None:
        return None
    moment = EPOCH + timedelta(microseconds=microseconds)
    if view is View.WEEK:
        return moment.isocalendar().week
    return int(getattr(moment, view.value))


def _boolean(value: Value) -> bool | None:
    return value if isinstance(value, bool) else None


def address_text(number: int) -> str:
    """Write an address in canonical form, one of IPv4 dotted."""
    parsed = IPv6Address(number)
    return str(parsed.ipv4_mapped or parsed)


def address(text: str) -> int | None:
    """Read an address as an integer, IPv4 mapped into IPv6; None where the text is none."""
    try:
        return _mapped(ip_address(text))
    except ValueError:
        return None


def _mapped(parsed: IPv4Address | IPv6Address) -> int:
    return int(parsed) + (0xFFFF << 32) if isinstance(parsed, IPv4Address) else int(parsed)


def network_range(text: str) -> tuple[int, int] | None:
    """Read a CIDR block, or one address, as the range of its addresses; None where it is none."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    first = network.network_address
    last = network.broadcast_address
    if isinstance(network, IPv6Network):
        return int(first), int(last)
    return _mapped(first), _mapped(last)
