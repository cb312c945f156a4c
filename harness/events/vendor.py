"""Rows of a table built from the vendor's own events, by the vendor's own naming.

No mapping to ECS takes part, so that rows built here can judge one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache

from converter.ir.values import canonical_number
from converter.layout import Kind, TableLayout, VendorLayout
from sigma.sigmaproof.steps import Step, steps_of

from .cells import Cell, cell_of, missing
from .event_xml import xml_of
from .inside import value_at
from .row_fields import number_in

_KINDS = {"bool": Kind.BOOLEAN, "int": Kind.NUMBER, "long": Kind.NUMBER, "real": Kind.NUMBER}


def vendor_row(layout: TableLayout, raw: Mapping[str, object]) -> dict[str, Cell]:
    """Build the row that the vendor makes of its event: cells by column."""
    cells: dict[str, Cell] = {}
    for column, column_type in layout.columns.items():
        value = _first(raw, paths_of(layout.vendor, column))
        if column == layout.xml and isinstance(value, Mapping):
            cell: Cell = xml_of(value)
        else:
            cell = _cell(value, column_type)
        cells[column] = missing(column_type) if cell is None else cell
    return cells


def unwrapped(raw: Mapping[str, object], path: str) -> Mapping[str, object]:
    """Return the event that stands as JSON text at a path; the whole where nothing does."""
    text = value_at(raw, path_steps(path)) if path else None
    inner: object = json.loads(text) if isinstance(text, str) else None
    return inner if isinstance(inner, dict) else raw


def vendor_value(raw: Mapping[str, object], paths: Sequence[str]) -> object:
    """Return the value at the first path that has one; the empty text only where all are empty."""
    return _first(raw, paths)


def paths_of(names: VendorLayout, column: str) -> Sequence[str]:
    """Return where a column's value stands: by name, else as the column with a small first letter."""
    if column in names.names:
        return names.names[column]
    variants = (column[:1].lower() + column[1:], column)
    inside = [f"{names.inside}.{variant}" for variant in variants] if names.inside else []
    return [*inside, *variants]


def _first(raw: Mapping[str, object], paths: Sequence[str]) -> object:
    empty: object = None
    for path in paths:
        value = value_at(raw, path_steps(path))
        if value not in (None, "", []):
            return value
        empty = value if empty is None else empty
    return empty


@cache
def path_steps(path: str) -> tuple[Step, ...]:
    """Read a path; a dot is the event itself."""
    return () if path == "." else steps_of(path)


def _cell(value: object, column_type: str) -> Cell:
    match column_type, value:
        case _, None:
            return None
        case "string", bool() | dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case "string", int() | float():
            return canonical_number(value)
        case "dynamic", _:
            return value
        case "int" | "long" | "real", str():
            number = number_in(value)
            return None if number is None else cell_of(number, Kind.NUMBER, column_type)
        case _, str() | bool() | int() | float():
            return cell_of(value, _KINDS.get(column_type, Kind.TEXT), column_type)
    return None
