"""Rows of a table for a Kusto engine, built from events.

One rule holds this together: a row stands for an event only if every field that matters reads back from it
as the event has it. Where it does not, the event is not representable, with the reason. A missing text is
the empty text, as a Kusto `string` is never null; every other missing value is null.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from converter.ir import Value
from converter.layout import EventsLayout, FieldLayout, Kind, Layout, TableLayout

from .cells import Cell, cell_of, missing, read_cell, shown, with_inside
from .event import Dataset, Document, Event, values_of


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one table."""

    table: str
    columns: Mapping[str, str]
    """Kusto type by column, in the order of the cells."""
    rows: tuple[tuple[Cell, ...], ...]
    """Texts, numbers, booleans, aware datetimes, None; JSON values in a dynamic column."""
    event_ids: tuple[str, ...]
    """The event of each row."""
    not_representable: tuple[tuple[str, str], ...]
    """Events of this table that no row stands for, with the reason."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One row before anybody asks whether it stands for its event."""

    cells: Mapping[str, Cell]
    problems: Mapping[str, str]
    """Field to the reason why it does not read back."""


def rows(
    layout: Layout,
    dataset: Dataset,
    ingestion_column: str,
    fields: Collection[str] | None = None,
) -> Rows:
    """Build the rows of a table for the events that belong to it.

    `ingestion_column` gets the time at which the event became visible. `fields` are the fields that a
    rule reads: only they decide whether an event is representable. Without them every field decides
    that some event of the dataset has.
    """
    table = layout if isinstance(layout, TableLayout) else _events_table(layout, dataset, fields)
    read = fields_present(dataset, table) if fields is None else fields
    columns = {**table.columns, ingestion_column: "datetime"}
    built: list[tuple[Cell, ...]] = []
    ids: list[str] = []
    refused: list[tuple[str, str]] = []
    for event in dataset.events:
        if not is_of_log_source(table, event.document) or not is_of_table(table, event.document):
            continue
        row = row_of(table, event, read)
        if row.problems:
            refused.append((event.id, next(iter(row.problems.values()))))
            continue
        cells = {**row.cells, ingestion_column: event.visible}
        built.append(tuple(cells[column] for column in columns))
        ids.append(event.id)
    return Rows(table.name, columns, tuple(built), tuple(ids), tuple(refused))


def unplaced(layouts: Sequence[TableLayout], dataset: Dataset) -> tuple[tuple[str, str], ...]:
    """Return the events of the log source that belong to none of its tables, with the reason."""
    return tuple(
        (event.id, _why_unplaced(layouts, event.document))
        for event in dataset.events
        if any(is_of_log_source(layout, event.document) for layout in layouts)
        and not any(is_of_table(layout, event.document) for layout in layouts)
    )


def row_of(layout: TableLayout, event: Event, fields: Collection[str]) -> EventRow:
    """Build one row and say which of `fields` do not read back from it."""
    cells: dict[str, Cell] = {name: missing(kind) for name, kind in layout.columns.items()}
    values = {field.name: values_of(event.document, field.name) for field in layout.fields}
    for field in sorted(layout.fields, key=lambda known: known.is_enrichment):
        _fill(cells, field, layout, values[field.name])
    cells[layout.time] = _time(layout, event)
    cells[layout.id] = event.id
    problems: dict[str, str] = {}
    for field in layout.fields:
        if field.name in fields:
            problem = _problem(cells, field, layout, values[field.name])
            if problem:
                problems[field.name] = problem
    return EventRow(cells, problems)


def fields_present(dataset: Dataset, layout: TableLayout) -> frozenset[str]:
    """Return the fields that some event has, but for time and identity, which the harness sets."""
    present = {name for event in dataset.events for name in _leaves(event.document, "")}
    return frozenset(
        field.name
        for field in layout.fields
        if field.name in present and field.column not in (layout.time, layout.id)
    )


def is_of_log_source(layout: TableLayout, document: Document) -> bool:
    """Say whether the event satisfies the conditions that the log source implies."""
    return all(value in values_of(document, name) for name, value in layout.condition.items())


def is_of_table(layout: TableLayout, document: Document) -> bool:
    """Say whether the event fits this table's selector and that of no other table."""
    if not layout.selector:
        return True
    return _fits(layout.selector, document) and not any(
        _fits(rival, document) for rival in layout.rivals
    )


def _fits(selector: Mapping[str, Value], document: Document) -> bool:
    """Say whether some field has the selector's value and none has another one."""
    found = [
        _is_only(values, value)
        for name, value in selector.items()
        if (values := values_of(document, name))
    ]
    return bool(found) and all(found)


def _why_unplaced(layouts: Sequence[TableLayout], document: Document) -> str:
    names = sorted({name for layout in layouts for name in layout.selector})
    values = {name: values_of(document, name) for name in names}
    has = ", ".join(f"{name} {shown(v) if v else 'missing'}" for name, v in values.items())
    tables = [layout.name for layout in layouts if _fits(layout.selector, document)]
    if tables:
        return f"several tables could hold the event ({', '.join(tables)}): {has}"
    return f"no table holds such an event: {has}"


