from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from converter.errors import InputError, Unsupported
from converter.ir import FieldType, Schedule, Schema
from harness.engines.execution import Alert
from harness.engines.job import Job, RefusedText
from harness.engines.kusto import execute_job, explain, schedule_of
from harness.engines.kusto_text import INGESTION_COLUMN
from harness.errors import EngineError
from harness.events.event import Dataset, Event
from harness.events.rows import Rows
from harness.schedule.window import Run

END = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = Run(END, END - timedelta(minutes=10))
COLUMNS = {"TimeGenerated": "datetime", "Id": "string", "user": "string", "size": "long"}


def at(minutes: int) -> datetime:
    return END - timedelta(minutes=minutes)


def job(
    text: str,
    rows: Sequence[tuple[str, int, str, int | None]],
    terms: Sequence[str] = ("user",),
    runs: Sequence[Run] = (RUN,),
) -> Job:
    """Rows are id, minutes before the run's end, user and size."""
    cells = tuple((at(m), one, user, size, at(m)) for one, m, user, size in rows)
    events = tuple(Event(one, at(m), at(m), {}) for one, m, _, _ in rows)
    ids = tuple(event.id for event in events)
    table = Rows("T", {**COLUMNS, INGESTION_COLUMN: "datetime"}, cells, ids, ())
    history = timedelta(days=1) if terms else None
    schema = Schema({})
    return Job(text, Dataset(events, schema), tuple(runs), tuple(terms), history, schema, (table,))


FIRST = "T | summarize {} by user | where TimeGenerated > ago(10m)"
ROWS = [("e1", 5, "ann", 1), ("e2", 4, "ann", 2), ("e3", 3, "bob", None)]


def alert(user: str, minutes: int, *ids: str) -> Alert:
    return Alert(END, (user,), at(minutes), frozenset(ids))


def test_an_alert_is_the_event_that_the_identity_names() -> None:
    execution = execute_job(job(FIRST.format("arg_min(TimeGenerated, Id)"), ROWS))
    assert execution.alerts == (alert("ann", 5, "e1"), alert("bob", 3, "e3"))


def test_without_an_identity_the_time_and_the_term_find_the_event() -> None:
    rows = [*ROWS, ("e4", 5, "eve", 4)]
    execution = execute_job(job(FIRST.format("TimeGenerated = min(TimeGenerated)"), rows))
    assert execution.alerts == (alert("ann", 5, "e1"), alert("bob", 3, "e3"), alert("eve", 5, "e4"))


def test_events_that_tie_are_all_named() -> None:
    rows = [("e1", 5, "ann", 1), ("e2", 5, "ann", 2)]
    execution = execute_job(job("T | summarize FirstSeen = min(TimeGenerated) by user", rows))
    assert execution.alerts == (alert("ann", 5, "e1", "e2"),)


def test_without_any_time_only_the_term_is_known() -> None:
    execution = execute_job(job("T | summarize count() by user", ROWS[:1]))
    assert execution.alerts == (Alert(END, ("ann",), None, frozenset()),)


def test_a_row_is_seen_once_it_is_ingested() -> None:
    early, late = Run(at(4), at(14)), RUN
    execution = execute_job(job("T | project TimeGenerated, Id, user", ROWS, runs=(early, late)))
    assert [(one.run_end, min(one.ids)) for one in execution.alerts] == [
        (at(4), "e1"),
        (at(4), "e2"),
        (END, "e1"),
        (END, "e2"),
        (END, "e3"),
    ]


def test_a_result_without_a_column_of_the_term_says_which() -> None:
    with pytest.raises(
        Unsupported, match="the query's result has no column user, so that its terms"
    ):
        execute_job(job("T | summarize min(TimeGenerated) by size", ROWS))


def test_a_filter_names_its_events_without_any_identity_in_the_text() -> None:
    execution = execute_job(job("T | where size > 0", ROWS, terms=(), runs=()))
    assert [one.ids for one in execution.alerts] == [frozenset({"e1"}), frozenset({"e2"})]
    assert all(one.run_end is None and one.time is None for one in execution.alerts)


def test_a_filter_that_keeps_the_identity_only() -> None:
    execution = execute_job(job("T | where size > 0 | project Id", ROWS, terms=(), runs=()))
    assert [one.ids for one in execution.alerts] == [frozenset({"e1"}), frozenset({"e2"})]


