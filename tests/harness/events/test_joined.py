"""Rows of a joined table: it says one thing for one key, and rows that need another are left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from converter.ir import Schema
from converter.layout import CellPlace, FieldLayout, JoinedTable, TableLayout
from harness.events.event import Dataset, Event
from harness.events.joined import with_joined
from harness.events.rows import Rows, rows

NOW = datetime(2026, 1, 1, tzinfo=UTC)
INGESTED = "_Ingested"
LAYOUT = TableLayout(
    name="Things",
    columns={"Time": "datetime", "Id": "string", "Device": "string", "System": "string"},
    fields=(
        FieldLayout("host.id", places=(CellPlace("Device"),)),
        FieldLayout("host.os.type", places=(CellPlace("System"),)),
    ),
    time="Time",
    joined=(JoinedTable("Devices", "Device", "Device", "Seen", {"System": "Platform"}),),
)


def built(fields: set[str], *documents: Mapping[str, str]) -> tuple[Rows, ...]:
    events = tuple(Event(f"e{n}", NOW, NOW, {**one}) for n, one in enumerate(documents))
    layouts = (LAYOUT,)
    tables = [rows(LAYOUT, Dataset(events, Schema({})), INGESTED, fields)]
    return with_joined(layouts, tables, fields, INGESTED)


def test_joined_columns_move_into_a_table_of_their_own() -> None:
    things, devices = built({"host.id", "host.os.type"}, {"host.id": "a", "host.os.type": "linux"})
    assert "System" not in things.columns
    assert list(devices.columns) == ["Seen", "Device", "Platform", INGESTED]
    assert devices.rows == ((NOW, "a", "linux", NOW),)
    assert (things.is_joined, devices.is_joined) == (False, True)


def test_a_device_is_of_one_system() -> None:
    linux, macos = ({"host.id": "a", "host.os.type": one} for one in ("linux", "macos"))
    things, devices = built({"host.id", "host.os.type"}, linux, macos, {**macos, "host.id": "b"})
    assert things.event_ids == ("e0", "e2")
    ((event, reason),) = things.not_representable
    assert event == "e1"
    assert 'Devices says "linux" of Device "a", the event "macos"' in reason
    assert len(devices.rows) == 2


def test_a_row_without_a_device_gets_one_where_no_rule_reads_it() -> None:
    documents = [{"host.os.type": "linux"}, {"host.os.type": "macos"}]
    things, devices = built({"host.os.type"}, *documents)
    assert things.event_ids == ("e0", "e1")
    assert len({row[1] for row in devices.rows}) == 2


def test_nothing_is_told_by_a_device_that_a_row_lacks() -> None:
    documents = [{"host.os.type": "linux"}, {"other": "x"}]
    (things, _) = built({"host.os.type", "host.id"}, *documents)
    assert things.event_ids == ("e1",)
    ((_, reason),) = things.not_representable
    assert reason == 'Devices tells "linux" by Device, which the event lacks'


def test_a_joined_table_that_no_rule_reads_is_not_there() -> None:
    (things,) = built({"host.id"}, {"host.id": "a"}, {"host.id": "a", "host.os.type": "linux"})
    assert things.event_ids == ("e0", "e1")
