from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sigma.exceptions import SigmaError

from converter.ir import Schema
from converter.languages.kusto import check, lint
from harness.engines.job import Job
from harness.engines.kusto import execute_job
from harness.engines.kusto_text import INGESTION_COLUMN
from harness.events.event import Dataset, Event
from harness.events.rows import Rows
from harness.schedule.window import Run
from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend
from sigma.sigmaproof.loader import load_documents
from sigma.sigmaproof.tables import Column, EcsTable, Table
from tests.oracles.kusto.binder import bind
from tests.sigma.backends.kusto_table import cases, pipeline

CASES = cases("kusto_new_terms.yml")
END = datetime(2026, 1, 15, tzinfo=UTC)
COLUMNS = {
    "TimeGenerated": "datetime",
    "Id": "string",
    "user": "string",
    "app": "string",
    "group": "string",
    "tags": "dynamic",
    "more": "dynamic",
    "size": "long",
}
SIGNINS = Table(
    "Signins",
    columns={
        **{name: Column(name, kind) for name, kind in COLUMNS.items()},  # type: ignore[arg-type]  # as above
        "client": Column("tostring(parse_json(group).client)", "string"),
        "App": Column("app", "string"),
    },
)
UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def before(text: str) -> timedelta:
    sign = -1 if text.startswith("-") else 1
    parts = re.findall(r"(\d+)([dhms])", text)
    return sign * sum((timedelta(**{UNITS[unit]: int(n)}) for n, unit in parts), timedelta())


def documents(
    fields: Sequence[str] = ("user", "app"),
    timestamp: str = "@timestamp",
    shown: Sequence[str] = (),
    history: str = "14d",
) -> str:
    return f"""
title: Members
name: members
license: Apache-2.0
logsource: {{category: test}}
detection:
  guests: {{group|cased: Guest}}
  condition: not guests
---
title: A new pair
id: 6f0f1d0a-0f3c-4b5e-9a0a-1f6f2f7d2c11
license: Apache-2.0
correlation:
  type: new_terms
  rules: [members]
  group-by: [{", ".join(fields)}]
  timespan: {history}
  lookback: 9m
  interval: 5m
  timestamp: "{timestamp}"
fields: [{", ".join(shown)}]
"""


def rendered(
    text: str, *tables: Table, output_format: str = "default"
) -> tuple[str, list[tuple[str, str]]]:
    backend = SigmaproofKustoBackend(pipeline(*(tables or (SIGNINS,))))
    (query,) = backend.convert(load_documents(text, "rule.yml").collection, output_format)
    return str(query), backend.notes


def job(text: str, case: dict[str, Any], terms: Sequence[str]) -> Job:
    rows, events = [], []
    for row in case["rows"]:
        time, visible = END - before(row["at"]), END - before(row.get("in", row["at"]))
        primary = visible if case.get("timestamp") == "event.ingested" else time
        cells = {"TimeGenerated": time, "Id": row["id"], **row}
        rows.append((*(cell(cells, name) for name in COLUMNS), visible))
        events.append(Event(row["id"], primary, visible, {}))
    ids = tuple(event.id for event in events)
    table = Rows("Signins", {**COLUMNS, INGESTION_COLUMN: "datetime"}, tuple(rows), ids, ())
    run = Run(END, END - timedelta(minutes=9))
    dataset = Dataset(tuple(events), Schema({}))
    return Job(text, dataset, (run,), tuple(terms), timedelta(days=14), Schema({}), (table,))


def cell(cells: dict[str, object], name: str) -> object:
    missing = "" if COLUMNS[name] == "string" else None
    return cells.get(name, missing)


def found(text: str, case: dict[str, Any]) -> list[list[object]]:
    alerts = execute_job(job(text, case, case.get("fields", ("user", "app")))).alerts
    return sorted([*alert.term, *sorted(alert.ids)] for alert in alerts)


