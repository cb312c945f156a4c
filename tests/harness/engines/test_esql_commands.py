"""What the commands of ES|QL make of rows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from converter.ir import FieldType, Schema
from harness.engines.esql.source import EventSource
from harness.engines.esql.table import tabulate
from harness.events.event import Dataset, Event

_CASES = Path(__file__).parents[2] / "data" / "cases"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_COMMANDS = yaml.safe_load((_CASES / "esql_commands.yml").read_text(encoding="utf-8"))
_SCHEMA = Schema({name: FieldType(kind) for name, kind in _COMMANDS["types"].items()})


@pytest.mark.parametrize(
    "case", _COMMANDS["cases"], ids=lambda case: f"{case['rule']} {case['query']}"
)
def test_query_gives_its_table(case: dict[str, list[object]]) -> None:
    events = (
        Event(str(number), _NOW, _NOW, document)
        for number, document in enumerate(case["documents"])
        if isinstance(document, dict)
    )
    source = EventSource(Dataset(tuple(events), _SCHEMA))
    table = tabulate(str(case["query"]), source, _NOW)
    assert [name for name, _ in table.columns] == case["columns"]
    assert [list(row) for row in table.rows] == case["rows"]
