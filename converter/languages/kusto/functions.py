"""Functions of Kusto: what their arguments must be and what they return, as the binder has it.

Only what can go wrong is listed: a function that is not here takes anything and returns an unknown type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .types import NUMBERS, TEXT, UNKNOWN


@dataclass(frozen=True, slots=True)
class Demand:
    """What one argument must be."""

    place: int
    types: frozenset[str]
    code: str
    expected: str


@dataclass(frozen=True, slots=True)
class Signature:
    """A function."""

    result: str
    """Its type; unknown where it depends on the arguments."""
    demands: tuple[Demand, ...] = ()
    arguments: int | None = None
    """How many arguments it takes; None where the number varies."""


def _text(place: int, code: str = "KS107") -> Demand:
    return Demand(place, TEXT, code, "a string")


def _moment(place: int) -> Demand:
    return Demand(place, frozenset({"datetime"}), "KS107", "a datetime")


def _array(place: int) -> Demand:
    return Demand(place, frozenset({"dynamic"}), "KS234", "a dynamic array")


def _any(result: str, names: str, arguments: int | None = None) -> dict[str, Signature]:
    return {name: Signature(result, arguments=arguments) for name in names.split()}


_CONDITION = Demand(0, frozenset({"bool"}), "KS107", "a bool")

FUNCTIONS: Mapping[str, Signature] = {
    **_any("bool", "isempty isnotempty isnull isnotnull tobool", 1),
    **_any("string", "tolower toupper tostring", 1),
    **_any("string", "substring strcat reverse url_decode"),
    **_any("int", "toint", 1),
    **_any("long", "tolong", 1),
    **_any("long", "strcmp indexof hash"),
    **_any("real", "todouble toreal", 1),
    **_any("decimal", "todecimal", 1),
    **_any("datetime", "todatetime", 1),
    **_any("datetime", "now ingestion_time"),
    "monthofyear": Signature("int", (_moment(0),), 1),
    "getyear": Signature("int", (_moment(0),), 1),
    "week_of_year": Signature("int", (_moment(0),), 1),
    **_any("timespan", "totimespan", 1),
    **_any("dynamic", "split pack_array bag_pack"),
    "not": Signature("bool", (_CONDITION,), 1),
    "toguid": Signature("guid", (_text(0, "KS141"),), 1),
    "todynamic": Signature("dynamic", (_text(0),), 1),
    "parse_json": Signature("dynamic", (_text(0, "KS141"),), 1),
    "strlen": Signature("long", (_text(0, "KS141"),), 1),
    "replace_string": Signature("string", (_text(0),), 3),
    "trim": Signature("string", (_text(1),), 2),
    "extract": Signature("string", (_text(2),)),
    "countof": Signature("long", (_text(0),)),
    "parse_ipv4": Signature("long", (_text(0),), 1),
    "parse_ipv6": Signature("string", (_text(0),), 1),
    "ipv4_is_in_range": Signature("bool", (_text(0), _text(1)), 2),
    "ipv6_is_in_range": Signature("bool", (_text(0), _text(1)), 2),
    "ipv4_is_private": Signature("bool", (_text(0),), 1),
    "ipv4_is_in_any_range": Signature("bool", (_text(0, "KS141"),)),
    "array_length": Signature("long", (_array(0),), 1),
    "set_has_element": Signature("bool", (_array(0),), 2),
    "array_index_of": Signature("long", (_array(0),)),
    "bag_keys": Signature(
        "dynamic", (Demand(0, frozenset({"dynamic"}), "KS235", "a dynamic bag"),), 1
    ),
    "ago": Signature("datetime", (Demand(0, frozenset({"timespan"}), "KS107", "a timespan"),), 1),
    "hourofday": Signature("int", (_moment(0),), 1),
    "dayofmonth": Signature("int", (_moment(0),), 1),
    "dayofweek": Signature("timespan", (_moment(0),), 1),
    "startofday": Signature("datetime", (_moment(0),)),
    "datetime_part": Signature("int", (_moment(1),), 2),
    "format_datetime": Signature("string", (_moment(0),), 2),
    "datetime_diff": Signature("long", (_moment(1), _moment(2)), 3),
    "iff": Signature(UNKNOWN, (_CONDITION,), 3),
    "coalesce": Signature(UNKNOWN),
    "case": Signature(UNKNOWN),
}

_ORDERABLE = Demand(
    0,
    NUMBERS | {"timespan", "datetime", "string", "bool"},
    "KS206",
    "orderable: a number, timespan, datetime, string or bool",
)
_SUMMABLE = Demand(
    0, NUMBERS | {"timespan", "datetime"}, "KS138", "summable: a number, timespan or datetime"
)

AGGREGATES: Mapping[str, Signature] = {
    "arg_max": Signature(UNKNOWN, (_ORDERABLE,)),
    "arg_min": Signature(UNKNOWN, (_ORDERABLE,)),
    "count": Signature("long", arguments=0),
    "countif": Signature("long", (_CONDITION,), 1),
    "dcount": Signature("long"),
    "make_list": Signature("dynamic"),
    "make_set": Signature("dynamic"),
    "max": Signature(UNKNOWN, (_ORDERABLE,), 1),
    "min": Signature(UNKNOWN, (_ORDERABLE,), 1),
    "sum": Signature(UNKNOWN, (_SUMMABLE,), 1),
    "take_any": Signature(UNKNOWN),
}
