"""Looks rows up in watchlists, before the first operator that reads what the watchlist says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sigma.sigmaproof.enrichment import NETWORK, Lookup
from sigma.sigmaproof.tables import Table

from .layout import wrapped
from .literals import text_literal

_INDENT = "    "


def with_lookups(lines: Sequence[str], tables: Iterable[Table]) -> list[str]:
    """Return the lines of a query with the look-ups that the pipelines of these tables need."""
    written = list(lines)
    for table in tables:
        for lookup in table.lookups:
            read = _read_of(lookup, written)
            if read.columns:
                written = _inserted(written, table, read)
    return written


def _reads(columns: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'])({'|'.join(map(re.escape, columns))})(?!\w)")


def _read_of(lookup: Lookup, lines: Sequence[str]) -> Lookup:
    """Return the look-up with those columns only that the query reads."""
    text = "\n".join(lines)
    read = {name: how for name, how in lookup.columns.items() if _reads([name]).search(text)}
    return replace(lookup, columns=read)


def _inserted(lines: list[str], table: Table, lookup: Lookup) -> list[str]:
    """Insert the look-up into each pipeline of the table that reads a column of it."""
    reads = _reads(lookup.columns)
    written: list[str] = []
    pipeline = operator = -1
    for line in lines:
        text = line.strip(" (")
        if text == table.name:
            pipeline = len(written)
        elif line.lstrip().startswith("|"):
            operator = len(written)
        if pipeline >= 0 and operator > pipeline and reads.search(line):
            indent = written[operator] if operator < len(written) else line
            prefix = indent[: len(indent) - len(indent.lstrip())]
            written[operator:operator] = [prefix + one for one in lookup_lines(lookup)]
            pipeline = -1
        written.append(line)
    return written


def lookup_lines(lookup: Lookup) -> list[str]:
    """Write the operators after which each row has the columns of its address's network."""
    lines = []
    if lookup.address != lookup.address_column:
        lines.append(f"| extend {lookup.address_column} = {lookup.address}")
    read = [f"{lookup.network} = tostring({NETWORK})"]
    read += [f"{column} = {expression}" for column, expression in lookup.columns.items()]
    projected = wrapped(f"{_INDENT}| project ", read, "),")
    return [
        *lines,
        f"| evaluate ipv4_lookup((_GetWatchlist({text_literal(lookup.watchlist)})",
        *projected,
        f"{_INDENT}{lookup.address_column}, {lookup.network}, return_unmatched = true)",
    ]
