"""Which operators take which types, as Microsoft's binder 12.4 has it (KUSTO-9).

A type is its name in Kusto; the empty name is a type that is not known, which everything takes.
"""

from __future__ import annotations

UNKNOWN = ""
TEXT = frozenset({"string", "dynamic"})
INTEGERS = frozenset({"int", "long"})
NUMBERS = frozenset({"int", "long", "real", "decimal"})
_ORDERED = NUMBERS | {"bool"}
_BOOLEAN = frozenset({"bool", "dynamic"})
_WIDTH = ("int", "long", "real", "decimal")

_TEXT_STEMS = ("contains", "startswith", "endswith", "has", "hasprefix", "hassuffix")
TEXT_OPERATORS = frozenset(
    {"=~", "!~", "matches regex"}
    | {f"{no}{stem}{cs}" for no in ("", "!") for stem in _TEXT_STEMS for cs in ("", "_cs")}
)
EQUALITY = frozenset({"==", "!=", "<>"})
ORDER = frozenset({"<", "<=", ">", ">="})
LOGIC = frozenset({"and", "or"})
_SCALING = frozenset({"*", "/", "%"})


def result_of(operator: str, left: str, right: str) -> str | None:
    """Return the type of a binary expression; None where the operator does not take these types."""
    if operator in EQUALITY:
        return "bool"
    if UNKNOWN in (left, right):
        return UNKNOWN if operator in "+-*/%" else "bool"
    if operator in TEXT_OPERATORS:
        return "bool" if {left, right} <= TEXT else None
    if operator in ORDER:
        return "bool" if _are_ordered(left, right) else None
    if operator in LOGIC:
        return "bool" if {left, right} <= _BOOLEAN else None
    return _arithmetic(operator, left, right)


def common(types: list[str]) -> str:
    """Return the type that several values share; unknown where there is no such type."""
    known = {one for one in types if one}
    if len(known) == 1:
        return known.pop()
    return wider(known) if known and known <= NUMBERS else UNKNOWN


def wider(types: set[str]) -> str:
    """Return the widest of some number types."""
    return max(types, key=_WIDTH.index)


def _are_ordered(left: str, right: str) -> bool:
    pair = {left, right}
    if pair <= _ORDERED or pair in ({"datetime"}, {"timespan"}, {"dynamic"}):
        return True
    return "dynamic" in pair and bool(pair & NUMBERS)


def _arithmetic(operator: str, left: str, right: str) -> str | None:
    pair = {left, right}
    if pair <= NUMBERS:
        return wider(pair)
    if pair <= NUMBERS | {"dynamic"}:
        return left
    if operator in _SCALING:
        return _scaled(operator, left, right)
    match operator, left, right:
        case "+", "datetime", "timespan" | "datetime":
            return "datetime"
        case "+", "timespan", "datetime":
            return "datetime"
        case "-", "datetime", "datetime":
            return "timespan"
        case "-", "datetime", "timespan":
            return "datetime"
        case "+" | "-", "timespan", "timespan":
            return "timespan"
        case "-", "timespan", "datetime":
            return "datetime"
        case "+" | "-", "dynamic", "timespan" | "datetime":
            return right
        case "+" | "-", "timespan" | "datetime", "dynamic":
            return left
        case _:
            return None


def _scaled(operator: str, left: str, right: str) -> str | None:
    times = {"datetime", "timespan"}
    if left in times and right in NUMBERS:
        return left
    if operator == "*" and left in NUMBERS and right in times:
        return right
    if operator == "*" and left == right == "timespan":
        return "timespan"
    if operator in "/%" and left in times and right in times:
        if (left, right) == ("timespan", "datetime"):
            return None
        return "real" if operator == "/" else "timespan"
    return None