def test_a_filter_that_loses_the_identity_is_refused() -> None:
    with pytest.raises(
        Unsupported, match="does not say which events it found; let it return the column Id"
    ):
        execute_job(job("T | where size > 0 | project user", ROWS, terms=(), runs=()))


def test_the_changes_to_the_text_are_reported() -> None:
    text = 'T | where ingestion_time() > ago(1h) and ipv4_is_in_range(user, "10.0.0.0/8")'
    execution = execute_job(job(text, ROWS))
    assert [(one.code, one.message) for one in execution.diagnostics] == [
        (
            "engine-function",
            "the engine lacks ipv4_is_in_range; the harness defined it in front of the text",
        ),
        ("engine-ingestion-time", "ingestion_time() is read as a column, in one place"),
    ]


def test_a_text_that_the_binder_refuses_is_not_executed() -> None:
    with pytest.raises(RefusedText, match="=~ does not take the types long and string") as refusal:
        execute_job(job("T\n| where size =~ '5'", ROWS))
    span = refusal.value.diagnostic.span
    assert span is not None
    assert (span.line, span.column) == (2, 14)


def test_columns_of_the_harness_are_not_there_for_the_text() -> None:
    with pytest.raises(RefusedText, match="'_EventId' does not refer to any column"):
        execute_job(job("T | where _EventId == 'e1'", ROWS))


def test_what_the_engine_lacks_is_named() -> None:
    with pytest.raises(
        Unsupported, match="the Kusto engine here lacks 'AsOperator'|lacks AsOperator"
    ):
        execute_job(job("T | as Q", ROWS))


def test_a_text_cannot_write_or_reach_files() -> None:
    with pytest.raises((Unsupported, RefusedText, EngineError)):
        execute_job(job(".set-or-replace X <| T", ROWS))
    with pytest.raises((Unsupported, RefusedText, EngineError)):
        execute_job(job("externaldata(a:string) ['/etc/passwd']", ROWS, terms=(), runs=()))


def test_an_ecs_table_has_columns_that_no_event_fills() -> None:
    columns = {"TimeGenerated": "datetime", "event.id": "string", INGESTION_COLUMN: "datetime"}
    table = Rows("Events", columns, ((at(5), "e1", at(5)),), ("e1",), ())
    dataset = Dataset((Event("e1", at(5), at(5), {}),), Schema({}))
    schema = Schema({"user.name": FieldType.KEYWORD, "process.pid": FieldType.LONG})
    text = "Events | where isempty(['user.name']) and isnull(['process.pid'])"
    filtered = Job(text, dataset, (), (), None, schema, (table,))
    assert [one.ids for one in execute_job(filtered).alerts] == [frozenset({"e1"})]


def test_conditions_are_explained_one_by_one() -> None:
    text = """let lookback = 10m;
T
| where user == "ann" // the user
| where size > 1
| extend half = size / 2
| where half == 0
| summarize arg_min(TimeGenerated, Id) by user
| where TimeGenerated > ago(lookback)
"""
    steps = explain(job(text, ROWS), Event("e1", at(5), at(5), {}))
    assert [(step.condition, step.outcome) for step in steps] == [
        ('user == "ann"', "true"),
        ("size > 1", "false"),
        ("half == 0", "true"),
    ]
    assert steps[0].fields == {"user"}


RULE = """id: 6f0f1d0a-0f3c-4b5e-9a0a-1f6f2f7d2c11
name: A rule
description: It finds users
severity: Low
requiredDataConnectors: []
queryFrequency: 1h
queryPeriod: 14d
triggerOperator: gt
triggerThreshold: 0
query: |
  T
  | summarize arg_min(TimeGenerated, Id) by user
  | where TimeGenerated > ago(10m)
version: 1.0.0
kind: Scheduled
"""


def test_an_analytics_rule_is_executed_by_its_query() -> None:
    assert execute_job(job(RULE, ROWS)).alerts == (alert("ann", 5, "e1"), alert("bob", 3, "e3"))


def test_an_analytics_rule_has_its_own_schedule() -> None:
    hour = timedelta(hours=1)
    own = Schedule(timestamp="event.ingested")
    assert schedule_of(RULE, own) == Schedule(hour, hour, "event.ingested")
    assert schedule_of("T | where user == 'queryFrequency: 5m'", own) is None


def test_an_analytics_rule_that_breaks_a_limit_is_refused() -> None:
    with pytest.raises(
        InputError, match="queryFrequency 5m is too short for a period of 2 days or more"
    ):
        execute_job(job(RULE.replace("queryFrequency: 1h", "queryFrequency: 5m"), ROWS))
