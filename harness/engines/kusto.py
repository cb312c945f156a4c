"""Executes Kusto texts on duckdb-kql, run by run.

The text itself is executed, but for the changes of `kusto_text`, which the execution's diagnostics name.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from converter.diagnostic import Diagnostic, Severity
from converter.ir import FieldType, Schedule
from harness.events.event import Event
from harness.events.rows import Rows

from .execution import Alert, Execution
from .job import Job, Step
from .kusto_alerts import filter_alerts, index_of, term_alerts
from .kusto_store import EVENT_COLUMN, Store, StoredTable
from .kusto_text import ExecutableText, executable, names_in
from .plan import sort_key

__all__ = ["execute_job", "explain", "schedule_of"]

_ECS_IDENTITY = "event.id"
_KUSTO_TYPES = {
    FieldType.BOOLEAN: "bool",
    FieldType.DATE: "datetime",
    FieldType.DOUBLE: "real",
    FieldType.FLATTENED: "dynamic",
    FieldType.LONG: "long",
    FieldType.NESTED: "dynamic",
    FieldType.OBJECT: "dynamic",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def execute_job(job: Job) -> Execution:
    """Execute the text in every run, or once where there are none."""
    text = executable(job.text)
    index = index_of(job.dataset, job.tables)
    alerts: list[Alert] = []
    with Store([_stored(table, job) for table in job.tables]) as store:
        results = store.query_runs(text.text, [run.end for run in job.runs])
        for run, result in zip(job.runs, results, strict=True):
            alerts.extend(term_alerts(result, run.end, job.terms, index))
        if not job.runs and job.history is None:
            alerts.extend(filter_alerts(store.query(text.text, _latest(job)), index))
    return Execution(tuple(sorted(alerts, key=sort_key)), tuple(_changes(text)))


def _latest(job: Job) -> datetime:
    """Return when every row is there."""
    return max((max(event.time, event.visible) for event in job.dataset.events), default=_EPOCH)


def _stored(table: Rows, job: Job) -> StoredTable:
    """Add the hidden column of the event, and the columns that the table has but no event fills."""
    empty = _empty_columns(table, job)
    cells = tuple("" if kind == "string" else None for kind in empty.values())
    return StoredTable(
        table.table,
        {**table.columns, **empty, EVENT_COLUMN: "string"},
        [
            (*row, *cells, event_id)
            for row, event_id in zip(table.rows, table.event_ids, strict=True)
        ],
    )


def _empty_columns(table: Rows, job: Job) -> dict[str, str]:
    """Return the fields that a table of ECS events has a column for, though no event has them.

    Rows of such a table carry only what the events hold.
    """
    if _ECS_IDENTITY not in table.columns:
        return {}
    named = sorted(names_in(job.text) - table.columns.keys())
    return {
        name: _KUSTO_TYPES.get(job.schema.type_of(name), "string")
        for name in named
        if job.schema.knows(name)
    }


def _changes(text: ExecutableText) -> Iterable[Diagnostic]:
    for name in text.prelude:
        yield Diagnostic(
            "engine-function",
            Severity.NOTE,
            f"the engine lacks {name}; the harness defined it in front of the text",
        )
    if text.replacements:
        yield Diagnostic(
            "engine-ingestion-time",
            Severity.NOTE,
            f"ingestion_time() is read as a column, in {text.replacements} places"
            if text.replacements > 1
            else "ingestion_time() is read as a column, in one place",
        )


def explain(job: Job, event: Event) -> tuple[Step, ...]:
    """Say which operator of the text drops an event."""
    return ()


def schedule_of(text: str) -> Schedule | None:
    """Return the schedule that the text itself declares."""
    return None
