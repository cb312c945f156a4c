"""Counts in runs: the groups of the window's rows that have enough rows, and enough different values.

Numbers are exact (`dcount` is not). A row whose group or counted value comes from an array stands for its
event several times, so that such rows are told apart by time and identity before they count (KUSTO-11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sigma.exceptions import SigmaFeatureNotSupportedByBackendError

from sigma.sigmaproof.kusto_names import name
from sigma.sigmaproof.tables import Column, Table
from sigma.sigmaproof.threshold import DistinctSpec, ThresholdSpec

from .layout import IN_UNION, wrapped
from .literals import timespan_literal
from .named_values import condition_lines
from .outputs import Output, Wanted, shown_terms, term_output
from .row_identity import ROW, row_identities
from .schedule import DELAY, ScheduledRun
from .search import TableSearch, union_of
from .terms import INGESTED, term_lines, uses_ingestion_time

EVENTS = "EventCount"
VALUES = "ValueCount"
_COUNTED = "Counted"
_IS_EVENT = "IsEvent"
_SPAN = ("FirstSeen", "LastSeen")


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the pipelines of all tables have in common."""

    terms: tuple[Output, ...]
    counted: Output | None
    time: str
    id: str | None
    rows: tuple[str, ...]
    """What tells the rows of each table apart; empty where no event gives several rows."""
    by_ingestion: bool
    assets: tuple[str, ...] = ()
    """Columns of the group's last event, which a detection of Defender must return."""

    @property
    def last_event(self) -> tuple[str, ...]:
        """Columns beside the time by which that event is known."""
        keys = {term.name for term in self.terms}
        identity = (self.id,) if self.id is not None else ()
        kept = [one for one in (*identity, *self.assets) if one not in keys]
        return tuple(kept) if self.assets else ()

    @property
    def row_column(self) -> str | None:
        """Column that, beside the time, tells rows apart."""
        return ROW if self.computes_rows else self.id

    @property
    def computes_rows(self) -> bool:
        """Say whether the column of the identity is not enough to tell rows apart."""
        return bool(self.rows) and {*self.rows} != {self.id}

    @property
    def seen(self) -> str:
        """Column of the primary time."""
        return INGESTED if self.by_ingestion else self.time

    @property
    def is_list_counted(self) -> bool:
        """Say whether the counted values are the elements of arrays."""
        return self.counted is not None and self.counted.is_list()


def threshold_lines(
    found: Sequence[TableSearch],
    spec: ThresholdSpec,
    scheduled: ScheduledRun | None,
    wanted: Wanted,
) -> list[str]:
    """Write the query, under the rule's own schedule or under that of an analytics rule."""
    frame = _frame([search.table for search in found], spec, wanted.assets)
    pipelines = [
        _pipeline(place, search, frame, len(found) > 1, scheduled is not None)
        for place, search in enumerate(found)
        if all(term.columns[place] is not None for term in frame.terms)
    ]
    named = shown_terms(wanted, spec.fields, frame.terms)
    return [*_lets(frame, spec, scheduled), *union_of(pipelines), *_summary(frame, spec), *named]


def _frame(tables: Sequence[Table], spec: ThresholdSpec, assets: Sequence[str]) -> _Frame:
    terms = tuple(term_output(field, tables) for field in spec.fields)
    counted = _counted(spec.distinct, tables)
    return _Frame(
        terms=terms,
        counted=counted,
        time=tables[0].time,
        id=tables[0].id,
        rows=_rows(terms, counted, tables),
        by_ingestion=uses_ingestion_time(tables, spec.timestamp),
        assets=tuple(assets),
    )


def _rows(
    terms: Sequence[Output], counted: Output | None, tables: Sequence[Table]
) -> tuple[str, ...]:
    """Return what tells the rows of each table apart, where an event may give several."""
    if not any(output.has_arrays() for output in [*terms, *([counted] if counted else [])]):
        return ()
    for table in tables:
        if not table.row_key:
            raise SigmaFeatureNotSupportedByBackendError(
                f"the rows of {table.name} have no identity, so that a row whose group or counted value"
                " is an array cannot be counted once; group by fields that hold one value"
            )
    return tuple(row_identities(tables))


def _counted(distinct: DistinctSpec | None, tables: Sequence[Table]) -> Output | None:
    if distinct is None:
        return None
    output = term_output(distinct.field, tables)
    if output.has_arrays() and output.is_mixed():
        raise SigmaFeatureNotSupportedByBackendError(
            f"{distinct.field} is an array in some of the tables and one value in others, whose different"
            " values no query counts together; count the values of a field that they hold alike, or name"
            " tables that do"
        )
    return output


