"""Events that an array puts into several rows: each counts once, told apart by the whole key of its table."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from sigma.exceptions import SigmaError

from harness.engines.kusto_store import EVENT_COLUMN, Store, StoredTable
from harness.engines.kusto_text import INGESTION_COLUMN, executable
from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend
from sigma.sigmaproof.loader import load_documents
from sigma.sigmaproof.tables import Column, Table
from tests.oracles.kusto.binder import bind
from tests.sigma.backends.kusto_table import NOW, pipeline

_COLUMNS = {
    "action": Column("Action", "string"),
    "label": Column("Tags", "dynamic"),
    "note": Column("Note", "string"),
}
_TYPES = {
    "TimeGenerated": "datetime",
    "Host": "string",
    "Id": "long",
    "Action": "string",
    "Tags": "dynamic",
    "Note": "string",
}
_KEY = ("TimeGenerated", "Host", "Id")
DOORS = Table("Doors", id="Id", key=_KEY, columns=_COLUMNS)
GATES = Table("Gates", id="Id", key=_KEY, columns=_COLUMNS)
PLAIN = Table("Doors", id="Id", columns=_COLUMNS)
NOTED = Table("Gates", id="Id", key=_KEY, columns={**_COLUMNS, "label": Column("Note", "string")})

SLIDING: dict[str, Any] = {"type": "event_count", "group-by": ["label"], "timespan": "10m"}
RUNS: dict[str, Any] = {**SLIDING, "timespan": "9m"}
VALUES: dict[str, Any] = {**RUNS, "type": "value_count", "group-by": ["action"]}

Rows = dict[str, list[tuple[str, int, list[str]]]]
"""By table: host, identity and tags of each row."""

SAME_ID: Rows = {"Doors": [("one", 7, ["x", "y"]), ("two", 7, ["x"])]}
ONE_ROW: Rows = {"Doors": [("one", 7, ["x", "x"])]}
TWO_TABLES: Rows = {"Doors": [("one", 7, ["x"])], "Gates": [("one", 7, ["x", "x"])]}


def _documents(section: dict[str, Any], number: int, *, in_runs: bool) -> str:
    condition = {"gte": number, **({"field": "label"} if section["type"] == "value_count" else {})}
    own = {"sigmaproof": {"threshold": {"count": 2}}} if condition.get("field") else {}
    main = {
        "title": "Main",
        "correlation": {**section, "rules": ["a"], "condition": condition},
        **(own or ({"sigmaproof": {"threshold": {}}} if in_runs else {})),
    }
    base = {
        "title": "a",
        "name": "a",
        "logsource": {"category": "test"},
        "detection": {"sel": {"action": "open"}, "condition": "sel"},
    }
    return yaml.safe_dump_all([main, base])


def _text(documents: str, *tables: Table) -> str:
    loaded = load_documents(documents, "rule.yml")
    (text,) = SigmaproofKustoBackend(pipeline(*tables)).convert(loaded.collection)
    return str(text)


def _found(text: str, rows: Rows, tables: tuple[Table, ...]) -> list[dict[str, object]]:
    types = {**_TYPES, INGESTION_COLUMN: "datetime", EVENT_COLUMN: "string"}
    stored = [
        StoredTable(
            table.name,
            types,
            [
                [NOW, host, identity, "open", tags, "x", NOW, f"{table.name} {host} {identity}"]
                for host, identity, tags in rows.get(table.name, [])
            ],
        )
        for table in tables
    ]
    with Store(stored) as store:
        result = store.query(executable(text).text, NOW)
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


COUNTS: dict[str, tuple[dict[str, Any], Rows, tuple[Table, ...], dict[str, int]]] = {
    "rows of one Id on two hosts": (SLIDING, SAME_ID, (DOORS,), {"x": 2, "y": 1}),
    "one value twice in a row": (SLIDING, ONE_ROW, (DOORS,), {"x": 1}),
    "rows alike in two tables": (SLIDING, TWO_TABLES, (DOORS, GATES), {"x": 2}),
    "an identity that is enough": (SLIDING, SAME_ID, (PLAIN,), {"x": 1, "y": 1}),
    "an array in one table and a text in another": (
        SLIDING,
        TWO_TABLES,
        (DOORS, NOTED),
        {"x": 2},
    ),
    "in runs, an array in one table and a text in another": (
        RUNS,
        TWO_TABLES,
        (NOTED, DOORS),
        {"x": 2},
    ),
    "in runs, rows of one Id on two hosts": (RUNS, SAME_ID, (DOORS,), {"x": 2, "y": 1}),
    "in runs, one value twice in a row": (RUNS, ONE_ROW, (DOORS,), {"x": 1}),
    "in runs, rows alike in two tables": (RUNS, TWO_TABLES, (DOORS, GATES), {"x": 2}),
    "in runs, an identity that is enough": (RUNS, SAME_ID, (PLAIN,), {"x": 1, "y": 1}),
}


@pytest.mark.parametrize(("section", "rows", "tables", "expected"), COUNTS.values(), ids=COUNTS)
def test_an_event_counts_once_in_each_group(
    section: dict[str, Any], rows: Rows, tables: tuple[Table, ...], expected: dict[str, int]
) -> None:
    text = _text(_documents(section, 1, in_runs=section is RUNS), *tables)
    found = _found(text, rows, tables)
    assert {str(one["label"]): one["EventCount"] for one in found} == expected


@pytest.mark.parametrize(
    ("rows", "tables", "events"),
    [(SAME_ID, (DOORS,), 2), (SAME_ID, (PLAIN,), None), (TWO_TABLES, (DOORS, GATES), 2)],
)
def test_the_values_of_an_array_are_those_of_each_event(
    rows: Rows, tables: tuple[Table, ...], events: int | None
) -> None:
    found = _found(_text(_documents(VALUES, 1, in_runs=True), *tables), rows, tables)
    assert [one["EventCount"] for one in found] == ([] if events is None else [events])


def test_values_of_which_only_some_tables_have_arrays_are_not_counted_in_runs() -> None:
    with pytest.raises(SigmaError, match="label is an array in some of the tables and one value"):
        _text(_documents(VALUES, 1, in_runs=True), DOORS, NOTED)


def test_texts_bind() -> None:
    texts = [
        _text(_documents(section, 1, in_runs=section is not SLIDING), *tables)
        for section in (SLIDING, RUNS, VALUES)
        for tables in ((DOORS,), (PLAIN,), (DOORS, GATES), (DOORS, NOTED))
        if not (section is VALUES and NOTED in tables)
    ]
    schema = {"Doors": _TYPES, "Gates": _TYPES}
    answers = zip(texts, bind([(text, schema) for text in texts]), strict=True)
    assert [(text, answer.findings) for text, answer in answers if answer.findings] == []
