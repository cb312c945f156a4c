"""One field in one row: how it is written, what the row then says, and why that is not what the event has.

Everything is executed as the rendered expression computes it, so that both say the same of a row.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from converter.ir import Value
from converter.ir.values import canonical_number
from converter.layout import CellPlace, FieldLayout, Kind, TableLayout
from sigma.sigmaproof.steps import XmlData, written

from .cells import Cell, cell_of, read_cell, shown, with_inside
from .event import Document, objects_of, values_of
from .readings import (
    ARRAYS,
    COUNTS,
    JOINS,
    PARTS,
    column_text,
    joined,
    joined_parts,
    number_of_text,
    operation_parts,
    read,
    text_of_count,
    text_of_values,
    values_of_text,
    with_part,
)

Cells = dict[str, Cell]

_NOTHING: tuple[object, ...] = (None, "", [])


def values_in(document: Document, field: FieldLayout) -> tuple[Value, ...]:
    """Return a field's values in an event; those of all keys inside a flattened one."""
    found = values_of(document, field.name)
    if found or not field.is_flattened:
        return found
    inside = objects_of(document, field.name)
    return tuple(_text(value) for one in inside for value in _leaves(one))


def _leaves(node: object) -> Iterator[object]:
    match node:
        case Mapping():
            for inner in node.values():
                yield from _leaves(inner)
        case list():
            for inner in node:
                yield from _leaves(inner)
        case str() | bool() | int() | float():
            yield node


def is_array(field: FieldLayout, layout: TableLayout) -> bool:
    """Say whether the table keeps several values of the field."""
    return field.reading in ARRAYS or any(_is_array(place, layout) for place in field.places)


def fill(
    cells: Cells,
    field: FieldLayout,
    layout: TableLayout,
    values: Sequence[Value],
    needed: Collection[CellPlace] = (),
) -> None:
    """Write a field's value, where it can be written and the row does not say it anyway.

    Of several places the last free one is taken, or one of those that other fields need filled.
    """
    values = beside(field, values)
    if not field.places:
        return
    if field.constant is not None:
        cells[field.places[0].column] = field.constant
    elif field.reading in ARRAYS and field.reading in JOINS:
        for place, flag in zip(field.places, operation_parts(values), strict=True):
            if _read(cells, place, field.kind, layout) in _NOTHING:
                _put(cells, place, layout, flag)
    elif field.reading in ARRAYS:
        if read_field(cells, field, layout) in _NOTHING:
            _put(cells, field.places[-1], layout, text_of_values(field.reading, values))
    elif is_array(field, layout):
        _put(cells, field.places[0], layout, [_as_kind(v, field.kind) for v in values] or None)
    elif field.reading in JOINS:
        if read_field(cells, field, layout) in _NOTHING and len(values) == 1:
            parts = joined_parts(field.reading, _text(values[0]))
            for place, part in zip(field.places, parts, strict=True):
                kind = "string" if place.path else layout.columns[place.column]
                _put(cells, place, layout, cell_of(part, Kind.TEXT, kind))
    elif field.reading in PARTS:
        _fill_part(cells, field, layout, values)
    elif len(values) == 1 and read_field(cells, field, layout) in _NOTHING or field.cases:
        free = [one for one in field.places if _read(cells, one, field.kind, layout) in _NOTHING]
        if free:
            place = next((one for one in free if one in needed), free[-1])
            _put(cells, place, layout, _cell(cells, field, layout, values))


def needs_text(field: FieldLayout, values: Sequence[Value]) -> bool:
    """Say whether any text but those of the cases, which has to be there, tells the field's value."""
    is_other = tuple(values) == (field.otherwise,) and field.otherwise not in field.cases.values()
    return bool(field.cases) and is_other and "" in field.cases


def _fill_part(
    cells: Cells, field: FieldLayout, layout: TableLayout, values: Sequence[Value]
) -> None:
    """Write one part of a text, of which other fields may have written others."""
    place = field.places[0]
    text = _text(_read(cells, place, field.kind, layout))
    if len(values) == 1 and values[0]:
        _put(cells, place, layout, with_part(field.reading, _text(values[0]), text))


