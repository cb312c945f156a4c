"""All runs at once give what each run gives alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from harness.engines.kusto_store import EVENT_COLUMN, Store, StoredTable
from harness.engines.kusto_text import INGESTION_COLUMN

START = datetime(2026, 6, 1, tzinfo=UTC)
TEXTS = {
    "first seen": """let lookback = 9m;
T | where Ingested between (ago(1h) .. now())
| where Note != "FROM \\"T\\" at $kqlnow"
| summarize arg_min(Ingested, Note) by User
| where Ingested > ago(lookback)""",
    "left anti join": """let recent = T | where Ingested > ago(9m);
recent | join kind=leftanti (T | where Ingested <= ago(9m)) on User""",
    "count without a group": "T | where Ingested > ago(9m) | count",
    "window of rows": "T | where Ingested > ago(20m) | top 2 by Ingested desc",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_runs_at_once_equal_runs_one_by_one(text: str) -> None:
    rows = [
        (f"u{number % 7}", "n", moment, moment + timedelta(minutes=number % 3), str(number))
        for number in range(200)
        for moment in [START + timedelta(minutes=number * 1.7)]
    ]
    columns = {
        "User": "string",
        "Note": "string",
        "Ingested": "datetime",
        INGESTION_COLUMN: "datetime",
        EVENT_COLUMN: "string",
    }
    ends = [START + timedelta(minutes=5 * number) for number in range(80)]
    with Store([StoredTable("T", columns, rows)]) as store:
        together = store.query_runs(text, ends)
        alone = [store.query(text, end) for end in ends]
    assert [sorted(map(repr, one.rows)) for one in together] == [
        sorted(map(repr, one.rows)) for one in alone
    ]
    assert any(one.rows for one in alone)
