from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from converter.ir import Schema
from converter.layout import EventsLayout, TableLayout
from converter.mapping import packs, table_layouts
from harness.events.event import Dataset, Document, Event
from harness.events.rows import Rows, rows, unplaced

CASES = Path(__file__).parents[2] / "data" / "cases" / "table-rows.yml"
PRIMARY = datetime(2026, 3, 2, 1, 4, tzinfo=UTC)
SEEN = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    title: str
    document: dict[str, object]
    table: str = ""
    cells: dict[str, object] = field(default_factory=dict)
    fields: list[str] | None = None
    reason: str = ""
    unplaced: str = ""


def load_cases() -> list[Case]:
    data = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    cases = []
    for case in data["cases"]:
        merged = {**data["base"], **case.pop("changes", {})}
        document = {path: value for path, value in merged.items() if value is not None}
        cases.append(Case(document=document, **case))
    return cases


def layouts() -> tuple[TableLayout, ...]:
    return table_layouts(next(pack for pack in packs() if pack.name == "entra_signin"))


def dataset(*documents: Document) -> Dataset:
    events = (Event(f"e{n}", PRIMARY, SEEN, document) for n, document in enumerate(documents))
    return Dataset(tuple(events), Schema({}))


def cells(built: Rows, number: int = 0) -> dict[str, object]:
    return dict(zip(built.columns, built.rows[number], strict=True))


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.title)
def test_an_event_becomes_a_row_or_says_why_not(case: Case) -> None:
    events = dataset(case.document)
    built = {layout.name: rows(layout, events, "Seen", case.fields) for layout in layouts()}
    with_rows = [name for name, table in built.items() if table.rows]
    reasons = {name: table.not_representable for name, table in built.items() if not table.rows}
    if case.reason:
        assert with_rows == []
        assert reasons[case.table] == (("e0", case.reason),)
    else:
        assert with_rows == [case.table] * bool(case.table)
    if case.cells:
        row = cells(built[case.table])
        assert {name: row[name] for name in case.cells} == case.cells
    assert [reason for _, reason in unplaced(layouts(), events)] == [
        *([case.unplaced] if case.unplaced else [])
    ]


def test_a_row_has_the_times_and_the_identity_of_its_event() -> None:
    document = load_cases()[0].document
    table = next(layout for layout in layouts() if layout.name == "AADNonInteractiveUserSignInLogs")
    built = rows(table, dataset(document), "Seen")
    row = cells(built)
    assert row["TimeGenerated"] == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert row["Seen"] == SEEN
    assert row["Id"] == "e0"
    assert built.event_ids == ("e0",)
    assert built.columns["Seen"] == "datetime"
    undated = {name: value for name, value in document.items() if name != "@timestamp"}
    assert cells(rows(table, dataset(undated), "Seen"))["TimeGenerated"] == PRIMARY


def test_without_a_rule_fields_decide_that_some_event_has() -> None:
    document = load_cases()[0].document
    table = next(layout for layout in layouts() if layout.name == "AADNonInteractiveUserSignInLogs")
    assert len(rows(table, dataset(document, document), "Seen").rows) == 2
    second = rows(table, dataset({**document, "cloud.provider": "azure"}, document), "Seen")
    assert second.event_ids == ("e0",)
    assert second.not_representable == (
        (
            "e1",
            f'{table.name} only holds events with cloud.provider "azure": cloud.provider missing',
        ),
    )


EVENTS = EventsLayout(
    {
        "event.category": "dynamic",
        "event.created": "datetime",
        "process.pid": "long",
        "event.risk_score": "real",
        "flag": "bool",
    }
)


def test_a_table_of_events_has_the_columns_that_the_events_have() -> None:
    built = rows(
        EVENTS,
        dataset({"event": {"category": ["a", "b"], "action": "x"}}, {"process": {"pid": 7}}),
        "Seen",
    )
    assert built.table == "Events"
    assert dict(built.columns) == {
        "TimeGenerated": "datetime",
        "event.action": "string",
        "event.category": "dynamic",
        "event.id": "string",
        "process.pid": "long",
        "Seen": "datetime",
    }
    assert built.rows == (
        (PRIMARY, "x", ["a", "b"], "e0", None, SEEN),
        (PRIMARY, "", None, "e1", 7, SEEN),
    )


def test_a_table_of_events_has_the_columns_that_a_rule_reads() -> None:
    built = rows(EVENTS, dataset({"a": "x"}), "Seen", ["b", "event.category"])
    assert list(built.columns) == ["TimeGenerated", "b", "event.category", "event.id", "Seen"]
    assert built.rows == ((PRIMARY, "", None, "e0", SEEN),)


@pytest.mark.parametrize(
    ("document", "column", "cell"),
    [
        ({"event.category": "a"}, "event.category", ["a"]),
        ({"event.category": []}, "event.category", None),
        ({"event.created": "2026-03-02T01:00:00.1234567+01:00"}, "event.created", None),
        ({"event.risk_score": 3}, "event.risk_score", 3.0),
        ({"process.pid": -(2**63)}, "process.pid", -(2**63)),
        ({"flag": False}, "flag", False),
    ],
)
def test_a_column_of_events_holds_its_type(document: Document, column: str, cell: object) -> None:
    built = rows(EVENTS, dataset(document), "Seen", [column])
    expected = (
        datetime(2026, 3, 2, 0, 0, 0, 123456, tzinfo=UTC) if column == "event.created" else cell
    )
    assert (cells(built)[column], type(cells(built)[column])) == (expected, type(expected))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"flag": "false"}, 'column flag is bool and cannot hold the value: flag "false"'),
        ({"flag": 0}, "column flag is bool and cannot hold the value: flag 0"),
        (
            {"process.pid": 2**63},
            f"column process.pid is long and cannot hold the value: process.pid {2**63}",
        ),
        (
            {"process.pid": 1.5},
            "column process.pid is long and cannot hold the value: process.pid 1.5",
        ),
        (
            {"process.pid": True},
            "column process.pid is long and cannot hold the value: process.pid true",
        ),
        (
            {"event.created": "yesterday"},
            'column event.created is datetime and cannot hold the value: event.created "yesterday"',
        ),
        ({"a": ["x", "y"]}, 'column a holds one value: a ["x", "y"]'),
        ({"a": [{"b": 1}, {"b": "x"}]}, 'column a.b holds one value: a.b [1, "x"]'),
        ({"a": ""}, 'column a cannot tell an empty text from a missing one: a ""'),
    ],
)
def test_a_value_that_its_column_cannot_hold_makes_the_event_not_representable(
    document: Document, reason: str
) -> None:
    built = rows(EVENTS, dataset(document), "Seen")
    assert built.rows == ()
    assert built.not_representable == (("e0", reason),)
