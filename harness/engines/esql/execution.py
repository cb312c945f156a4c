"""Executes a query over a data set and turns its rows into alerts (ESQL-23)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from converter.diagnostic import Diagnostic
from converter.errors import Unsupported
from converter.ir import Schema
from converter.languages.esql import parse
from converter.languages.esql.syntax import From
from harness.engines.execution import Alert, Execution, Term
from harness.engines.job import RefusedText
from harness.events.event import Dataset
from harness.events.time import microseconds, moment_of
from harness.schedule.window import Run

from .casting import text_of
from .commands import CompiledQuery, compile_query
from .compiled import Context, Row
from .pipeline import Replay
from .provenance import event_numbers
from .scope import Place
from .source import EventSource
from .types import Scalar, Type

FIRST_SEEN = "first_seen"
"""The column that holds the time of an alert when there are several dates."""


def check(query: str, schema: Schema, dataset: Dataset | None = None) -> tuple[Diagnostic, ...]:
    """Return why the platform refuses a query; raise QuerySyntaxError or Unsupported.

    Columns are the fields of the schema, and those that the events have.
    """
    context = Context(query)
    compile_query(context, parse(query), EventSource(dataset or Dataset((), schema)), False)
    return tuple(context.problems)


def execute(
    query: str,
    dataset: Dataset,
    runs: Sequence[Run],
    terms: Sequence[str] | None,
    history: timedelta | None = None,
) -> Execution:
    """Execute a query at the end of each run, or once as a filter when there are none.

    A run sees the events that are visible at its end; with `history`, only those whose primary time
    lies in [end - history, end], as a Kibana rule asks for. Raises RefusedText.
    """
    prepared = _Prepared(query, dataset, tuple(terms or ()))
    if runs:
        alerts = [alert for run in runs for alert in prepared.alerts_of(run, history)]
    else:
        alerts = list(prepared.matches())
    return Execution(tuple(alerts), prepared.context.warnings)


class _Prepared:
    """A compiled query on a data set."""

    def __init__(self, query: str, dataset: Dataset, terms: Sequence[str]) -> None:
        self.context = Context(query)
        tree = parse(query)
        source = EventSource(dataset)
        self._events = source.events
        self._compiled = compile_query(self.context, tree, source, bool(terms))
        if self.context.problems:
            raise RefusedText(self.context.problems[0])
        if not isinstance(tree.source, From):
            raise Unsupported("a query that starts with ROW", tree.source.span, "start with FROM")
        rows = list(source.rows(self._compiled.loaded))
        self._replay = Replay(
            self._compiled, rows, [microseconds(event.visible) for event in self._events]
        )
        self._terms = [_term_place(self._compiled, term) for term in terms]
        self._time = _time_place(self._compiled)

    def alerts_of(self, run: Run, history: timedelta | None) -> Iterator[Alert]:
        """Return the alerts of one run, in order."""
        now = microseconds(run.end)
        self.context.clock.now = now
        rows = self._replay.rows_at(now)
        if history is not None:
            rows = self._within(rows, run.end - history, run.end)
        alerts = [self._alert(run.end, row) for row in self._replay.result(rows)]
        yield from sorted(alerts, key=lambda alert: (repr(alert.term), str(alert.time)))

    def matches(self) -> Iterator[Alert]:
        """Return an alert for each event that the query keeps."""
        if any(step.reads_now for step in self._compiled.steps):
            raise Unsupported("NOW() in a query without runs", hint="give the rule a schedule")
        rows = self._replay.result(self._replay.rows_at(_FOREVER))
        found = sorted({number for row in rows for number in event_numbers(row)})
        events = sorted((self._events[number] for number in found), key=lambda e: (e.time, e.id))
        return (Alert(None, (), None, frozenset({event.id})) for event in events)

    def _within(self, rows: list[Row], first: datetime, last: datetime) -> list[Row]:
        return [
            row
            for row in rows
            if all(first <= self._events[number].time <= last for number in event_numbers(row))
        ]

    def _alert(self, end: datetime, row: Row) -> Alert:
        term: Term = tuple(_value(row, place) for place in self._terms)
        time = _time(row, self._time)
        return Alert(end, term, time, self._tied(row, time))

    def _tied(self, row: Row, time: datetime | None) -> frozenset[str]:
        """Return the events of the row that happened at its time."""
        events = (self._events[number] for number in event_numbers(row))
        return frozenset(event.id for event in events if time is None or event.time == time)


NO_VALUE = "(no value)"
"""Stands for null in the term of an alert."""
_FOREVER = 2**63


def _term_place(query: CompiledQuery, term: str) -> Place:
    place = query.scope.find(term)
    if place is None:
        raise Unsupported(
            f"result without the column {term}", hint="keep the columns of the term to the end"
        )
    return place


def _time_place(query: CompiledQuery) -> Place | None:
    dates = {
        name: place for name, place in query.scope.columns.items() if place.type is Type.DATETIME
    }
    if FIRST_SEEN in dates:
        return dates[FIRST_SEEN]
    return next(iter(dates.values())) if len(dates) == 1 else None


def _value(row: Row, place: Place) -> Scalar:
    cell = row[place.slot] if place.slot is not None else None
    if cell is None:
        # Kibana alerts on such a row too; no term of a rule is like it.
        return NO_VALUE
    if isinstance(cell, tuple):
        return f"[{', '.join(str(_shown(value, place.type)) for value in cell)}]"
    return _shown(cell, place.type)


def _shown(value: object, kind: Type) -> Scalar:
    scalar: Scalar = value if isinstance(value, str | bool | int | float) else str(value)
    return text_of(kind, scalar) if kind in (Type.IP, Type.DATETIME) else scalar


def _time(row: Row, place: Place | None) -> datetime | None:
    cell = row[place.slot] if place and place.slot is not None else None
    return moment_of(cell) if isinstance(cell, int) else None
