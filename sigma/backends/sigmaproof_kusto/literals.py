"""Kusto literals; the only place that quotes.

Only what every Kusto parser at hand reads alike is written: verbatim strings, and in ordinary strings
the escapes of quote, backslash, line feed, carriage return and tab (KUSTO-1).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sigma.exceptions import SigmaFeatureNotSupportedByBackendError

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def text_literal(value: str) -> str:
    """Write a string: verbatim when it holds a backslash or quote and no line break, else escaped."""
    if "\0" in value:
        raise SigmaFeatureNotSupportedByBackendError(
            f"the value {value!r} holds a NUL character, which no Kusto string can; remove it"
        )
    if "\n" in value or "\r" in value:
        return '"' + "".join(_ESCAPES.get(character, character) for character in value) + '"'
    if "\\" in value or '"' in value:
        return '@"' + value.replace('"', '""') + '"'
    return '"' + value.replace("\t", "\\t") + '"'


def number_literal(value: float, column_type: str) -> str:
    """Write a number in the column's type, so that no conversion takes part in the comparison."""
    if column_type == "real":
        return repr(float(value))
    return str(int(value))


def constant_literal(value: str | bool | float, column_type: str) -> str:
    """Write a constant of any type."""
    match value:
        case bool():
            return boolean_literal(value)
        case str():
            return text_literal(value)
        case _:
            return number_literal(value, column_type)


def boolean_literal(value: bool) -> str:
    """Write a boolean."""
    return "true" if value else "false"


def datetime_literal(value: datetime) -> str:
    """Write an instant in UTC."""
    return f"datetime({value.astimezone(UTC).isoformat().replace('+00:00', 'Z')})"


def timespan_literal(value: timedelta) -> str:
    """Write a duration in the largest unit that divides it: `9m`, `14d`."""
    seconds = int(value.total_seconds())
    for unit, size in _UNITS:
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    raise AssertionError("one second divides every whole duration")