def _lets(frame: _Frame, spec: ThresholdSpec, scheduled: ScheduledRun | None) -> list[str]:
    lines = [f"let window = {timespan_literal(spec.window)};"]
    if scheduled is not None:
        lines.append(scheduled.lets("window", "period")[1])
    elif frame.by_ingestion:
        lines.append(f"let delay = {timespan_literal(DELAY)};")
    return lines


def _pipeline(
    place: int, search: TableSearch, frame: _Frame, is_projected: bool, is_scheduled: bool
) -> list[str]:
    lines = [search.table.name, *_time_lines(frame, is_scheduled), *condition_lines(search)]
    lines += [f"| extend {ROW} = {frame.rows[place]}"] if frame.computes_rows else []
    # The counted values are those of the whole event, also where they are the group's own field.
    lines.extend(_counted_lines(place, frame))
    lines.extend(term_lines(place, frame.terms))
    lines.extend(_expansion(frame))
    if is_projected:
        lines.extend(wrapped("| project ", _columns(frame), width=IN_UNION))
    return lines


def _time_lines(frame: _Frame, is_scheduled: bool) -> list[str]:
    if not frame.by_ingestion:
        return [f"| where {frame.time} between (ago(window) .. now())"]
    bound = "period" if is_scheduled else "window + delay"
    return [
        f"// {frame.time} only bounds the scan: it is the time of ingestion that decides",
        f"| where {frame.time} >= ago({bound})",
        f"| extend {INGESTED} = ingestion_time()",
        f"| where {INGESTED} between (ago(window) .. now())",
    ]


def _counted_lines(place: int, frame: _Frame) -> list[str]:
    if frame.counted is None:
        return []
    expression = frame.counted.expression(place) or _nothing(frame.counted)
    if frame.is_list_counted:
        # The object stands for the event itself, whose values are texts, numbers and booleans.
        expression = (
            f"iff(array_length({expression}) > 0, array_concat(dynamic([{{}}]), {expression}),"
            " dynamic([{}]))"
        )
    return [f"| extend {_COUNTED} = {expression}"]


def _nothing(counted: Output) -> str:
    """Write the value of a table that lacks the field, in the type that the others have."""
    column = next((one for one in counted.columns if one is not None), None)
    kind = "string" if column is None or counted.is_mixed() else column.type
    return '""' if kind == "string" else f"{kind}(null)"


def _expansion(frame: _Frame) -> list[str]:
    if not frame.is_list_counted:
        return []
    return [
        f"| mv-expand {_COUNTED}",
        f"| where isnotnull({_COUNTED})",
        f'| extend {_IS_EVENT} = gettype({_COUNTED}) == "dictionary", {_COUNTED} = tostring({_COUNTED})',
    ]


def _columns(frame: _Frame) -> list[str]:
    columns = [frame.seen]
    columns += [frame.row_column] if frame.row_column is not None else []
    columns += [frame.time, *frame.last_event] if frame.assets else []
    return list(dict.fromkeys(columns + _keys(frame) + _counted_columns(frame)))


def _keys(frame: _Frame) -> list[str]:
    return [name(term.name) for term in frame.terms]


def _counted_columns(frame: _Frame) -> list[str]:
    if frame.counted is None:
        return []
    return [_COUNTED, _IS_EVENT] if frame.is_list_counted else [_COUNTED]


def _summary(frame: _Frame, spec: ThresholdSpec) -> list[str]:
    keys, extra = _keys(frame), _counted_columns(frame)
    lines = wrapped("| distinct ", _columns(frame)) if frame.rows else []
    events = f"countif({_IS_EVENT})" if frame.is_list_counted else "count()"
    first, last = _SPAN
    span = [f"{first} = min({frame.seen})", f"{last} = max({frame.seen})"]
    event = [f"arg_max({', '.join((frame.time, *frame.last_event))})"] if frame.assets else []
    span += event
    lines += _summarized([f"{EVENTS} = {events}", *span], keys + extra)
    if frame.counted is not None:
        values = [f"{EVENTS} = sum({EVENTS})", f"{VALUES} = countif({_is_value(frame)})"]
        span = [f"{first} = min({first})", f"{last} = max({last})", *event]
        lines += _summarized([*values, *span], keys)
    lines.append(f"| where {EVENTS} >= {spec.count}")
    if spec.distinct is not None:
        lines.append(f"| where {VALUES} >= {spec.distinct.count}")
    return lines


def _summarized(aggregates: list[str], keys: list[str]) -> list[str]:
    lines = wrapped("| summarize ", aggregates)
    return [*lines, *wrapped("    by ", keys)] if keys else lines


def _is_value(frame: _Frame) -> str:
    if frame.is_list_counted:
        return f"not({_IS_EVENT})"
    assert frame.counted is not None
    columns: list[Column] = [one for one in frame.counted.columns if one is not None]
    is_text = frame.counted.is_mixed() or any(column.type == "string" for column in columns)
    return f"{'isnotempty' if is_text else 'isnotnull'}({_COUNTED})"
