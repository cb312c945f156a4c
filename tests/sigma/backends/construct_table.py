"""The table that the matrix of constructs and column types runs on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import yaml
from sigma.collection import SigmaCollection
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import (
    SetStateTransformation,
    ValueListPlaceholderTransformation,
)
from sigma.rule import SigmaRule

from converter.ir import ALWAYS, FieldType, Filter, Schema
from converter.languages.sigma import lower
from harness.engines.kusto_store import EVENT_COLUMN, Store, StoredTable
from harness.engines.kusto_text import INGESTION_COLUMN, executable
from harness.engines.predicate import evaluate
from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend
from sigma.sigmaproof.loader import LoadedRules
from sigma.sigmaproof.tables import TABLES, Column, Table
from tests.sigma.backends.kusto_table import CASES

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = {
    "id": "string",
    "s": "string",
    "u": "string",
    "b": "bool",
    "i": "int",
    "n": "long",
    "m": "long",
    "r": "real",
    "t": "datetime",
    "g": "guid",
    "d": "dynamic",
    "e": "dynamic",
    "l": "dynamic",
    "bag": "dynamic",
    "js": "string",
}
LEAVES = {
    "leaf": Column("tostring(bag.k)", "string"),
    "leafn": Column("tolong(bag.n)", "long"),
    "leafa": Column("bag.a", "dynamic"),
    "json": Column("tostring(parse_json(js).k)", "string"),
    "jsonn": Column("tolong(parse_json(js).n)", "long"),
    "jsona": Column("parse_json(js).a", "dynamic"),
}
"""Fields that are read from inside of a column."""
_SAME = {"leaf": "s", "leafn": "n", "leafa": "d", "json": "s", "jsonn": "n", "jsona": "d"}
"""The column that holds the same value in a row."""
SCHEMA = Schema(
    {
        **dict.fromkeys(("i", "n", "m", "l", "leafn", "jsonn"), FieldType.LONG),
        "r": FieldType.DOUBLE,
        "b": FieldType.BOOLEAN,
        "t": FieldType.DATE,
    }
)
_PLACEHOLDERS = {"names": ["admin", "a*b"]}


@dataclass(frozen=True, slots=True)
class Case:
    """A construct on a field."""

    construct: str
    modifiers: str
    field: str
    value: object
    expected: Mapping[str, Any]

    @property
    def key(self) -> str:
        return f"{self.construct}-{self.field or 'keyword'}"

    def rule(self, *, negated: bool = False) -> SigmaRule:
        """Return a rule with the case as its only selection; placeholders have their values."""
        name = f"{self.field}|{self.modifiers}" if self.modifiers else self.field
        selection = {name: self.value} if self.field or self.modifiers else self.value
        document = {
            "title": "A rule",
            "logsource": {"category": "test"},
            "detection": {
                "selection": selection,
                "condition": "not selection" if negated else "selection",
            },
        }
        rule = SigmaRule.from_dict(document)
        items = [ProcessingItem(ValueListPlaceholderTransformation())]
        ProcessingPipeline(items, vars=dict(_PLACEHOLDERS)).apply(rule)
        return rule


def constructs() -> list[dict[str, Any]]:
    return list(_data()["constructs"])


def cases() -> list[Case]:
    return list(_cases())


def _cases() -> Iterator[Case]:
    for construct in constructs():
        for one in construct["cases"]:
            yield Case(
                construct["construct"],
                construct.get("modifiers", ""),
                one.get("field", ""),
                one.get("value"),
                one,
            )


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    found = yaml.safe_load((CASES / "kusto_constructs.yml").read_text(encoding="utf-8"))
    return dict(found)


def table() -> Table:
    columns = {
        name: Column(name, kind)  # type: ignore[arg-type]  # the types are checked by use
        for name, kind in COLUMNS.items()
        if name not in ("id", "bag", "js")
    }
    columns["l"] = Column("l", "dynamic", element="long")
    return Table("T", id="id", columns={**columns, **LEAVES})


def schema() -> dict[str, dict[str, str]]:
    return {"T": {**COLUMNS, "TimeGenerated": "datetime"}}


def rendered(rule: SigmaRule) -> tuple[str, list[str]]:
    """Return the text, and the codes of its notes."""
    items = [ProcessingItem(SetStateTransformation(TABLES, (table(),)))]
    backend = SigmaproofKustoBackend(ProcessingPipeline(items))
    (text,) = backend.convert(SigmaCollection([rule]))
    return str(text), [code for code, _ in backend.notes]


def store() -> Store:
    types = {**COLUMNS, INGESTION_COLUMN: "datetime", EVENT_COLUMN: "string"}
    cells = [
        [*(_cell(row.get(name), kind) for name, kind in COLUMNS.items()), NOW, row["id"]]
        for row in _rows()
    ]
    return Store([StoredTable("T", types, cells)])


def ids_of(opened: Store, text: str) -> list[int]:
    result = opened.query(executable(text).text, NOW)
    place = result.columns.index(EVENT_COLUMN)
    return sorted(int(str(row[place])) for row in result.rows)


def sigma_ids(rule: SigmaRule) -> list[int]:
    """Return the rows that satisfy the rule as Sigma has it."""
    plan = lower(LoadedRules(SigmaCollection([rule])), {}, ALWAYS, SCHEMA)
    assert isinstance(plan, Filter)
    documents = {int(row["id"]): _document(row) for row in _rows()}
    return [number for number, document in documents.items() if evaluate(plan.predicate, document)]


def all_ids() -> list[int]:
    return [int(row["id"]) for row in _rows()]


def _rows() -> list[dict[str, Any]]:
    """Return the rows of the file; `bag` and `js` hold a row's s, n and d as k, n and a."""
    rows = []
    for row in _data()["rows"]:
        inside = {
            key: row[name] for key, name in (("k", "s"), ("n", "n"), ("a", "d")) if name in row
        }
        more = {"bag": inside, "js": json.dumps(inside)} if inside else {}
        rows.append({**row, **more, "id": str(row["id"])})
    return rows


def _document(row: Mapping[str, Any]) -> dict[str, object]:
    """Return a row as an event; a cell that is empty is an absent field."""
    own = {name: row[name] for name in COLUMNS if name in row and name not in ("bag", "js")}
    return own | {leaf: row[name] for leaf, name in _SAME.items() if name in row}


def _cell(value: object, kind: str) -> object:
    if value is None:
        return "" if kind == "string" else None
    return datetime.fromisoformat(str(value)) if kind == "datetime" else value
