"""A table that holds others too: a query asks for the rows of the log source, which the rule does not name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sigma.collection import SigmaCollection

from converter.ir import Schema
from converter.mapping import table_layouts
from harness.events.event import Dataset, Event
from harness.events.rows import rows
from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend
from sigma.sigmaproof.mapping import MappingPack
from sigma.sigmaproof.mapping_reader import pack_from_text
from sigma.sigmaproof.pack_pipelines import tables_pipeline

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PACK = """
pack: acme
version: 1.0.0
title: Gates
licence: none
log_source: {{product: acme, service: gate}}
index_patterns: [logs-acme-*]
ecs: {{condition: {{event.dataset: acme.gate}}}}
sources: {{docs: the vendor's table reference}}
tables:
  Own_CL:
    id: Id
    columns: {{string: [Id, Door], datetime: [TimeGenerated]}}
    newer: {{docs: [Id, Door, TimeGenerated]}}
  Shared_CL:
    rows: {{event.dataset: acme.gate}}
    id: Id
    columns: {{string: [Id, Sort, Text], datetime: [TimeGenerated]}}
    newer: {{docs: [Id, Sort, Text, TimeGenerated]}}
choices: [[Own_CL], [Shared_CL]]
fields:
  - {{ecs: event.dataset, constant: acme.gate, columns: {{Shared_CL: Sort}}{cases}}}
  - {{ecs: acme.door, sigma: Door, columns: {{Shared_CL: Text.door}}}}
"""
CASES = ", cases_in: {Shared_CL: {gate: acme.gate, gates: acme.gate}}"
RULE = """
title: Demo
logsource: {product: acme, service: gate}
detection:
  selection: {"Door|cased": east}
  condition: selection
"""


def pack(cases: str) -> MappingPack:
    return pack_from_text(PACK.format(cases=cases), "acme/mapping.yml")


def text(found: MappingPack, table: str) -> list[str]:
    pipeline = tables_pipeline(found.with_tables([table]), "sentinel")
    (query,) = SigmaproofKustoBackend(pipeline).convert(SigmaCollection.from_yaml(RULE))
    return [line for line in str(query).splitlines() if not line.startswith("//")]


@pytest.mark.parametrize(
    ("cases", "meant"),
    [(CASES, 'Sort in ("gate", "gates")'), ("", 'Sort == "acme.gate"')],
)
def test_a_query_asks_for_the_rows_that_are_meant(cases: str, meant: str) -> None:
    shared = ["Shared_CL", f"| where {meant}", '| where tostring(parse_json(Text).door) == "east"']
    assert text(pack(cases), "Shared_CL") == shared
    assert text(pack(cases), "Own_CL") == ["Own_CL", '| where Door == "east"']


def test_the_row_of_an_event_is_one_of_them() -> None:
    layout = next(one for one in table_layouts(pack(CASES)) if one.name == "Shared_CL")
    event = Event("e", NOW, NOW, {"event.dataset": "acme.gate", "acme.door": "east"})
    other = Event("o", NOW, NOW, {"acme.door": "east", "event.dataset": "acme.lift"})
    table = rows(layout, Dataset((event, other), Schema({})), "Seen", ["acme.door"])
    (row,) = table.rows
    cells = dict(zip(table.columns, row, strict=True))
    assert (cells["Sort"], cells["Text"]) == ("gate", '{"door": "east"}')
