"""New terms: the first row of each combination over the history, kept when it is in the window.

One scan without a join; the window's start itself is not new (strict `>`), a term with an empty field
does not exist, and arrays are expanded field by field to their cross product (KUSTO-8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sigma.sigmaproof.kusto_names import name
from sigma.sigmaproof.new_terms import NewTermsSpec
from sigma.sigmaproof.tables import Table

from .keywords import Note
from .layout import IN_UNION, wrapped
from .literals import timespan_literal
from .named_values import condition_lines
from .outputs import Output, Wanted, computed, context_outputs, shown_terms, term_output
from .schedule import DELAY, ScheduledRun
from .search import TableSearch, assignment, identity_names, union_of
from .terms import INGESTED, term_lines, uses_ingestion_time


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the pipelines of all tables have in common."""

    terms: tuple[Output, ...]
    context: tuple[Output, ...]
    time: str
    """Output column of the table's time."""
    id: str | None
    """Output column of the event's identity."""
    by_ingestion: bool

    @property
    def first_seen(self) -> str:
        return INGESTED if self.by_ingestion else self.time


def new_terms_lines(
    found: Sequence[TableSearch],
    spec: NewTermsSpec,
    wanted: Wanted,
    scheduled: ScheduledRun | None,
    note: Note,
    is_large: bool = False,
) -> list[str]:
    """Write the query, under the rule's own schedule or under that of an analytics rule.

    A large tenant's query looks up the recent combinations alone in the history.
    """
    tables = [search.table for search in found]
    frame = _frame(tables, spec, wanted, note)
    pipelines = [
        _pipeline(place, search, frame, len(found) > 1, scheduled is not None)
        for place, search in enumerate(found)
        if all(term.columns[place] is not None for term in frame.terms)
    ]
    lets, base = _lets(frame, spec, scheduled), union_of(pipelines)
    if is_large:
        return [*lets, *_looked_up(frame, base)]
    named = shown_terms(wanted, spec.fields, frame.terms)
    return [*lets, *base, *_summary(frame, scheduled), *named]


def _frame(tables: Sequence[Table], spec: NewTermsSpec, wanted: Wanted, note: Note) -> _Frame:
    time, identity = tables[0].time, tables[0].id
    by_ingestion = uses_ingestion_time(tables, spec.timestamp)
    terms = tuple(term_output(field, tables) for field in spec.fields)
    shown = (term.name for term in terms)
    taken = frozenset((*spec.fields, *shown, time, INGESTED, *identity_names(identity)))
    context = tuple(context_outputs(wanted, tables, taken, note))
    return _Frame(terms, context, time, identity, by_ingestion)


def _lets(frame: _Frame, spec: NewTermsSpec, scheduled: ScheduledRun | None) -> list[str]:
    if scheduled is not None:
        return scheduled.lets("window", "history")
    lines = [
        f"let lookback = {timespan_literal(spec.lookback)};",
        f"let history = {timespan_literal(spec.history)};",
    ]
    if frame.by_ingestion:
        lines.append(f"let delay = {timespan_literal(DELAY)};")
    return lines


def _pipeline(
    place: int, search: TableSearch, frame: _Frame, is_projected: bool, is_scheduled: bool
) -> list[str]:
    lines = [search.table.name, *_time_lines(frame, is_scheduled), *condition_lines(search)]
    lines.extend(term_lines(place, frame.terms))
    if is_projected:
        lines.extend(_projection(place, frame))
    else:
        lines.extend(computed(frame.context, place, search.table.extended))
    return lines


def _time_lines(frame: _Frame, is_scheduled: bool) -> list[str]:
    if not frame.by_ingestion:
        return [f"| where {frame.time} between (ago(history) .. now())"]
    if is_scheduled:
        return [
            f"| where {frame.time} >= ago(history)",
            f"| extend {INGESTED} = ingestion_time()",
        ]
    return [
        f"// {frame.time} only bounds the scan: a row may be ingested up to `delay` after its event,",
        "// and it is the time of ingestion that decides",
        f"| where {frame.time} >= ago(history + delay)",
        f"| extend {INGESTED} = ingestion_time()",
        f"| where {INGESTED} between (ago(history) .. now())",
    ]


def _projection(place: int, frame: _Frame) -> list[str]:
    shown = [name(term.name) for term in frame.terms]
    shown += [INGESTED] * frame.by_ingestion + [frame.time] + ([frame.id] if frame.id else [])
    for output in frame.context:
        expression = output.expression(place)
        if expression is not None:
            shown.append(assignment(output.name, expression))
    return wrapped("| project ", shown, width=IN_UNION)


def _looked_up(frame: _Frame, base: list[str]) -> list[str]:
    """Write the anti-join of the window's combinations with those of the history before it."""
    keys = ", ".join(name(term.name) for term in frame.terms)
    first = name(frame.terms[0].name)
    recent = [f"Base | where {frame.first_seen} > ago(lookback)", *_first_rows(frame)]
    return [
        "let Base =",
        *(f"    {line}" for line in base[:-1]),
        f"    {base[-1]};",
        f"let Recent = materialize({recent[0]}",
        *(f"    {line}" for line in recent[1:-1]),
        f"    {recent[-1]});",
        "Recent",
        f"| join kind=leftanti (Base | where {frame.first_seen} <= ago(lookback)",
        f"    | where {first} in ((Recent | distinct {first}))",
        f"    | distinct {keys}) on {keys}",
    ]


def _summary(frame: _Frame, scheduled: ScheduledRun | None) -> list[str]:
    window = "lookback" if scheduled is None else "window"
    return [*_first_rows(frame), f"| where {frame.first_seen} > ago({window})"]


def _first_rows(frame: _Frame) -> list[str]:
    beside = [frame.time] if frame.by_ingestion else []
    beside += [frame.id] if frame.id is not None else []
    beside += [name(output.name) for output in frame.context]
    keys = ", ".join(name(term.name) for term in frame.terms)
    lines = wrapped("| summarize arg_min(", [frame.first_seen, *beside], ")")
    return [*lines, f"    by {keys}"]
