"""Cells of a Kusto table: how one value of an event is written and read back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from converter.ir import Value
from converter.ir.values import canonical_number
from converter.layout import Kind
from sigma.sigmaproof.steps import Parsed, Step, XmlData

from .event_xml import can_hold
from .inside import value_at, with_value
from .time import instant, moment_of

Cell = object
"""Text, number, boolean, aware datetime or None; any JSON value in a dynamic column."""

_INTEGERS = {"int": 2**31, "long": 2**63}


def missing(column_type: str) -> Cell:
    """Return the cell of a column without a value: a Kusto string is never null."""
    return "" if column_type == "string" else None


def cell_of(value: Value | None, kind: Kind, column_type: str) -> Cell:
    """Write a value for a column, or inside one (`json`, `xml`); None where it cannot be held."""
    match column_type, value:
        case _, None:
            return None
        case "string", str():
            return value if kind is not Kind.NUMBER and value else None
        case "string", int() | float() if kind is Kind.NUMBER and not isinstance(value, bool):
            return canonical_number(value)
        case "xml", str() if not can_hold(value):
            return None
        case "json" | "xml", _:
            return _json_cell(value, kind)
        case "bool", bool():
            return value
        case "int" | "long", str() if kind is Kind.TEXT:
            return _number_written(value, column_type)
        case "int" | "long", int() if not isinstance(value, bool):
            bound = _INTEGERS[column_type]
            return value if -bound <= value < bound else None
        case "real", int() | float() if not isinstance(value, bool):
            return float(value)
        case "datetime", str() | int() | float() if not isinstance(value, bool):
            time = instant(value)
            return None if time is None else moment_of(time)
        case "dynamic", _:
            return value
    return None


def _number_written(text: str, column_type: str) -> Cell:
    """Return the number that has this text; None where another text would come back."""
    is_number = text.isascii() and text.isdigit() and str(int(text)) == text
    return cell_of(int(text), Kind.NUMBER, column_type) if is_number else None


def _json_cell(value: Value, kind: Kind) -> Cell:
    match kind, value:
        case Kind.BOOLEAN, bool():
            return value
        case Kind.NUMBER, int() | float() if not isinstance(value, bool):
            return value
        case Kind.TEXT | Kind.DATE, str() if value:
            return value
    return None


def with_inside(cell: Cell, path: Sequence[Step], value: Cell, column_type: str) -> Cell:
    """Return a column of JSON or XML with one more value inside it."""
    if _is_xml(path):
        return with_value(cell, path, value)
    changed = with_value(_json(cell, column_type), _inside(path, column_type), value)
    return json.dumps(changed, ensure_ascii=False) if column_type == "string" else changed


def read_cell(cell: Cell, path: Sequence[Step], column_type: str) -> Cell:
    """Read a column, or a value inside JSON or XML; None where there is none."""
    if not path or _is_xml(path):
        return value_at(cell, path)
    return value_at(_json(cell, column_type), _inside(path, column_type))


def _is_xml(path: Sequence[Step]) -> bool:
    return isinstance(path[0], XmlData)


def _inside(path: Sequence[Step], column_type: str) -> Sequence[Step]:
    """Return the steps inside the JSON of a column; a text column is parsed without being told to."""
    is_said = column_type == "string" and bool(path) and isinstance(path[0], Parsed)
    return path[1:] if is_said else path


def _json(cell: Cell, column_type: str) -> object:
    """Return the JSON that a dynamic or text column holds; None where it holds none."""
    if column_type != "string" or not isinstance(cell, str):
        return cell
    try:
        value: object = json.loads(cell)
    except ValueError:
        return None
    return value


def shown(values: Iterable[object]) -> str:
    """Write values for people, as JSON."""
    texts = [
        value.isoformat() if isinstance(value, datetime) else json.dumps(value, ensure_ascii=False)
        for value in values
    ]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
