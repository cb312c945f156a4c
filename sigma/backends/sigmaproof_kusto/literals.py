"""Kusto literals and names; the only place that quotes.

Only what every Kusto parser at hand reads alike is written: verbatim strings, and in ordinary strings
the escapes of quote, backslash, line feed, carriage return and tab (KUSTO-1).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from sigma.exceptions import SigmaFeatureNotSupportedByBackendError

from sigma.sigmaproof.tables import bracketed

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))

_RESERVED_TEXT = (
    "and as asc between by contains datatable declare desc distinct endswith evaluate extend external_table"
    " facet false find fork from has has_all has_any hasprefix hassuffix hint in invoke join kind let limit"
    " lookup materialize matches mv null nulls of on or order parse partition pattern print project range"
    " reduce render restrict sample scan search serialize set sort startswith summarize take to toscalar"
    " top true typeof union view where with"
)
RESERVED = frozenset(_RESERVED_TEXT.split())
"""Words that cannot stand alone as a column name everywhere."""


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


def name(value: str) -> str:
    """Write a column name, in brackets where it is no plain identifier."""
    if is_plain(value):
        return value
    return bracketed(value)


def is_plain(value: str) -> bool:
    """Say whether a name can stand without brackets."""
    return _IDENTIFIER.fullmatch(value) is not None and value.lower() not in RESERVED