def _time(layout: TableLayout, event: Event) -> datetime:
    """Return the time column's value; the primary time where the layout or the event names no other."""
    for value in values_of(event.document, layout.time_field) if layout.time_field else ():
        cell = cell_of(value, Kind.DATE, "datetime")
        if isinstance(cell, datetime):
            return cell
    return event.time


def _fill(
    cells: dict[str, Cell], field: FieldLayout, layout: TableLayout, values: Sequence[Value]
) -> None:
    """Write a field's value into its column, where it can be written and nothing stands there yet."""
    if not field.column or field.cases:
        return
    column_type = layout.columns[field.column]
    if field.constant is not None:
        cells[field.column] = field.constant
    elif column_type == "dynamic" and not field.path:
        cells[field.column] = list(values) or None
    elif len(values) == 1:
        cell = cell_of(_column_value(values[0], field), field.kind, _cell_type(field, column_type))
        if cell is None or _read(cells, field, layout) not in (None, ""):
            return
        cells[field.column] = (
            with_inside(cells[field.column], field.path, cell, column_type) if field.path else cell
        )


def _column_value(value: Value, field: FieldLayout) -> Value | None:
    """Translate by the value table; None for a value outside it."""
    if not field.values:
        return value
    return field.values.get(value) if isinstance(value, str) else None


def _cell_type(field: FieldLayout, column_type: str) -> str:
    """Return the type of the value that is written: that of the column or of the JSON inside it."""
    return "json" if field.path else column_type


def _read(cells: Mapping[str, Cell], field: FieldLayout, layout: TableLayout) -> Cell:
    return read_cell(cells[field.column], field.path, layout.columns[field.column])


def _problem(
    cells: Mapping[str, Cell], field: FieldLayout, layout: TableLayout, values: Sequence[Value]
) -> str:
    """Return why the field does not read back; empty where it does."""
    has = f"{field.name} {shown(values)}" if values else f"{field.name} missing"
    if field.constant is not None:
        if _is_only(values, field.constant):
            return ""
        return f"{layout.name} only holds events with {field.name} {shown([field.constant])}: {has}"
    if not field.column:
        return f"{layout.name} has no column for the field: {has}" if values else ""
    if layout.columns[field.column] == "dynamic" and not field.path:
        return ""
    if len(values) > 1:
        return f"column {field.column} holds one value: {has}"
    if tuple(values) == ("",):
        return f"column {field.column} cannot tell an empty text from a missing one: {has}"
    return _difference(cells, field, layout, values, has)


def _difference(
    cells: Mapping[str, Cell],
    field: FieldLayout,
    layout: TableLayout,
    values: Sequence[Value],
    has: str,
) -> str:
    cell = _read(cells, field, layout)
    column_type = layout.columns[field.column]
    reads = f"column {'.'.join([field.column, *field.path])} {shown([cell])}: {has}"
    if field.cases:
        reading = field.cases.get(str(cell), field.otherwise)
        return "" if list(values) == [reading] else f"{reads}, it reads as {shown([reading])}"
    if field.values:
        expected = {field.values[v] for v in values if isinstance(v, str) and v in field.values}
        actual = {cell} & set(field.values.values()) if isinstance(cell, str) else set()
        return "" if expected == actual else f"the value table disagrees with {reads}"
    if not values:
        return "" if cell in (None, "") else f"another field fills {reads}"
    expected_cell = cell_of(values[0], field.kind, _cell_type(field, column_type))
    if expected_cell is None:
        return f"column {field.column} is {column_type} and cannot hold the value: {has}"
    same = type(cell) is type(expected_cell) and cell == expected_cell
    return "" if same else f"another field fills {reads}"


def _is_only(values: Sequence[Value], value: Value) -> bool:
    return len(values) == 1 and type(values[0]) is type(value) and values[0] == value


def _events_table(
    layout: EventsLayout, dataset: Dataset, fields: Collection[str] | None
) -> TableLayout:
    """Lay out one column for every field of the events, and for every field that a rule reads."""
    present = {name for event in dataset.events for name in _leaves(event.document, "")}
    names = sorted(({*fields} if fields is not None else present) | {layout.id})
    types = {name: layout.types.get(name, "string") for name in names}
    return TableLayout(
        name=layout.name,
        columns={layout.time: "datetime", **types},
        fields=tuple(FieldLayout(name, _KINDS.get(types[name], Kind.TEXT), name) for name in names),
        time=layout.time,
        id=layout.id,
        time_field="",
    )


_KINDS = {"bool": Kind.BOOLEAN, "long": Kind.NUMBER, "real": Kind.NUMBER, "datetime": Kind.DATE}


def _leaves(node: object, path: str) -> Iterator[str]:
    match node:
        case dict():
            for key, inner in node.items():
                yield from _leaves(inner, f"{path}.{key}" if path else str(key))
        case list():
            for item in node:
                yield from _leaves(item, path)
        case None:
            return
        case _:
            yield path
