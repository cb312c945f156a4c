"""Names of columns in Kusto: which can stand bare, and how the others are written."""

from __future__ import annotations

import re

from .tables import bracketed

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

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


def name(value: str) -> str:
    """Write a column name, in brackets where it is no plain identifier."""
    if is_plain(value):
        return value
    return bracketed(value)


def is_plain(value: str) -> bool:
    """Say whether a name can stand without brackets."""
    return _IDENTIFIER.fullmatch(value) is not None and value not in RESERVED
