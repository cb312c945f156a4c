"""Converts single values between types (ESQL-10): what `::`, TO_… and implicit casts share."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from converter.ir.values import parse_number
from harness.engines.view import address, address_text
from harness.events.time import EPOCH, instant, moment_of

from .types import NUMERIC, STRING, Scalar, Type, fits

_IPV4_PREFIX = 0xFFFF << 32
_MILLISECOND = 1000


class Unconvertible(ValueError):
    """Report that a value becomes null, and why."""


Convert = Callable[[Scalar], Scalar]


def converter(source: Type, target: Type) -> Convert | None:
    """Return the conversion of values; None where the platform has none."""
    if source is target:
        return _same
    if target is Type.KEYWORD:
        return _TO_TEXT.get(source)
    if source in STRING:
        return _FROM_TEXT.get(target)
    if source in NUMERIC and target in NUMERIC:
        return _TO_NUMBER[target]
    return _OTHERS.get((source, target))


def text_of(kind: Type, value: Scalar) -> str:
    """Write a value as TO_STRING does."""
    return str(_TO_TEXT[kind](value))


def parse_date(text: str) -> int:
    """Read a date as a conversion does: ISO 8601, with at least year, month and day."""
    found = None if text.isdigit() else instant(text)
    if found is None or not _DATE.match(text):
        raise Unconvertible(f"{text!r} is no date")
    return found


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T|$)")


def _same(value: Scalar) -> Scalar:
    return value


def _number_text(value: Scalar) -> str:
    if not isinstance(value, float):
        return str(value)
    magnitude = abs(value)
    if value == 0 or 1e-3 <= magnitude < 1e7:
        return repr(value)
    mantissa, _, exponent = f"{value:e}".partition("e")
    digits = repr(value).replace(".", "").lstrip("-0").partition("e")[0].rstrip("0")
    mantissa = f"{digits[:1]}.{digits[1:] or '0'}"
    return f"{'-' if value < 0 else ''}{mantissa}E{int(exponent)}"


def _ip_text(value: Scalar) -> str:
    return address_text(int(value))


def _date_text(value: Scalar) -> str:
    moment = moment_of(int(value))
    fraction = moment.microsecond
    digits = f"{fraction // 1000:03d}" if fraction % 1000 == 0 else f"{fraction:06d}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{digits}Z"


_TO_TEXT: dict[Type, Convert] = {
    Type.KEYWORD: _same,
    Type.TEXT: _same,
    Type.BOOLEAN: lambda value: "true" if value else "false",
    Type.INTEGER: _number_text,
    Type.LONG: _number_text,
    Type.DOUBLE: _number_text,
    Type.IP: _ip_text,
    Type.DATETIME: _date_text,
}


def _to_ip(value: Scalar) -> int:
    found = address(str(value))
    if found is None:
        raise Unconvertible(f"{value!r} is no IP address")
    return found


def _text_to_double(value: Scalar) -> float:
    number = parse_number(str(value).strip())
    if number is None or "_" in str(value):
        raise Unconvertible(f"{value!r} is no number")
    return float(number)


def _text_to_whole(target: Type) -> Convert:
    to_whole = _TO_NUMBER[target]

    def convert(value: Scalar) -> Scalar:
        try:
            whole = None if "_" in str(value) else int(str(value))
        except ValueError:
            whole = None
        return to_whole(_text_to_double(value) if whole is None else whole)

    return convert


def _to_whole(target: Type) -> Convert:
    def convert(value: Scalar) -> int:
        whole = _rounded(float(value)) if isinstance(value, float) else int(value)
        if not fits(target, whole):
            raise Unconvertible(f"{value} is out of the range of {target.value}")
        return whole

    return convert


def _rounded(value: float) -> int:
    """Round half up, as the platform does."""
    return int((value + 0.5) // 1)


_TO_NUMBER: dict[Type, Convert] = {
    Type.INTEGER: _to_whole(Type.INTEGER),
    Type.LONG: _to_whole(Type.LONG),
    Type.DOUBLE: lambda value: float(value),
}

_FROM_TEXT: dict[Type, Convert] = {
    Type.KEYWORD: _same,
    Type.BOOLEAN: lambda value: str(value).strip().lower() == "true",
    Type.INTEGER: _text_to_whole(Type.INTEGER),
    Type.LONG: _text_to_whole(Type.LONG),
    Type.DOUBLE: _text_to_double,
    Type.IP: _to_ip,
    Type.DATETIME: lambda value: parse_date(str(value)),
}


def _millis(value: Scalar) -> int:
    return int(value) // _MILLISECOND


def _from_millis(value: Scalar) -> int:
    micros = int(value) * _MILLISECOND
    try:
        EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        raise Unconvertible(f"{value} is out of the range of dates") from None
    return micros


_OTHERS: dict[tuple[Type, Type], Convert] = {
    (Type.BOOLEAN, Type.INTEGER): lambda value: int(value),
    (Type.BOOLEAN, Type.LONG): lambda value: int(value),
    (Type.BOOLEAN, Type.DOUBLE): lambda value: float(value),
    (Type.INTEGER, Type.BOOLEAN): lambda value: value != 0,
    (Type.LONG, Type.BOOLEAN): lambda value: value != 0,
    (Type.DOUBLE, Type.BOOLEAN): lambda value: value != 0,
    (Type.DATETIME, Type.LONG): _millis,
    (Type.DATETIME, Type.INTEGER): lambda value: _TO_NUMBER[Type.INTEGER](_millis(value)),
    (Type.DATETIME, Type.DOUBLE): lambda value: float(_millis(value)),
    (Type.INTEGER, Type.DATETIME): _from_millis,
    (Type.LONG, Type.DATETIME): _from_millis,
    (Type.DOUBLE, Type.DATETIME): lambda value: _from_millis(int(value)),
}
