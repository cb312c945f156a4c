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

_WORDS = """
accumulate and anomalychart anomalycolumns areachart as asc bagexpansion barchart between
bin_legacy boolean by card columnchart consume contains contains_cs containscs count datascope
datatable date datetime decimal decodeblocks desc distinct double dynamic endswith endswith_cs
entity_group expandoutput extend external_data externaldata filter find first flags float
getschema has has_all has_any has_cs hasprefix hasprefix_cs hassuffix hassuffix_cs hotcache in int
int16 int32 int64 int8 invoke isfuzzy join kind ladderchart last like likecs limit linechart long
materialize mvapply mvexpand nooptimization notcontains notcontainscs notlike notlikecs of or
order others panels parse piechart pivotchart print project real regex relaxed sample scan
scatterchart search serialize set simple sort stackedareachart startswith startswith_cs string
summarize table take time timechart timeline timepivot timespan title to top toscalar totable
treemap uint uint16 uint32 uint64 uint8 ulong union uniqueid where with_itemindex with_match_id
with_node_id with_source with_step_name withsource
"""
RESERVED = frozenset(_WORDS.split())
"""Words that a parser of Kusto does not take as a column name; names are case-sensitive."""


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
    return _IDENTIFIER.fullmatch(value) is not None and value not in RESERVED
