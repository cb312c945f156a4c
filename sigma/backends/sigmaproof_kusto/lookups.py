"""Looks rows up in watchlists and other tables, before the first operator that reads what these say."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from sigma.sigmaproof.enrichment import NETWORK, Lookup
from sigma.sigmaproof.tables import JoinedTable, Table
from sigma.sigmaproof.xml_data import DEFINITION, READER

from .layout import wrapped
from .literals import text_literal

_INDENT = "    "
_ENDS = re.compile(r"\| (?:project|summarize|distinct)(?![\w-])")
"""An operator behind which a row has no stored columns but those that it hands on."""
_TEXT = re.compile(r'@"(?:[^"]|"")*"|"(?:[^"\\]|\\.)*"')
"""A literal, in which a word is no column."""


def with_lookups(lines: Sequence[str], tables: Iterable[Table]) -> list[str]:
    """Return the lines of a query with the look-ups that the pipelines of these tables need."""
    written = list(lines)
    merged = _merged(tables)
    names = frozenset(table.name for table in merged)
    for table in merged:
        others = names - {table.name}
        for name, expression in table.extended.items():
            added = [f"| extend {name} = {expression}"]
            written = _inserted(written, table, (name,), added, others)
        for lookup in table.lookups:
            read = _read_of(lookup, written)
            if read.columns:
                written = _inserted(written, table, read.columns, lookup_lines(read), others)
        for joined in table.joined:
            written = _last(written, table, joined)
        for joined in table.joined:
            written = _inserted(written, table, joined.columns, joined_lines(joined), others)
    return [*(DEFINITION if _reads([READER]).search("\n".join(written)) else ()), *written]


def _merged(tables: Iterable[Table]) -> list[Table]:
    """Return each table once; its parts differ in the columns that a query computes."""
    found: dict[str, Table] = {}
    for table in tables:
        known = found[table.name].extended if table.name in found else {}
        found[table.name] = replace(table, extended={**known, **table.extended})
    return list(found.values())


def _last(lines: Sequence[str], table: Table, joined: JoinedTable) -> list[str]:
    """Move conditions on joined columns behind the others beside them, so that fewer rows are joined."""
    columns = list(joined.columns)
    made = [name for name, value in table.extended.items() if _reads(columns).search(value)]
    reads = _reads([*columns, *made])
    written: list[str] = []
    first: list[str] = []
    last: list[str] = []
    moved: list[str] = []
    for operator in _operators(lines):
        text = "\n".join(operator)
        is_late = reads.search(text) is not None or any(name in text for name in moved)
        is_extended = text.lstrip().startswith("| extend ")
        if text.lstrip().startswith("| where ") or (is_late and is_extended):
            (last if is_late else first).extend(operator)
            if is_extended:  # what reads the new column stays behind it
                moved.append(text.split()[2])
            continue
        written += [*first, *last, *operator]
        first, last, moved = [], [], []
    return [*written, *first, *last]


def _operators(lines: Sequence[str]) -> list[list[str]]:
    """Return each condition with the lines that it goes on in, every other line alone."""
    found: list[list[str]] = []
    depth = -1
    for line in lines:
        inset = len(line) - len(line.lstrip())
        if 0 <= depth < inset:
            found[-1].append(line)
            continue
        found.append([line])
        depth = inset if line.lstrip().startswith("| where ") else -1
    return found


def _reads(columns: Iterable[str]) -> re.Pattern[str]:
    # A name before `=` is one that an operator gives, not one that it reads.
    return re.compile(rf"(?<![\w'])({'|'.join(map(re.escape, columns))})(?!\w| = )")


def _read_of(lookup: Lookup, lines: Sequence[str]) -> Lookup:
    """Return the look-up with those columns only that the query reads."""
    text = "\n".join(lines)
    read = {name: how for name, how in lookup.columns.items() if _reads([name]).search(text)}
    return replace(lookup, columns=read)


def _inserted(
    lines: list[str],
    table: Table,
    columns: Iterable[str],
    added: Sequence[str],
    others: Collection[str],
) -> list[str]:
    """Insert the added lines into each pipeline of the table that reads one of their columns.

    It ends where that of one of the other tables begins, and behind an operator that hands no more columns on.
    Where the lines are there already, they stand once.
    """
    reads = _reads(columns)
    written: list[str] = []
    pipeline = operator = -1
    start = 0
    for line in lines:
        text = line.strip(" (")
        inset = len(line) - len(line.lstrip())
        if text in others:
            pipeline = -1
        if text == table.name:
            pipeline, start = len(written), inset
        elif [line] == list(added):
            written += [line] if pipeline >= 0 else []
            pipeline = -1
            continue
        elif line.lstrip().startswith("|"):
            if operator > pipeline and _ENDS.match(written[operator], start):
                pipeline = -1
            operator = len(written)
        if pipeline >= 0 and operator > pipeline and reads.search(_TEXT.sub('""', line)):
            prefix = " " * start
            written[operator:operator] = [prefix + one for one in added]
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


def joined_lines(joined: JoinedTable) -> list[str]:
    """Write the operators after which each row has the columns of the latest row for the same value.

    A row that leaves the key or all of the columns empty says nothing, and is no latest one.
    """
    stored = list(dict.fromkeys(joined.columns.values()))
    flags = {column for name, column in joined.columns.items() if name in joined.flags}
    told = [f"isnot{'null' if one in flags else 'empty'}({one})" for one in stored]
    one_of = told[0] if len(told) == 1 else f"({' or '.join(told)})"
    key = joined.on if joined.on == joined.key else f"{joined.on} = {joined.key}"
    read = [key, *(f"{name} = {column}" for name, column in joined.columns.items())]
    return [
        "| lookup kind=leftouter (",
        f"{_INDENT}{joined.name}",
        f"{_INDENT}| where isnotempty({joined.key}) and {one_of}",
        f"{_INDENT}| summarize arg_max({', '.join([joined.latest, *stored])}) by {joined.key}",
        *wrapped(f"{_INDENT}| project ", read),
        f") on {joined.on}",
    ]
