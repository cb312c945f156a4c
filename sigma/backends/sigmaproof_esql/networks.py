"""Networks as regular expressions on addresses in canonical text, one for each value of a list.

CIDR_MATCH is null on an array. TO_STRING writes IPv4 addresses dotted, those mapped into IPv6 too, and
IPv6 addresses in lower case without leading zeros, the longest run of two or more zero groups as `::`
(RFC 5952); an expression on that text is as exact as the network.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

_SPACE = " "
"""What separates the addresses; no address has one."""
_GROUPS = 8
_ANY_GROUP = "[0-9a-f]+"
_LAST = 0xFFFF
_DOTTED = "[0-9.]+"
_MAPPED = IPv6Network("::ffff:0:0/96")

Range = tuple[int, int]
"""The smallest and the largest value of a part of an address."""


def network_expression(network: str) -> str:
    """Return the expression for a list of addresses, separated by spaces, with one of a network."""
    parsed = ip_network(network)
    found = _of_ipv4(parsed) if isinstance(parsed, IPv4Network) else _of_ipv6(parsed)
    return f"(.*{_SPACE})?{found}({_SPACE}.*)?"


def _of_ipv4(network: IPv4Network) -> str:
    ranges = [
        range_ for range_ in _ranges(int(network[0]), int(network[-1]), 8, 4) if range_ != (0, 255)
    ]
    written = [_decimals(*range_) for range_ in ranges]
    if len(written) == 4:
        return r"\.".join(written)
    return "".join(f"{octet}\\." for octet in written) + _DOTTED


def _ranges(first: int, last: int, bits: int, count: int) -> list[Range]:
    """Split addresses into their parts."""
    mask = (1 << bits) - 1
    shifts = [bits * place for place in reversed(range(count))]
    return [(first >> shift & mask, last >> shift & mask) for shift in shifts]


def _decimals(first: int, last: int) -> str:
    """Write the numbers of a range in decimal."""
    by_tens: dict[int, list[int]] = {}
    for number in range(first, last + 1):
        by_tens.setdefault(number // 10, []).append(number % 10)
    written = [
        f"{tens or ''}{_class(str(digits[0]), str(digits[-1]))}" for tens, digits in by_tens.items()
    ]
    return written[0] if len(written) == 1 else f"({'|'.join(written)})"


def _class(first: str, last: str) -> str:
    return first if first == last else f"[{_run(first, last)}]"


def _run(first: str, last: str) -> str:
    """Write a run of characters inside a set."""
    if first == last:
        return first
    return f"{first}{last}" if ord(last) - ord(first) == 1 else f"{first}-{last}"


def _of_ipv6(network: IPv6Network) -> str:
    groups = _ranges(int(network[0]), int(network[-1]), 16, _GROUPS)
    known = sum(range_ != (0, _LAST) for range_ in groups)
    written = [_without_zeros(groups, known), *_with_zeros(groups, known)]
    if network.supernet_of(_MAPPED):
        written.append(_DOTTED)
    return f"({'|'.join(written)})" if len(written) > 1 else written[0]


def _without_zeros(groups: list[Range], known: int) -> str:
    """Write the addresses whose known groups stand in front of any `::`."""
    front = ":".join(_hexadecimals(*range_) for range_ in groups[:known])
    if known == _GROUPS:
        return front
    return f"{front}:[0-9a-f:]+" if known else "[0-9a-f:]+"


def _with_zeros(groups: list[Range], known: int) -> list[str]:
    """Write the addresses in which `::` stands for a known group, one for each run of zeros."""
    return [
        f"{_colons(groups[:start])}::{_colons(groups[end:])}"
        for start in range(known)
        for end in range(start + 2, _GROUPS + 1)
        if all(low == 0 for low, _ in groups[start:end])
        # The run is the longest one: beside it stand no zeros.
        if (start == 0 or groups[start - 1] != (0, 0)) and (end == _GROUPS or groups[end] != (0, 0))
    ]


def _colons(groups: list[Range]) -> str:
    known = [_hexadecimals(*range_) for range_ in groups if range_ != (0, _LAST)]
    free = len(groups) - len(known)
    if free > 2:
        rest = f"{_ANY_GROUP}(:{_ANY_GROUP}){{{free - 1}}}"
        return ":".join([*known, rest])
    return ":".join([*known, *[_ANY_GROUP] * free])


def _hexadecimals(first: int, last: int) -> str:
    """Write the numbers of a range, whose length is a power of two, in hexadecimal."""
    free = ((last - first + 1).bit_length() - 1) // 4
    low, high = first >> 4 * free, last >> 4 * free
    if free == 0 or low > 0:
        digits = f"{low >> 4:x}" if low > 0xF else ""
        return f"{digits}{_digits(low & 0xF, high & 0xF)}{_rest(free)}"
    shorter = ["0", *(f"[1-9a-f]{_rest(length)}" for length in range(free))]
    longer = [f"{_digits(1, high)}{_rest(free)}"] if high else []
    return f"({'|'.join([*shorter, *longer])})"


def _rest(length: int) -> str:
    return "[0-9a-f]" * length if length < 2 else f"[0-9a-f]{{{length}}}"


def _digits(first: int, last: int) -> str:
    """Write a set of hexadecimal digits."""
    if last < 10 or first > 9:
        return _class(f"{first:x}", f"{last:x}")
    return f"[{_run(str(first), '9')}{_run('a', f'{last:x}')}]"