def read_field(cells: Mapping[str, Cell], field: FieldLayout, layout: TableLayout) -> Cell:
    """Return the value that a query reads of the row; a list for an array."""
    value: Cell = None
    kind = Kind.TEXT if field.reading in COUNTS else field.kind  # what is counted is no number
    for place in field.places:
        value = _read(cells, place, kind, layout)
        if value not in _NOTHING:
            break
    if field.reading in JOINS:
        parts = (_read(cells, place, field.kind, layout) for place in field.places)
        value = joined(field.reading, [_text(part) for part in parts])
    if field.reading in ARRAYS:
        return list(values_of_text(field.reading, _text(value)))
    if field.reading in JOINS:
        return value
    if not (field.cases or field.reading):
        return value
    if field.reading in COUNTS:
        return number_of_text(_text(value))
    text = read(field.reading, _text(value))
    return field.cases.get(text, field.otherwise) if field.cases else text


def problem(
    cells: Mapping[str, Cell], field: FieldLayout, layout: TableLayout, values: Sequence[Value]
) -> str:
    """Return why the field does not read back; empty where it does."""
    has = f"{field.name} {shown(values)}" if values else f"{field.name} missing"
    if field.constant is not None:
        if is_only(values, field.constant):
            return ""
        return f"{layout.name} only holds events with {field.name} {shown([field.constant])}: {has}"
    if field.known:
        is_so = set(field.known) == set(values)
        return "" if is_so else f"such events have {shown(field.known)}: {has}"
    if field.always and not set(field.always) <= set(values):
        return f"every event has {shown(field.always)}: {has}"
    if field.always and not field.places:
        return ""  # no column tells the others, which nothing can ask for
    values = beside(field, values)
    if not field.places:
        return f"{layout.name} has no column for the field: {has}" if values else ""
    if is_array(field, layout):
        return _array_difference(cells, field, layout, values, has)
    column = field.places[0].column
    if len(values) > 1:
        return f"column {column} holds one value: {has}"
    if tuple(values) == ("",):
        return f"column {column} cannot tell an empty text from a missing one: {has}"
    return _difference(cells, field, layout, values, has)


def beside(field: FieldLayout, values: Sequence[Value]) -> Sequence[Value]:
    """Return the values beside those that the field has in every event."""
    return [value for value in values if value not in field.always] if field.always else values


def is_only(values: Sequence[Value], value: Value) -> bool:
    """Say whether a value is the only one."""
    return len(values) == 1 and type(values[0]) is type(value) and values[0] == value


def _is_array(place: CellPlace, layout: TableLayout) -> bool:
    return place.is_array or (layout.columns[place.column] == "dynamic" and not place.path)


def _put(cells: Cells, place: CellPlace, layout: TableLayout, cell: Cell) -> None:
    if cell is None:
        return
    column_type = layout.columns[place.column]
    cells[place.column] = (
        with_inside(cells[place.column], place.path, cell, column_type) if place.path else cell
    )


def _cell(
    cells: Mapping[str, Cell], field: FieldLayout, layout: TableLayout, values: Sequence[Value]
) -> Cell:
    """Return what is written for one value; None where nothing can or need be."""
    value: Value | None = values[0] if len(values) == 1 else None
    if field.cases:
        return _witness(cells, field, layout, value)
    if field.values:
        value = field.values.get(value) if isinstance(value, str) else None
    if field.reading in COUNTS:
        return text_of_count(value)
    if field.reading:
        value = column_text(field.reading, value) if isinstance(value, str) else None
    return cell_of(value, field.kind, _cell_type(field, layout))


def _witness(
    cells: Mapping[str, Cell], field: FieldLayout, layout: TableLayout, value: Value | None
) -> Cell:
    """Return a text that reads as the value, where the row does not say what it is derived from."""
    places = (_read(cells, place, field.kind, layout) for place in field.places)
    if value is None or any(cell not in _NOTHING for cell in places):
        return None
    text = _text(value)
    keys = [key for key, meaning in field.cases.items() if meaning == text]
    if "" in keys or (not keys and text != field.otherwise):
        return None
    return keys[0] if keys else text if text not in field.cases else None


