"""Functions of IP addresses."""

from __future__ import annotations

from harness.engines.view import network_range

from ..casting import Unconvertible
from ..compiled import Compiled, Row
from ..types import STRING, Cell, Scalar, Type
from .signature import IP_ONLY, WHOLE_ONLY, Function, Request, accepted, scalar


def _cidr_match(request: Request) -> Compiled:
    """Compile CIDR_MATCH: whether the address is in any of the blocks."""
    checked = accepted(request, (IP_ONLY, STRING))
    if checked is None:
        return Compiled(Type.BROKEN, lambda row: None)
    address, *blocks = (argument.evaluate for argument in checked.arguments)
    several = checked.several()

    def evaluate(row: Row) -> Cell:
        value = address(row)
        if value is None:
            return None
        if isinstance(value, tuple):
            several()
            return None
        return any(_is_in(int(value), block(row), checked) for block in blocks)

    return checked.compiled(Type.BOOLEAN, evaluate)


def _is_in(address: int, block: Cell, request: Request) -> bool:
    if block is None or isinstance(block, tuple):
        return False
    edges = network_range(str(block))
    if edges is None:
        request.failed(f"{block!r} is no network")()
        return False
    return edges[0] <= address <= edges[1]


def _prefix(address: Scalar, length4: Scalar, length6: Scalar) -> int:
    """Zero the bits of an address behind its prefix."""
    value = int(address)
    is_v4 = value >> 32 == 0xFFFF
    length, bits = (int(length4), 32) if is_v4 else (int(length6), 128)
    if not 0 <= length <= bits:
        raise Unconvertible(f"a prefix has 0 to {bits} bits, not {length}")
    rest = bits - length
    return value >> rest << rest


FUNCTIONS = {
    "CIDR_MATCH": Function(2, None, _cidr_match),
    "IP_PREFIX": scalar((IP_ONLY, WHOLE_ONLY, WHOLE_ONLY), Type.IP, _prefix),
}
