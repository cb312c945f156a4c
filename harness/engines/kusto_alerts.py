"""Turns the rows that a query returned into alerts on events.

A row's event is the one that its identity names; without one, that of the term at the row's time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from converter.errors import Unsupported
from converter.ir import Value
from harness.events.event import Dataset, Event
from harness.events.rows import Rows

from .execution import Alert, Term
from .kusto_store import EVENT_COLUMN, HIDDEN, Result

_TIME_COLUMNS = ("Ingested", "FirstIngested", "FirstSeen", "TimeGenerated", "Timestamp")
"""Preferred first; else the result's only datetime column."""


@dataclass(frozen=True, slots=True)
class RowIndex:
    """Finds the events behind rows."""

    events: Mapping[str, Event]
    """Event by id, and by other texts that tell it."""
    id_columns: frozenset[str]
    """Columns that hold the event's id, or such a text, in every table that has them."""
    by_instant: Mapping[datetime, tuple[tuple[str, frozenset[object]], ...]]
    """Instant to the events that have it in some cell, with all their cells."""


def index_of(dataset: Dataset, tables: Sequence[Rows]) -> RowIndex:
    """Index the rows of all tables by identity and by every instant in them."""
    by_instant: dict[datetime, list[tuple[str, frozenset[object]]]] = {}
    tables = [table for table in tables if not table.is_joined]
    events = {event.id: event for event in dataset.events}
    told: dict[str, Event] = {}
    for table in tables:
        told.update(_told(table, events))
        for row, event_id in zip(table.rows, table.event_ids, strict=True):
            cells = frozenset(cell for cell in row if not isinstance(cell, list | dict))
            for instant in {cell for cell in row if isinstance(cell, datetime)}:
                by_instant.setdefault(instant, []).append((event_id, cells))
    return RowIndex(
        {**events, **told},
        _id_columns(tables) | {table.told_by for table in tables if table.told_by},
        {instant: tuple(found) for instant, found in by_instant.items()},
    )


def _told(table: Rows, events: Mapping[str, Event]) -> Iterator[tuple[str, Event]]:
    """Yield the texts of a column that tells the event of a row."""
    if table.told_by:
        place = list(table.columns).index(table.told_by)
        for row, event_id in zip(table.rows, table.event_ids, strict=True):
            yield str(row[place]), events[event_id]


def term_alerts(
    result: Result, run_end: datetime | None, terms: Sequence[str], index: RowIndex
) -> list[Alert]:
    """Return one alert a row; raises `Unsupported` when a term's column is not in the result."""
    places = _term_places(result, terms)
    time_place = _time_place(result)
    id_places = _id_places(result, index)
    alerts = []
    for row in result.rows:
        term = tuple(_value(row[place]) for place in places)
        event = _event(row, id_places, index)
        if event is not None:
            alerts.append(Alert(run_end, term, event.time, frozenset({event.id})))
        else:
            moment = None if time_place is None else row[time_place]
            alerts.append(_by_time(run_end, term, moment, index))
    return alerts


def group_alerts(result: Result, run_end: datetime, terms: Sequence[str]) -> list[Alert]:
    """Return one alert a row of a count, which stands for many events and so has no time."""
    places = _term_places(result, terms)
    return [
        Alert(run_end, tuple(_value(row[place]) for place in places), None, frozenset())
        for row in result.rows
    ]


def filter_alerts(result: Result, index: RowIndex) -> list[Alert]:
    """Return one alert an event; raises `Unsupported` when no column tells the events apart."""
    places = _id_places(result, index)
    if not places:
        names = ", ".join(sorted(index.id_columns)) or "that identifies the event"
        raise Unsupported(
            "the query's result does not say which events it found",
            hint=f"let it return the column {names}",
        )
    found = (_event(row, places, index) for row in result.rows)
    ids = dict.fromkeys(event.id for event in found if event is not None)
    return [Alert(None, (), None, frozenset({one})) for one in ids]


def _term_places(result: Result, terms: Sequence[str]) -> list[int]:
    # A text names a term as its column where only case tells them apart, as engines may ignore case.
    places = {column.lower(): place for place, column in enumerate(result.columns)}
    places |= {column: place for place, column in enumerate(result.columns)}
    found = [places.get(term, places.get(term.lower())) for term in terms]
    missing = [term for term, place in zip(terms, found, strict=True) if place is None]
    if missing:
        raise Unsupported(
            f"the query's result has no column {missing[0]}, so that its terms cannot be told",
            hint=f"let it return {', '.join(terms)}",
        )
    return [place for place in found if place is not None]


def _id_columns(tables: Sequence[Rows]) -> frozenset[str]:
    """Return the columns of which each table that has them holds the event's id there."""
    found = [(_own_id_columns(table), table.columns) for table in tables]
    names = {name for ids, _ in found for name in ids}
    return frozenset(
        name for name in names if all(name in ids or name not in columns for ids, columns in found)
    )


def _own_id_columns(table: Rows) -> frozenset[str]:
    names = [name for name, kind in table.columns.items() if kind == "string"]
    places = {name: list(table.columns).index(name) for name in names}
    return frozenset(
        name
        for name, place in places.items()
        if all(row[place] == one for row, one in zip(table.rows, table.event_ids, strict=True))
    )


def _id_places(result: Result, index: RowIndex) -> list[int]:
    """Return where a row may hold the event's id; a union of tables has a column for each."""
    names = (EVENT_COLUMN, *sorted(index.id_columns))
    return [result.columns.index(name) for name in names if name in result.columns]


def _event(row: Sequence[object], places: Sequence[int], index: RowIndex) -> Event | None:
    found = (index.events.get(str(row[place])) for place in places)
    return next((event for event in found if event is not None), None)


def _time_place(result: Result) -> int | None:
    for name in _TIME_COLUMNS:
        if name in result.columns:
            return result.columns.index(name)
    times = [
        place
        for place, name in enumerate(result.columns)
        if name not in HIDDEN and any(isinstance(row[place], datetime) for row in result.rows)
    ]
    return times[0] if len(times) == 1 else None


def _by_time(run_end: datetime | None, term: Term, moment: object, index: RowIndex) -> Alert:
    if not isinstance(moment, datetime):
        return Alert(run_end, term, None, frozenset())
    instant = moment.replace(tzinfo=UTC)
    held = [
        event_id
        for event_id, cells in index.by_instant.get(instant, ())
        if all(part in cells for part in term) or len(index.by_instant[instant]) == 1
    ]
    times = sorted({index.events[event_id].time for event_id in held})
    if not times:
        return Alert(run_end, term, instant, frozenset())
    time = instant if instant in times else times[0]
    ids = frozenset(event_id for event_id in held if index.events[event_id].time == time)
    return Alert(run_end, term, time, ids)


def _value(cell: object) -> Value:
    match cell:
        case bool() | int() | float() | str():
            return cell
        case Decimal():
            return float(cell)
        case datetime():
            return cell.replace(tzinfo=UTC).isoformat()
        case None:
            return ""
        case _:
            return str(cell)
