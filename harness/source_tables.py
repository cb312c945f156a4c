"""Events of several log sources as rows: each event in the tables of its own log source.

One rule holds this together: an event has one row. Where two log sources hold it, both must build the same
row, else nothing is judged by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from converter.ir import Predicate
from converter.layout import Layout, TableLayout

from .engines.kusto_text import INGESTION_COLUMN
from .engines.predicate import evaluate
from .events.cells import Cell, missing
from .events.event import Dataset
from .events.rows import Rows, rows, unplaced


@dataclass(frozen=True, slots=True)
class LogSourceTables:
    """The tables of one log source."""

    layouts: tuple[Layout, ...]
    fields: frozenset[str] | None
    """The fields that decide whether an event is representable; None for all."""
    log_source: Predicate | None = None
    """What its events satisfy; None where the tables themselves say which events are theirs."""


@dataclass(frozen=True, slots=True)
class SourceRows:
    """The rows of every layout, in order, and why other events have none."""

    tables: tuple[Rows, ...]
    reasons: Mapping[str, str]


def source_rows(sources: Sequence[LogSourceTables], dataset: Dataset) -> SourceRows:
    """Build the rows of each log source for its own events."""
    tables: list[Rows] = []
    reasons: dict[str, str] = {}
    for one in sources:
        own = _own(one, dataset)
        tables += (rows(layout, own, INGESTION_COLUMN, one.fields) for layout in one.layouts)
        packed = [layout for layout in one.layouts if isinstance(layout, TableLayout)]
        reasons |= dict(unplaced(packed, own))
    for built in tables:
        reasons.update(built.not_representable)
    if len(sources) == 1:
        return SourceRows(tuple(tables), reasons)
    tables = _with_columns_alike(tables)
    reasons |= _contradictions(tables)
    return SourceRows(tuple(_once(tables, reasons)), reasons)


def _own(source: LogSourceTables, dataset: Dataset) -> Dataset:
    condition = source.log_source
    if condition is None:
        return dataset
    events = (one for one in dataset.events if evaluate(condition, one.document) is True)
    return replace(dataset, events=tuple(events))


def _with_columns_alike(tables: Sequence[Rows]) -> list[Rows]:
    """Give rows of one table the columns that any log source has there."""
    columns: dict[str, dict[str, str]] = {}
    for one in tables:
        known = columns.setdefault(one.table, {})
        columns[one.table] = {**one.columns, **known}
    return [_with_columns(one, columns[one.table]) for one in tables]


def _with_columns(table: Rows, columns: Mapping[str, str]) -> Rows:
    empty = {name: missing(kind) for name, kind in columns.items()}
    cells = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    built = tuple(tuple({**empty, **one}[name] for name in columns) for one in cells)
    return replace(table, columns=columns, rows=built)


def _contradictions(tables: Sequence[Rows]) -> dict[str, str]:
    """Return the events of which two log sources build other rows, with the reason."""
    known: dict[str, tuple[str, tuple[Cell, ...]]] = {}
    found: dict[str, str] = {}
    for one in tables:
        for event_id, row in zip(one.event_ids, one.rows, strict=True):
            first = known.setdefault(event_id, (one.table, row))
            if first != (one.table, row):
                names = " and ".join(dict.fromkeys((first[0], one.table)))
                found[event_id] = (
                    f"several log sources of the rule hold the event otherwise: {names}"
                )
    return found


def _once(tables: Sequence[Rows], left_out: Mapping[str, str]) -> list[Rows]:
    """Leave each event in the first table that has it; one that judges nothing in none."""
    seen = set(left_out)
    found = []
    for one in tables:
        pairs = [pair for pair in zip(one.event_ids, one.rows, strict=True) if pair[0] not in seen]
        seen.update(event_id for event_id, _ in pairs)
        ids, built = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
        found.append(replace(one, event_ids=ids, rows=built))
    return found
