"""Which events the rows of a query's result stand for."""

from __future__ import annotations

from datetime import UTC, datetime

from converter.ir import Schema
from harness.engines.kusto_alerts import filter_alerts, index_of
from harness.engines.kusto_store import Result
from harness.events.event import Dataset, Event
from harness.events.rows import Rows

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def test_tables_name_their_identity_each_in_its_own_column() -> None:
    events = tuple(Event(name, NOW, NOW, {}) for name in ("a", "b"))
    tables = [
        Rows("Audit", {"AuditId": "string", "Verb": "string"}, (("a", "get"),), ("a",), ()),
        Rows("Blob", {"CorrelationId": "string", "Verb": "string"}, (("b", "b"),), ("b",), ()),
    ]
    index = index_of(Dataset(events, Schema({})), tables)
    assert index.id_columns == {"AuditId", "CorrelationId"}
    union = Result(("AuditId", "CorrelationId", "Verb"), (("a", "", "get"), ("", "b", "b")))
    assert [alert.ids for alert in filter_alerts(union, index)] == [{"a"}, {"b"}]
