"""Executes Kusto texts on duckdb-kql, run by run.

The text itself is executed, but for the changes of `kusto_text`, which the execution's diagnostics name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from converter.deliverables.sentinel_rule_file import read_rule
from converter.diagnostic import Diagnostic, Severity
from converter.ir import FieldType, Schedule
from harness.events.event import Event
from harness.events.rows import Rows

from .execution import Alert, Execution
from .job import Job, Step
from .kusto_alerts import filter_alerts, group_alerts, index_of, term_alerts
from .kusto_lookups import LookedUpText, with_stand_ins
from .kusto_opinion import second_opinion
from .kusto_platform import refuse_invalid
from .kusto_segments import Segment, segments_of, shortened
from .kusto_store import EVENT_COLUMN, HIDDEN, Result, Store, StoredTable
from .kusto_text import ExecutableText, declared_span, executable, names_in
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
_ENDING = ("summarize", "distinct", "join", "project", "count", "top", "take", "limit")
"""Operators after which a row may stand for several events, or for none."""
_TEXT = ("string", "dynamic")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def execute_job(job: Job) -> Execution:
    """Execute the text in every run, or once where there are none.

    Raises RefusedText where Microsoft's binder refuses the text, Unsupported where no engine here says
    what it means.
    """
    job = _on_query(job)
    tables = _united(_stored(table, job) for table in job.tables)
    looked_up = with_stand_ins(job.text, job.lookups)
    remarks = refuse_invalid(looked_up.prelude + looked_up.text, _visible_columns(tables))
    text = executable(looked_up.text, _text_columns(tables), looked_up.prelude)
    index = index_of(job.dataset, job.tables)
    alerts: list[Alert] = []
    with Store(tables) as store:
        results = store.query_runs(text.text, [run.end for run in job.runs])
        for run, result in zip(job.runs, results, strict=True):
            if job.counting is None:
                alerts.extend(term_alerts(result, run.end, job.terms, index))
            else:
                alerts.extend(group_alerts(result, run.end, job.terms))
        if not job.runs and job.history is None:
            result = store.query(text.text, _latest(job))
            if job.has_instants:
                alerts.extend(term_alerts(result, None, job.terms, index))
            else:
                alerts.extend(filter_alerts(result, index))
    opinion = _opinion(job, tables, alerts)
    return Execution(
        tuple(sorted(alerts, key=sort_key)), (*_changes(text, looked_up), *remarks, *opinion)
    )


def _opinion(
    job: Job, tables: Sequence[StoredTable], alerts: Sequence[Alert]
) -> tuple[Diagnostic, ...]:
    """Ask the second engine about a filter, where that is wanted."""
    if not job.wants_second_opinion or job.runs or job.history or job.has_instants:
        return ()
    return (second_opinion(job.text, tables, {one for alert in alerts for one in alert.ids}),)


def explain(job: Job, event: Event) -> tuple[Step, ...]:
    """Say for each condition of the text whether the event satisfies it, the others left aside."""
    job = _on_query(job)
    tables = _united(_stored(table, job) for table in job.tables)
    looked_up = with_stand_ins(job.text, job.lookups)
    text = executable(looked_up.text, _text_columns(tables), looked_up.prelude)
    segments = segments_of(text.text)
    columns = frozenset(name for table in tables for name in table.columns)
    now = job.runs[0].end if job.runs else _latest(job)
    steps = []
    with Store(tables) as store:
        for place, operator in enumerate(segments.operators):
            if operator.condition is None or not _reads_rows(segments.operators[:place]):
                continue
            result = store.query(segments.asking(place), now)
            outcome = "true" if _holds(result, event.id) else "false"
            fields = names_in(operator.text) & columns
            steps.append(Step(shortened(operator.condition), fields, outcome))
    return tuple(steps)


def schedule_of(text: str, own: Schedule) -> Schedule | None:
    """Return the schedule that an analytics rule asks for; None for a bare query."""
    rule = read_rule(text)
    if rule is None:
        return None
    window = declared_span(rule.query, "window") or rule.frequency
    return replace(own, interval=rule.frequency, lookback=window)


def _on_query(job: Job) -> Job:
    """Return the job on the query of an analytics rule, if the text is one."""
    rule = read_rule(job.text)
    return job if rule is None else replace(job, text=rule.query)


def _visible_columns(tables: Sequence[StoredTable]) -> dict[str, dict[str, str]]:
    return {
        table.name: {name: kind for name, kind in table.columns.items() if name not in HIDDEN}
        for table in tables
    }


def _text_columns(tables: Sequence[StoredTable]) -> list[str]:
    """Return the columns that `*` stands for in a comparison with a text; of several tables none."""
    if len(tables) != 1:
        return []
    kinds = tables[0].columns
    return [name for name, kind in kinds.items() if kind in _TEXT and name not in HIDDEN]


def _reads_rows(before: Sequence[Segment]) -> bool:
    """Say whether rows still stand for events after these operators."""
    return not any(one.text.startswith(_ENDING) for one in before)


def _holds(result: Result, event_id: str) -> bool:
    place = result.columns.index(EVENT_COLUMN) if EVENT_COLUMN in result.columns else None
    if place is None:
        return bool(result.rows)
    return any(row[place] == event_id for row in result.rows)


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


def _united(parts: Iterable[StoredTable]) -> list[StoredTable]:
    """Join the rows of parts of one table, which have its columns alike."""
    found: dict[str, StoredTable] = {}
    for part in parts:
        known = found.get(part.name)
        found[part.name] = replace(part, rows=[*known.rows, *part.rows]) if known else part
    return list(found.values())


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


def _changes(text: ExecutableText, looked_up: LookedUpText) -> Iterable[Diagnostic]:
    for change in looked_up.changes:
        yield Diagnostic("engine-look-up", Severity.NOTE, change)
    for name in text.prelude:
        yield Diagnostic(
            "engine-function",
            Severity.NOTE,
            f"the engine lacks {name}; the harness defined it in front of the text",
        )
    if text.expansions:
        yield Diagnostic(
            "engine-any-column",
            Severity.NOTE,
            "a comparison with every column is read as one with each column of text, arrays as their JSON",
        )
    if text.replacements:
        yield Diagnostic(
            "engine-ingestion-time",
            Severity.NOTE,
            f"ingestion_time() is read as a column, in {text.replacements} places"
            if text.replacements > 1
            else "ingestion_time() is read as a column, in one place",
        )
