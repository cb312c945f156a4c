"""The table that Kusto cases run on: its rows, its Sigma fields and how a text runs on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sigma.collection import SigmaCollection
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import SetStateTransformation
from sigma.rule import SigmaRule

from harness.engines.kusto_store import EVENT_COLUMN, Store, StoredTable
from harness.engines.kusto_text import INGESTION_COLUMN, executable
from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend
from sigma.sigmaproof.tables import TABLES, Column, Table

CASES = Path(__file__).parents[2] / "data" / "cases"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_ENRICHMENT = "the organisation is not in the log"


def cases(name: str) -> list[dict[str, Any]]:
    found = yaml.safe_load((CASES / name).read_text(encoding="utf-8"))["cases"]
    return list(found)


@lru_cache(maxsize=1)
def data() -> tuple[dict[str, str], list[dict[str, object]]]:
    found = yaml.safe_load((CASES / "kusto_rows.yml").read_text(encoding="utf-8"))
    return found["columns"], found["rows"]


def schema() -> dict[str, dict[str, str]]:
    return {"T": {**data()[0], "TimeGenerated": "datetime"}}


def table() -> Table:
    columns: dict[str, Column] = {
        name: Column(name, kind)  # type: ignore[arg-type]  # the case file's types are checked by use
        for name, kind in data()[0].items()
        if name not in ("id", "a.b")
    }
    columns["ab"] = Column("['a.b']", "string")
    columns["constant"] = Column('"Fixed"', "string", "Fixed")
    columns["org"] = Column("s", "string", values={"ACME": "22"}, enrichment=_ENRICHMENT)
    return Table(
        "T",
        id="id",
        columns=columns,
        absent=frozenset({"absent"}),
        refused={"refused": "it is kept as a hash"},
    )


def pipeline(*tables: Table) -> ProcessingPipeline:
    return ProcessingPipeline(
        items=[ProcessingItem(SetStateTransformation(TABLES, tables or (table(),)))]
    )


def rule_of(detection: object, negated: bool = False) -> SigmaRule:
    return SigmaRule.from_dict(
        {
            "title": "A rule",
            "logsource": {"category": "test"},
            "detection": {
                "selection": detection,
                "condition": "not selection" if negated else "selection",
            },
        }
    )


def rendered(rule: SigmaRule, *tables: Table) -> tuple[str, list[tuple[str, str]]]:
    backend = SigmaproofKustoBackend(pipeline(*tables))
    (text,) = backend.convert(SigmaCollection([rule]))
    return str(text), backend.notes


def stored() -> StoredTable:
    columns, rows = data()
    types = {
        **columns,
        "TimeGenerated": "datetime",
        INGESTION_COLUMN: "datetime",
        EVENT_COLUMN: "string",
    }
    cells = [
        [_cell(row.get(name), kind) for name, kind in columns.items()] + [NOW, NOW, str(row["id"])]
        for row in rows
    ]
    return StoredTable("T", types, cells)


def ids_of(text: str, tables: Sequence[StoredTable] = ()) -> list[int]:
    with Store(tables or [stored()]) as store:
        result = store.query(executable(text).text, NOW)
    place = result.columns.index(EVENT_COLUMN)
    return sorted(int(str(row[place])) for row in result.rows)


def documents() -> Mapping[int, dict[str, object]]:
    """Return the rows as events; a row's empty cells are absent fields."""
    names = {"a.b": "ab"}
    return {
        int(str(row["id"])): {names.get(name, name): value for name, value in row.items()}
        for row in data()[1]
    }


def _cell(value: object, kind: str) -> object:
    if value is None:
        return "" if kind == "string" else None
    if kind == "datetime":
        return datetime.fromisoformat(str(value))
    return str(value) if kind == "string" else value
