"""ES|QL's data types and what a cell of a column holds.

A cell is null, one value, or a tuple of two or more values. Instants are microseconds since the
epoch and addresses integers in the IPv6 space, so that both compare as the platform compares them.
"""

from __future__ import annotations

from enum import Enum

from converter.ir import FieldType

Scalar = str | bool | int | float
Cell = Scalar | tuple[Scalar, ...] | None


class Type(Enum):
    """A data type; the value is its name in messages and casts."""

    NULL = "null"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    LONG = "long"
    DOUBLE = "double"
    KEYWORD = "keyword"
    TEXT = "text"
    IP = "ip"
    DATETIME = "datetime"
    DATE_PERIOD = "date_period"
    TIME_DURATION = "time_duration"
    UNSUPPORTED = "unsupported"
    """A field that the platform shows but cannot use, such as flattened."""
    BROKEN = "broken"
    """The type of an expression that has been reported already."""


NUMERIC = frozenset({Type.INTEGER, Type.LONG, Type.DOUBLE})
WHOLE = frozenset({Type.INTEGER, Type.LONG})
STRING = frozenset({Type.KEYWORD, Type.TEXT})
AMOUNT = frozenset({Type.DATE_PERIOD, Type.TIME_DURATION})
REPRESENTABLE = NUMERIC | STRING | {Type.BOOLEAN, Type.IP, Type.DATETIME}
"""The types that a column can have."""

_OF_FIELD = {
    FieldType.KEYWORD: Type.KEYWORD,
    FieldType.WILDCARD: Type.KEYWORD,
    FieldType.CONSTANT_KEYWORD: Type.KEYWORD,
    FieldType.TEXT: Type.TEXT,
    FieldType.LONG: Type.LONG,
    FieldType.DOUBLE: Type.DOUBLE,
    FieldType.BOOLEAN: Type.BOOLEAN,
    FieldType.IP: Type.IP,
    FieldType.DATE: Type.DATETIME,
    FieldType.FLATTENED: Type.UNSUPPORTED,
}

CAST_NAMES = {
    "bool": Type.BOOLEAN,
    "boolean": Type.BOOLEAN,
    "int": Type.INTEGER,
    "integer": Type.INTEGER,
    "long": Type.LONG,
    "double": Type.DOUBLE,
    "keyword": Type.KEYWORD,
    "string": Type.KEYWORD,
    "text": Type.KEYWORD,
    "ip": Type.IP,
    "datetime": Type.DATETIME,
    "date": Type.DATETIME,
    "date_period": Type.DATE_PERIOD,
    "time_duration": Type.TIME_DURATION,
}
"""What `::name` converts to."""


def type_of_field(kind: FieldType) -> Type | None:
    """Return the type of a column for a mapped field; None where a field is no column."""
    return _OF_FIELD.get(kind)


def comparable(left: Type, right: Type) -> bool:
    """Say whether values of the two types compare (ESQL-9)."""
    if Type.BROKEN in (left, right) or Type.NULL in (left, right):
        return True
    return left is right or {left, right} <= NUMERIC or {left, right} <= STRING


def common(types: list[Type]) -> Type | None:
    """Return the type that holds values of all these types; None where there is none."""
    known = [kind for kind in types if kind is not Type.NULL]
    if not known:
        return Type.NULL
    if Type.BROKEN in known:
        return Type.BROKEN
    if all(kind in STRING for kind in known):
        return Type.KEYWORD if Type.KEYWORD in known else Type.TEXT
    if all(kind in NUMERIC for kind in known):
        return max(known, key=_WIDTHS.index)
    return known[0] if len(set(known)) == 1 else None


_WIDTHS = (Type.INTEGER, Type.LONG, Type.DOUBLE)

_RANGES = {
    Type.INTEGER: (-(2**31), 2**31 - 1),
    Type.LONG: (-(2**63), 2**63 - 1),
}


def fits(kind: Type, value: int) -> bool:
    """Say whether a whole number lies in the range of a type."""
    low, high = _RANGES[kind]
    return low <= value <= high