@pytest.mark.parametrize("output_format", ["default", "large"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_run_finds_the_first_events_of_new_terms(
    case: dict[str, Any], output_format: str
) -> None:
    text, _ = rendered(
        documents(case.get("fields", ("user", "app")), case.get("timestamp", "@timestamp")),
        output_format=output_format,
    )
    assert found(text, case) == case["finds"]


def test_a_large_tenant_looks_up_the_recent_terms_alone() -> None:
    text, _ = rendered(documents(), output_format="large")
    assert [line for line in text.splitlines() if not line.startswith("//")] == [
        "let lookback = 9m;",
        "let history = 14d;",
        "let Base =",
        "    Signins",
        "    | where TimeGenerated between (ago(history) .. now())",
        '    | where group != "Guest"',
        "    | where isnotempty(user)",
        "    | where isnotempty(app);",
        "let Recent = materialize(Base | where TimeGenerated > ago(lookback)",
        "    | summarize arg_min(TimeGenerated, Id)",
        "        by user, app);",
        "Recent",
        "| join kind=leftanti (Base | where TimeGenerated <= ago(lookback)",
        "    | where user in ((Recent | distinct user))",
        "    | distinct user, app) on user, app",
    ]


MUTATIONS = {
    "the window's start counts": ("> ago(lookback)", ">= ago(lookback)"),
    "the history's start does not count": ("between (ago(history) .. now())", "> ago(history)"),
    "the history has no start": ("| where TimeGenerated between (ago(history) .. now())\n", ""),
    "the first event is the last": ("arg_min", "arg_max"),
    "users need not be there": ("| where isnotempty(user)\n", ""),
    "applications need not be there": ("| where isnotempty(app)\n", ""),
    "the condition is gone": ('| where group != "Guest"\n', ""),
    "the condition has any case": ('group != "Guest"', 'group !~ "guest"'),
    "the term is the user": ("by user, app", "by user, app = 'A'"),
    "terms fold case": ("by user, app", "by user = tolower(user), app"),
    "the window is longer": ("lookback = 9m", "lookback = 10m"),
    "the history is shorter": ("history = 14d", "history = 13d"),
}
EXTRA_ROWS = {
    "the condition has any case": [
        {"id": "x1", "user": "eve", "app": "A", "at": "5m", "group": "guest"}
    ],
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_changed_text_is_caught_by_a_case(name: str) -> None:
    original, changed = MUTATIONS[name]
    text, _ = rendered(documents())
    assert original in text
    mutant = text.replace(original, changed)
    plain = [one for one in CASES if "timestamp" not in one and "fields" not in one]
    if name in EXTRA_ROWS:
        extra = {"rows": EXTRA_ROWS[name], "finds": [["eve", "A", "x1"]]}
        assert found(text, extra) == extra["finds"]
        plain.append(extra)
    assert any(found(mutant, one) != one["finds"] for one in plain)


def test_the_text_is_laid_out_for_people() -> None:
    text, notes = rendered(documents(shown=["group", "client"], timestamp="event.ingested"))
    assert (
        text
        == """\
// A new pair
//   rule:    6f0f1d0a-0f3c-4b5e-9a0a-1f6f2f7d2c11
//   licence: Apache-2.0
let lookback = 9m;
let history = 14d;
let delay = 2d;
Signins
// TimeGenerated only bounds the scan: a row may be ingested up to `delay` after its event,
// and it is the time of ingestion that decides
| where TimeGenerated >= ago(history + delay)
| extend Ingested = ingestion_time()
| where Ingested between (ago(history) .. now())
| where group != "Guest"
| where isnotempty(user)
| where isnotempty(app)
| extend client = tostring(parse_json(group).client)
| summarize arg_min(Ingested, TimeGenerated, Id, group, client)
    by user, app
| where Ingested > ago(lookback)
"""
    )
    assert notes == []


def test_a_scheduled_rule_runs_on_windows_that_do_not_overlap() -> None:
    text, notes = rendered(documents(timestamp="event.ingested"), output_format="scheduled")
    assert [code for code, _ in notes] == ["sentinel-schedule"]
    body = [line for line in text.splitlines() if not line.startswith("//")]
    assert body == [
        "let window = 1h;  // queryFrequency of the rule",
        "let history = 14d;  // queryPeriod of the rule",
        "Signins",
        "| where TimeGenerated >= ago(history)",
        "| extend Ingested = ingestion_time()",
        '| where group != "Guest"',
        "| where isnotempty(user)",
        "| where isnotempty(app)",
        "| summarize arg_min(Ingested, TimeGenerated, Id)",
        "    by user, app",
        "| where Ingested > ago(window)",
    ]


@pytest.mark.parametrize(
    ("history", "lets"),
    [
        ("30d", ["window = 1h", "history = 14d"]),
        ("7d", ["window = 1h", "history = 7d"]),
        ("1d", ["window = 5m", "history = 1d"]),
    ],
)
def test_a_schedule_stays_within_the_limits(history: str, lets: list[str]) -> None:
    text, notes = rendered(documents(history=history), output_format="scheduled")
    assert re.findall(r"^let (.*);", text, re.MULTILINE) == lets
    assert ("count as new again" in notes[0][1]) is (history == "30d")


def test_a_table_of_ecs_events_has_the_primary_time_as_its_own() -> None:
    text, _ = rendered(documents(["user.name"], "event.ingested", ["x.unknown"]), EcsTable())
    assert "ingestion_time" not in text
    assert "| where TimeGenerated between (ago(history) .. now())" in text
    assert "| summarize arg_min(TimeGenerated, ['event.id'])\n    by ['user.name']" in text


def test_several_tables_are_read_by_a_union_of_what_is_needed() -> None:
    other = Table(
        "Others",
        columns={
            "user": Column("Name", "string"),
            "app": Column("toint(parse_json(Extra).app)", "int"),
            "group": Column('"Guest"', "string", "Member"),
            "size": Column("Size", "string"),
        },
        absent=frozenset({"client"}),
    )
    text, _ = rendered(documents(shown=["size", "client"]), SIGNINS, other)
    body = [line for line in text.splitlines() if not line.startswith(("//", "let"))]
    assert body == [
        "union",
        "    (Signins",
        "    | where TimeGenerated between (ago(history) .. now())",
        '    | where group != "Guest"',
        "    | where isnotempty(user)",
        "    | where isnotempty(app)",
        "    | project",
        "        user, app, TimeGenerated, Id, size = tostring(size),",
        "        client = tostring(parse_json(group).client)),",
        "    (Others",
        "    | where TimeGenerated between (ago(history) .. now())",
        "    | extend user = Name",
        "    | where isnotempty(user)",
        "    | extend app = tostring(toint(parse_json(Extra).app))",
        "    | where isnotempty(app)",
        "    | project user, app, TimeGenerated, Id, size = Size)",
        "| summarize arg_min(TimeGenerated, Id, size, client)",
        "    by user, app",
        "| where TimeGenerated > ago(lookback)",
    ]
    extra = {"TimeGenerated": "datetime", "Id": "string", "Name": "string", "Extra": "string"}
    tables = {"Signins": COLUMNS, "Others": {**extra, "Size": "string"}}
    assert check(text, tables) == ()
    assert bind([(text, tables)])[0].findings == ()


def test_a_table_without_a_field_of_the_term_is_left_out() -> None:
    other = Table(
        "Others", columns={"user": Column("Name", "string")}, absent=frozenset({"app", "group"})
    )
    text, _ = rendered(documents(), SIGNINS, other)
    assert "Others" not in text
    assert "union" not in text


def test_every_text_passes_both_checks() -> None:
    texts = [
        rendered(documents(fields, timestamp, ["group", "client"]), output_format=output_format)[0]
        for fields in (["user", "app"], ["tags", "app"], ["tags", "more"], ["size"])
        for timestamp in ("@timestamp", "event.ingested")
        for output_format in ("default", "large", "scheduled")
    ]
    tables = {"Signins": COLUMNS}
    assert [check(text, tables) + lint(text, tables) for text in texts] == [()] * len(texts)
    assert [answer.findings for answer in bind([(text, tables) for text in texts])] == [()] * len(
        texts
    )


def test_rules_without_a_pipeline_are_refused() -> None:
    backend = SigmaproofKustoBackend()
    with pytest.raises(SigmaError, match="no table is known for this rule; use a pipeline"):
        backend.convert(load_documents(documents(), "rule.yml").collection)
