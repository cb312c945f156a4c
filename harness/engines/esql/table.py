"""The result of a query as the platform returns it: typed columns and rows of JSON values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from converter.diagnostic import Diagnostic
from converter.languages.esql import parse
from harness.engines.job import RefusedText
from harness.events.time import microseconds

from .casting import text_of
from .commands import compile_query
from .compiled import Context, Row
from .pipeline import through
from .scope import Place
from .source import Source
from .types import Cell, Scalar, Type

Rendered = Scalar | list[Scalar] | None


@dataclass(frozen=True, slots=True)
class Table:
    """The columns' names and types, and the rows; several values are a list."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Rendered, ...], ...]
    warnings: tuple[Diagnostic, ...]


def tabulate(text: str, source: Source, now: datetime) -> Table:
    """Execute a query once on all rows of its source; raise RefusedText."""
    context = Context(text)
    context.clock.now = microseconds(now)
    compiled = compile_query(context, parse(text), source, wants_rows=True)
    if context.problems:
        raise RefusedText(context.problems[0])
    rows = list(source.rows(compiled.loaded)) if compiled.rows is None else list(compiled.rows)
    places = list(compiled.scope.columns.values())
    return Table(
        tuple((name, place.type.value) for name, place in compiled.scope.columns.items()),
        tuple(
            tuple(_rendered(row, place) for place in places)
            for row in through(rows, compiled.steps)
        ),
        context.warnings,
    )


def _rendered(row: Row, place: Place) -> Rendered:
    cell: Cell = None if place.slot is None else _cell(row[place.slot])
    if isinstance(cell, tuple):
        return [_scalar(value, place.type) for value in cell]
    return None if cell is None else _scalar(cell, place.type)


def _cell(item: object) -> Cell:
    if item is None or isinstance(item, str | bool | int | float | tuple):
        return item
    raise TypeError(f"{item!r} is no cell")


def _scalar(value: Scalar, kind: Type) -> Scalar:
    return text_of(kind, value) if kind in (Type.IP, Type.DATETIME) else value
