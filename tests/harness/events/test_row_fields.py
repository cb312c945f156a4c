"""Fields that share columns, or that say more than a column does, in rows built from events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from converter.layout import CellPlace, FieldLayout, Kind, TableLayout
from harness.events.event import Document, Event
from harness.events.row_fields import read_field
from harness.events.rows import EventRow, row_of

NOW = datetime(2026, 1, 15, tzinfo=UTC)
TABLE = TableLayout(
    "Table",
    {
        "Owner": "string",
        "User": "string",
        "Kind": "string",
        "Id": "string",
        "TimeGenerated": "datetime",
    },
    (
        FieldLayout("user.id", places=(CellPlace("User"),)),
        FieldLayout("user.email", places=(CellPlace("Owner"), CellPlace("User")), reading="e-mail"),
        FieldLayout(
            "kinds",
            places=(CellPlace("Kind"),),
            cases={"15": "login", "6": "file"},
            always=("web",),
        ),
        FieldLayout("types", always=("info",)),
        FieldLayout("actor", places=(CellPlace("User"), CellPlace("Owner"))),
        FieldLayout("actor.type", places=(CellPlace("User"),), cases={"": "app"}, otherwise="user"),
        FieldLayout("event.id", places=(CellPlace("Id"),)),
    ),
)


def row(document: Document, *fields: str) -> EventRow:
    return row_of(TABLE, Event("e1", NOW, NOW, document), fields)


def test_a_value_stands_in_the_column_that_is_free() -> None:
    found = row({"user.id": "S-1-5-18", "user.email": "a@x"}, "user.id", "user.email")
    assert (found.cells["User"], found.cells["Owner"]) == ("S-1-5-18", "a@x")
    assert found.problems == {}
    assert row({"user.email": "a@x"}, "user.email").cells["User"] == "a@x"


@pytest.mark.parametrize(("kind", "column"), [("user", "User"), ("app", "Owner"), ("", "Owner")])
def test_a_value_stands_where_another_field_is_told_by_some_text(kind: str, column: str) -> None:
    document = {"actor": "ada", **({"actor.type": kind} if kind else {})}
    found = row(document, "actor", *(["actor.type"] if kind else []))
    assert found.cells[column] == "ada"
    assert found.problems == {}


@pytest.mark.parametrize(
    ("kinds", "kind", "is_held"),
    [
        (["web", "login"], "15", True),
        (["file", "web"], "6", True),
        (["web"], "", True),
        (["login"], "15", False),
        (["web", "other"], "", False),
        (["web", "login", "file"], "", False),
    ],
)
def test_the_value_beside_those_of_every_event_is_the_columns(
    kinds: list[str], kind: str, is_held: bool
) -> None:
    found = row({"kinds": kinds}, "kinds")
    assert found.cells["Kind"] == kind
    assert (found.problems == {}) == is_held


def test_values_that_no_column_tells_may_be_any() -> None:
    assert row({"types": ["info", "start"]}, "types").problems == {}
    assert row({"types": ["start"]}, "types").problems != {}


def test_the_identity_is_the_field_where_a_rule_compares_it() -> None:
    document = {"event.id": "x"}
    assert row(document, "event.id").cells["Id"] == "x"
    assert row(document).cells["Id"] == "e1"


def test_fields_of_one_column_agree_on_the_text_that_tells_both() -> None:
    change = FieldLayout(
        "event.type",
        places=(CellPlace("Kind"),),
        cases={"Modified": "change", "Renamed": "change"},
    )
    rename = FieldLayout("event.action", places=(CellPlace("Kind"),), cases={"Renamed": "rename"})
    document = {"event.type": "change", "event.action": "rename"}
    for fields in [(change, rename), (rename, change)]:
        table = replace(TABLE, fields=fields)
        found = row_of(table, Event("e1", NOW, NOW, document), set(document))
        assert (found.cells["Kind"], found.problems) == ("Renamed", {})


def test_words_are_counted_in_the_text_of_the_column() -> None:
    line = FieldLayout("line", places=(CellPlace("Kind"),))
    count = FieldLayout("count", Kind.NUMBER, (CellPlace("Kind"),), reading="word-count")
    table = replace(TABLE, fields=(line, count))

    def built(document: Document, *fields: str) -> EventRow:
        return row_of(table, Event("e1", NOW, NOW, document), fields)

    assert built({"line": "a b", "count": 2}, "line", "count").problems == {}
    assert built({"line": "a b", "count": 3}, "line", "count").problems.keys() == {"count"}
    assert built({"line": "a b"}, "line", "count").problems.keys() == {"count"}
    assert built({}, "line", "count").problems == {}
    assert built({"count": 2}, "count").cells["Kind"] == "word word"
    assert built({"count": 0}, "count").problems.keys() == {"count"}


STARTED = "2026-01-15T00:00:00.0000000Z"
PROCESSES = TableLayout(
    "Processes",
    {
        "Id": "string",
        "TimeGenerated": "datetime",
        "Own": "long",
        "By": "long",
        "ByStart": "datetime",
        "Parent": "long",
        "ParentStart": "datetime",
    },
    (
        FieldLayout("own", Kind.NUMBER, (CellPlace("Own"),)),
        FieldLayout(
            "parent",
            places=tuple(map(CellPlace, ("Own", "By", "ByStart", "Parent", "ParentStart"))),
            reading="parent-identity",
        ),
        FieldLayout(
            "process",
            places=(CellPlace("Parent"), CellPlace("ParentStart")),
            reading="process-identity",
        ),
    ),
)


@pytest.mark.parametrize(
    ("document", "cells", "is_held"),
    [
        ({"parent": f"5 {STARTED}", "own": 7}, {"By": 5, "ByStart": NOW, "Own": 7}, True),
        ({"parent": f"5 {STARTED}", "own": 5}, {"By": 5, "Own": 5}, False),
        ({"process": f"5 {STARTED}"}, {"Parent": 5, "ParentStart": NOW}, True),
        ({"process": "x"}, {"Parent": None, "ParentStart": None}, False),
        ({}, {"Parent": None, "By": None}, True),
    ],
)
def test_id_and_start_of_a_process_stand_in_columns_of_their_types(
    document: Document, cells: dict[str, object], is_held: bool
) -> None:
    found = row_of(PROCESSES, Event("e1", NOW, NOW, document), set(document) or {"process"})
    assert {name: found.cells[name] for name in cells} == cells
    assert (found.problems == {}) == is_held


def test_the_parent_is_that_of_the_process_where_the_row_names_the_process_itself() -> None:
    cells = {"Own": 7, "By": 7, "ByStart": None, "Parent": 5, "ParentStart": NOW}
    assert read_field(cells, PROCESSES.fields[1], PROCESSES) == f"5 {STARTED}"
