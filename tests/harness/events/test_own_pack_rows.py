"""Rows by a pack with a plain code table and with JSON in a text column."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sigma.collection import SigmaCollection

from converter.ir import Schema
from converter.mapping import table_layouts
from converter.port import ImportOptions, read_rules
from harness.events.event import Dataset, Event
from harness.events.rows import Rows, rows
from harness.subject import material_for
from harness.subjects import Claim, subject_of
from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend
from sigma.sigmaproof.mapping_reader import pack_from_text
from sigma.sigmaproof.pack_pipelines import tables_pipeline

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PACK = pack_from_text(
    """
    pack: acme
    version: 1.0.0
    title: Gates
    licence: none
    log_source: {product: acme, service: gate}
    index_patterns: [logs-acme-*]
    ecs: {condition: {event.dataset: acme.gate}}
    sources: {docs: the vendor's table reference}
    tables:
      Gate_CL:
        id: Id
        columns: {string: [Id, Raw, Result], datetime: [TimeGenerated]}
        newer: {docs: [Id, Raw, Result, TimeGenerated]}
    fields:
      - {ecs: event.dataset, constant: acme.gate, type: constant_keyword}
      - {ecs: event.outcome, sigma: result, column: Result, values: {success: OK, failure: NOK}}
      - {ecs: acme.kind, sigma: kind, column: "Raw[json].kind"}
    """,
    "acme/mapping.yml",
)


def built(field: str, value: object) -> Rows:
    (layout,) = table_layouts(PACK)
    event = Event("e", NOW, NOW, {"event.dataset": "acme.gate", field: value})
    return rows(layout, Dataset((event,), Schema({})), "Seen", [field])


@pytest.mark.parametrize(
    ("value", "cell"), [("success", "OK"), ("failure", "NOK"), ("unknown", "")]
)
def test_a_value_is_its_code_and_one_without_a_code_is_none(value: str, cell: str) -> None:
    table = built("event.outcome", value)
    assert [row[list(table.columns).index("Result")] for row in table.rows] == [cell]


RULE = """
title: Gate
logsource: {product: acme, service: gate}
detection: {selection: {SELECTION}, condition: selection}
"""


@pytest.mark.parametrize(
    ("selection", "left_out"), [("result: failure", {"b"}), ("result|cased: failure", set())]
)
def test_a_value_in_other_letters_judges_no_rule_that_ignores_case(
    selection: str, left_out: set[str]
) -> None:
    options = ImportOptions(packs=(PACK,))
    (rule,) = read_rules(RULE.replace("SELECTION", selection), "rule.yml", options)
    events = tuple(
        Event(name, NOW, NOW, {"event.dataset": "acme.gate", "event.outcome": value})
        for name, value in (("a", "failure"), ("b", "FAILURE"))
    )
    material = material_for(subject_of(rule, Claim("sentinel")), Dataset(events, rule.schema))
    assert set(material.reasons) == left_out
    for reason in material.reasons.values():
        assert reason == (
            'the value table has "failure", and no column tells other letters:'
            ' event.outcome "FAILURE"'
        )


def test_json_in_a_text_column_is_written_once() -> None:
    table = built("acme.kind", "a")
    ((*cells,),) = table.rows
    assert json.loads(str(cells[list(table.columns).index("Raw")])) == {"kind": "a"}


def test_a_plain_code_table_rests_on_no_enrichment() -> None:
    backend = SigmaproofKustoBackend(tables_pipeline(PACK, "sentinel"))
    rule = SigmaCollection.from_yaml(
        """
        title: Gate
        id: 33333333-3333-4333-8333-333333333302
        status: test
        logsource: {product: acme, service: gate}
        detection: {selection: {result: failure}, condition: selection}
        """
    )
    (query,) = backend.convert(rule)
    assert 'Result == "NOK"' in query
    assert "mapping-enrichment" not in {code for code, _ in backend.notes}
