"""What of a pipeline's notes stands above a text: that which concerns the tables that the text reads."""

from __future__ import annotations

from dataclasses import replace

from converter.placement import placed, render_placed
from converter.port import ImportOptions, read_rules
from converter.registry import target_named
from sigma.backends.sigmaproof_kusto.table_notes import ReadTable, concerning
from sigma.sigmaproof.enrichment import Choices, chosen
from sigma.sigmaproof.pack_pipelines import any_case_loss
from sigma.sigmaproof.tables import Column, Table

NAME = Column("Name", "string")
FIRST = Table(
    "First", columns={"a": NAME, "b": replace(NAME, is_caseless=True)}, absent=frozenset("cd")
)
SECOND = Table("Second", columns={"a": NAME, "c": NAME}, absent=frozenset({"b", "d", "unasked"}))
ASKED = frozenset("abcd")
ABSENT = ("mapping-absent", "d: no column in First, Second, Third, counts as missing there")


def said(notes: list[tuple[str, str]], *tables: Table) -> list[tuple[str, str]]:
    return concerning(notes, [ReadTable(one, ASKED) for one in tables])


def test_the_columns_that_tables_lack_stand_in_one_note() -> None:
    assert said([ABSENT, ("mapping-absent", "c: no column in First")], FIRST, SECOND) == [
        (
            "mapping-absent",
            "no column, counts as missing: c in First; d in First, Second; b in Second",
        )
    ]


def test_tables_that_the_text_never_reads_are_left_out() -> None:
    assert said([ABSENT], SECOND) == [
        ("mapping-absent", "no column, counts as missing: b, d in Second")
    ]
    assert said([ABSENT], Table("Third", columns=dict.fromkeys(ASKED, NAME))) == []


def test_parts_of_one_table_are_told_apart_by_their_events() -> None:
    parts = [
        replace(SECOND, only={"channel": ("Sysmon",), "code": ("1", "5")}),
        replace(SECOND, columns={}, absent=ASKED),
    ]
    (note,) = said([ABSENT], *parts)
    assert note[1].endswith(
        ": b, d in Second (Sysmon, 1, 5), Second (other events); a, c in Second (other events)"
    )


def test_a_loss_stands_where_a_table_has_the_field() -> None:
    loss = ("mapping-loss", "b: is cut")
    assert said([loss], FIRST) == [loss]
    assert said([loss], SECOND) == []
    assert said([loss], SECOND, FIRST) == [loss]
    rewritten = ("mapping-loss", "unasked: a zero hash is missing")
    assert said([rewritten], SECOND) == [rewritten]


def test_a_loss_of_several_fields_stands_once() -> None:
    losses = [("mapping-loss", "a: is cut"), ("mapping-loss", "c: is cut")]
    assert said(losses, SECOND) == [("mapping-loss", "a, c: is cut")]


def test_any_case_is_said_of_the_tables_that_are_read() -> None:
    loss = ("mapping-loss", f"b: {any_case_loss('First, Third')}")
    assert said([loss], FIRST) == [("mapping-loss", f"b: {any_case_loss('First')}")]
    assert said([loss], Table("Third", columns={"b": NAME})) == []


RULE = """
title: A rule
logsource: {product: aws, service: cloudtrail}
name: base
detection: {one: {eventName: X}, condition: one}
---
title: Counted
correlation:
  type: event_count
  rules: [base]
  group-by: [source.as.number]
  timespan: 1h
  condition: {gte: 5}
"""


def test_a_field_that_is_only_grouped_by_is_said_to_be_looked_up() -> None:
    options = ImportOptions(enrichment={"source.as.number": "watchlist:asn"})
    (rule,) = read_rules(RULE, "rule.yml", options)
    target = target_named("sentinel")
    text = render_placed(placed(rule, target), target).text
    explained = chosen(Choices("source.ip", "AsNumber"), "source.as.number", "watchlist:asn")
    assert f"looked-up: source.as.number: {explained.explanation[:30]}" in text


ELASTIC = """
[metadata]
creation_date = "2026/01/01"
maturity = "production"
updated_date = "2026/01/01"

[rule]
author = ["Demo"]
description = "A rule"
index = ["logs-windows.sysmon_operational-*"]
language = "kuery"
license = "MIT"
name = "A rule"
risk_score = 21
rule_id = "5f0dd1ba-4c5e-4a2f-9f36-2d2d1e0d9c11"
severity = "low"
type = "query"
query = "event.category:process and event.code:1 and process.name:a and not process.parent.name:*"
"""


def test_parts_of_an_event_log_that_are_not_read_are_not_listed() -> None:
    (rule,) = read_rules(ELASTIC, "rule.toml", ImportOptions())
    target = target_named("sentinel")
    rendered = render_placed(placed(rule, target), target)
    assert "mapping-absent" in {one.code for one in rendered.diagnostics}
    assert "SecurityEvent" not in rendered.text
    assert "mapping-absent" not in rendered.text