def _cell_type(field: FieldLayout, layout: TableLayout) -> str:
    """Return the type of the value that is written: that of the column or of what is inside it."""
    place = field.places[-1]
    if place.path and isinstance(place.path[0], XmlData):
        return "xml"
    return "json" if place.path else layout.columns[place.column]


def _read(cells: Mapping[str, Cell], place: CellPlace, kind: Kind, layout: TableLayout) -> Cell:
    cell = read_cell(cells[place.column], place.path, layout.columns[place.column])
    if isinstance(cell, list) and place.is_array:
        return [_as_kind(one, kind) for one in cell]
    return _as_kind(cell, kind) if place.path and cell is not None else cell


def _as_kind(cell: Cell, kind: Kind) -> Cell:
    """Convert what stands in JSON, as `tostring`, `tolong` and their like do."""
    match kind, cell:
        case Kind.TEXT | Kind.DATE, _:
            return _text(cell)
        case Kind.NUMBER, str():
            return number_in(cell)
        case Kind.BOOLEAN, "true" | "false":
            return cell == "true"
    return cell


def number_in(text: str) -> int | float | None:
    """Return the number that a text is; None where it is none."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def _array_difference(
    cells: Mapping[str, Cell],
    field: FieldLayout,
    layout: TableLayout,
    values: Sequence[Value],
    has: str,
) -> str:
    cell = read_field(cells, field, layout)
    found = cell if isinstance(cell, list) else [] if cell in _NOTHING else [cell]
    wanted = [_as_kind(value, field.kind) for value in values]
    if sorted(map(json.dumps, found)) == sorted(map(json.dumps, wanted)):
        return ""
    return f"another field fills {_name(field)} {shown(found)}: {has}"


def _difference(
    cells: Mapping[str, Cell],
    field: FieldLayout,
    layout: TableLayout,
    values: Sequence[Value],
    has: str,
) -> str:
    cell = read_field(cells, field, layout)
    column = field.places[0].column
    reads = f"{_name(field)} {shown([cell])}: {has}"
    if field.cases:
        reading = [cell] if cell else []
        return "" if list(map(_text, values)) == reading else _derived(cells, field, layout, has)
    if field.values:
        expected = {field.values[v] for v in values if isinstance(v, str) and v in field.values}
        actual = {cell} & set(field.values.values()) if isinstance(cell, str) else set()
        return "" if expected == actual else f"the value table disagrees with {reads}"
    if not values:
        return "" if cell in _NOTHING else f"another field fills {reads}"
    if field.reading:
        return "" if [cell] == list(values) else f"no text is read as the value from {reads}"
    expected_cell = cell_of(values[0], field.kind, _cell_type(field, layout))
    if expected_cell is None:
        kind = layout.columns[column]
        return f"column {column} is {kind} and cannot hold the value: {has}"
    same = type(cell) is type(expected_cell) and cell == expected_cell
    return "" if same else f"another field fills {reads}"


def in_other_letters(field: FieldLayout, document: Document) -> str:
    """Say that a value outside the value table equals one of its texts but for case; empty if none does.

    A rule that ignores case finds the text's column value, which the row of the event lacks.
    """
    values = values_in(document, field)
    outside = {str(value).lower() for value in values if value not in field.values}
    other = next((key for key in field.values if key.lower() in outside), "")
    has = f"{field.name} {shown(values)}"
    return (
        f"the value table has {shown([other])}, and no column tells other letters: {has}"
        if other
        else ""
    )


def _derived(cells: Mapping[str, Cell], field: FieldLayout, layout: TableLayout, has: str) -> str:
    raw = [_read(cells, place, field.kind, layout) for place in field.places]
    first = next((cell for cell in raw if cell not in _NOTHING), raw[0])
    reading = read_field(cells, field, layout)
    return f"{_name(field)} {shown([first])}: {has}, it reads as {shown([reading])}"


def _name(field: FieldLayout) -> str:
    places = (written((place.column, *place.path)) for place in field.places)
    return f"column {' or '.join(places)}"


def _text(value: object) -> str:
    """Return a value as `tostring` does."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M:%S.%f}0Z"
        case int() | float():
            return canonical_number(value)
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
