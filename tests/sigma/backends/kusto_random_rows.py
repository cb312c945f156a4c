"""Random typed rows in two tables that hold the same fields in different ways.

`T` has a column of every type, a dynamic column `bag` and JSON text `js` with the leaves. `Other` holds the
text and number fields inside of `bag`, and the leaves as columns.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from converter.ir import FieldType, Schema
from harness.engines.kusto_store import Store, StoredTable
from harness.engines.kusto_text import INGESTION_COLUMN, executable
from sigma.sigmaproof.tables import Column, ColumnType, Table

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TEXTS = [
    "a", "A", "ab", "aB", "b a", "a*b", "a?b", r"a\b", r"C:\a\b.exe", 'say "a"', "a\nb", "5", "-1", "1.5",
    "true", "False", "10.0.0.1", "192.168.0.9", "fe80::1", "a,b", "[a]", "a_b-c", "%a%", "'", "(a|b)", "a\0b", "É", "-a b",
    "bWltaWthdHo=", "{0}", "where", "//", "日本", "2001:db8::5", "::ffff:1", "\t", "a\\", "&~", "null",
]  # fmt: skip
NUMBERS = [0, 1, 5, -1, 22, 100]
REALS = [0.0, 1.5, 5.0, -2.25]
GUIDS = ["6f0f1d0a-0f3c-4b5e-9a0a-1f6f2f7d2c11", "00000000-0000-0000-0000-00000000000a"]
_INSTANTS = [datetime(2024, 6, 1, tzinfo=UTC), datetime(2025, 1, 1, 12, 30, tzinfo=UTC)]

_T: Mapping[str, ColumnType] = {
    "Id": "string",
    "TimeGenerated": "datetime",
    "s": "string",
    "u": "string",
    "n": "long",
    "i": "int",
    "r": "real",
    "b": "bool",
    "d": "dynamic",
    "l": "dynamic",
    "g": "guid",
    "t": "datetime",
    "bag": "dynamic",
    "js": "string",
}
_OTHER: Mapping[str, ColumnType] = {
    "Id": "string",
    "TimeGenerated": "datetime",
    "leaf": "string",
    "leafn": "int",
    "leafa": "dynamic",
    "json": "string",
    "jsonn": "real",
    "bag": "dynamic",
}
SCHEMAS: Mapping[str, Mapping[str, str]] = {"T": _T, "Other": _OTHER}
_IN_T = {
    "leaf": Column("tostring(bag.leaf)", "string"),
    "leafn": Column("tolong(bag['a number'])", "long"),
    "leafa": Column("bag.more.items", "dynamic"),
    "json": Column("tostring(parse_json(js).json)", "string"),
    "jsonn": Column("todouble(parse_json(js).a[0].n)", "real"),
}
_IN_OTHER = {
    "s": Column("tostring(bag.s)", "string"),
    "u": Column("tostring(bag.u)", "string"),
    "n": Column("tolong(bag.n)", "long"),
    "i": Column("tolong(bag.i)", "long"),
    "r": Column("todouble(bag.r)", "real"),
    "b": Column("tobool(bag.b)", "bool"),
    "d": Column("bag.d", "dynamic"),
    "l": Column("bag.l", "dynamic", element="long"),
}
_ONLY_IN_T = frozenset("gt")
_HIDDEN = ("Id", "TimeGenerated", "bag", "js")
TABLES = (
    Table(
        "T",
        columns={
            **{name: Column(name, kind) for name, kind in _T.items() if name not in _HIDDEN},
            "l": Column("l", "dynamic", element="long"),
            **_IN_T,
        },
    ),
    Table(
        "Other",
        columns={
            **{name: Column(name, kind) for name, kind in _OTHER.items() if name not in _HIDDEN},
            **_IN_OTHER,
        },
        absent=_ONLY_IN_T,
    ),
)
SCHEMA = Schema(
    {
        **dict.fromkeys(("n", "i", "l", "leafn"), FieldType.LONG),
        **dict.fromkeys(("r", "jsonn"), FieldType.DOUBLE),
        "b": FieldType.BOOLEAN,
        "t": FieldType.DATE,
    },
    frozenset({"s", "u", "n", "i", "r", "b", "g", "t", "leaf", "leafn", "json", "jsonn"}),
)

Event = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RowSets:
    """Random events in sets, all of them loaded into the tables at once."""

    events: Mapping[str, Event]
    """Event by identity; the first part of it is its set."""
    tables: Mapping[str, str]
    """Table by identity."""

    def in_tables(self, tables: tuple[Table, ...]) -> dict[str, Event]:
        """Return the events that these tables hold."""
        names = {table.name for table in tables}
        return {one: event for one, event in self.events.items() if self.tables[one] in names}


def row_sets(seed: int, sets: int, size: int) -> RowSets:
    """Make events of which about every third field is missing."""
    chance = Random(seed)
    events: dict[str, Event] = {}
    tables: dict[str, str] = {}
    for number in range(sets):
        for place in range(size):
            identity = f"{number}-{place}"
            tables[identity] = chance.choice(("T", "T", "Other"))
            events[identity] = _event(chance, tables[identity])
    return RowSets(events, tables)


def _event(chance: Random, table: str) -> Event:
    plain = [text for text in TEXTS if "\0" not in text]  # JSON of DuckDB has no NUL
    texts = TEXTS if table == "T" else plain
    event: dict[str, object] = {
        "s": chance.choice(texts),
        "u": chance.choice(texts),
        "n": chance.choice(NUMBERS),
        "i": chance.choice(NUMBERS),
        "r": chance.choice(REALS),
        "b": chance.choice([True, False]),
        "g": chance.choice(GUIDS),
        "t": chance.choice(_INSTANTS).isoformat(),
        "d": chance.sample(texts, chance.randint(0, 3)),
        "l": chance.sample(NUMBERS, chance.randint(0, 3)),
        "leaf": chance.choice(plain),
        "leafn": chance.choice(NUMBERS),
        "leafa": chance.sample(plain, chance.randint(0, 2)),
        "json": chance.choice(plain),
        "jsonn": chance.choice(REALS),
    }
    missing = _ONLY_IN_T if table == "Other" else frozenset()
    return {
        name: value
        for name, value in event.items()
        if name not in missing and chance.random() < 0.7
    }


def store(made: RowSets) -> Store:
    """Load the tables; every cell of a column that is not text is null where it is missing."""
    return Store([_stored(name, columns, made) for name, columns in SCHEMAS.items()])


def _stored(name: str, columns: Mapping[str, str], made: RowSets) -> StoredTable:
    types = {**columns, INGESTION_COLUMN: "datetime"}
    rows = [
        [*(_cell(cells.get(column), kind) for column, kind in columns.items()), NOW]
        for one, event in made.events.items()
        if made.tables[one] == name
        for cells in [_cells(one, event, name)]
    ]
    return StoredTable(name, types, rows)


def _cells(identity: str, event: Event, table: str) -> dict[str, object]:
    cells: dict[str, object] = {**event, "Id": identity, "TimeGenerated": NOW.isoformat()}
    if table == "Other":
        cells["bag"] = {name: event[name] for name in _IN_OTHER if name in event}
        return cells
    names = {"leaf": "leaf", "leafn": "a number"}
    bag: dict[str, object] = {new: event[old] for old, new in names.items() if old in event}
    if "leafa" in event:
        bag["more"] = {"items": event["leafa"]}
    inside: dict[str, object] = {"json": event["json"]} if "json" in event else {}
    if "jsonn" in event:
        inside["a"] = [{"n": event["jsonn"]}]
    return {**cells, "bag": bag or None, "js": json.dumps(inside) if inside else None}


def _cell(value: object, kind: str) -> object:
    if value is None:
        return "" if kind == "string" else None
    return datetime.fromisoformat(str(value)) if kind == "datetime" else value


def found_by(opened: Store, text: str) -> set[str]:
    """Return the identities of the rows that a text finds."""
    result = opened.query(executable(text).text, NOW)
    place = result.columns.index("Id")
    return {str(row[place]) for row in result.rows}
