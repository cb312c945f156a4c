"""Rows of the tables that a query joins, made of the columns that its own rows get from them.

A row is built with these columns at hand; here they move into a table of their own. One rule holds this
together: the joined table says one thing for one key, so that a row which asks for another is not
representable.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from converter.layout import JoinedTable, Layout, TableLayout

from .cells import Cell, missing, shown
from .rows import Rows

Told = Mapping[str, Cell]
"""Cells by column."""
_EMPTY: tuple[Cell, ...] = (None, "")
"""Cells without a value, by which nothing is joined."""


def with_joined(
    layouts: Sequence[Layout],
    tables: Sequence[Rows],
    fields: Collection[str] | None,
    ingestion_column: str,
) -> tuple[Rows, ...]:
    """Return the tables as they are stored, and the joined ones; `fields` are those that a rule reads."""
    joined: dict[str, _Built] = {}
    stored = []
    for layout, table in zip(layouts, tables, strict=True):
        built = table
        for one in layout.joined if isinstance(layout, TableLayout) else ():
            is_free = not _reads(layout, (one.on,), fields)
            side = joined.setdefault(one.name, _Built(one.name, ingestion_column))
            is_read = _reads(layout, one.columns, fields)
            built = side.taken_from(built, one, layout.time, is_read=is_read, is_key_free=is_free)
        stored.append(built)
    return (*stored, *(side.rows() for side in joined.values() if side.types))


def _reads(layout: Layout, columns: Collection[str], fields: Collection[str] | None) -> bool:
    return isinstance(layout, TableLayout) and any(
        (fields is None or field.name in fields)
        and any(place.column in columns for place in field.places)
        for field in layout.fields
    )


class _Built:
    """A joined table in the making."""

    def __init__(self, name: str, ingestion_column: str) -> None:
        self.types: dict[str, str] = {}
        """Type by column; empty as long as nothing reads the table."""
        self._name = name
        self._ingestion = ingestion_column
        self._known: dict[tuple[str, Cell], Told] = {}
        self._rows: list[Told] = []
        self._ids: list[str] = []

    def taken_from(
        self, rows: Rows, join: JoinedTable, time: str, *, is_read: bool, is_key_free: bool
    ) -> Rows:
        """Return the rows without the joined columns, which this table gets where a rule reads them.

        A row without a key gets its own where no field says what the key is.
        """
        kept = [name for name in rows.columns if name not in join.columns]
        if is_read:
            told_types = {stored: rows.columns[name] for name, stored in join.columns.items()}
            self.types |= {join.latest: "datetime", join.key: "string", **told_types}
        stood: list[tuple[Cell, ...]] = []
        ids: list[str] = []
        refused: list[tuple[str, str]] = []
        for row, event_id in zip(rows.rows, rows.event_ids, strict=True):
            cells = dict(zip(rows.columns, row, strict=True))
            if is_key_free and not cells[join.on]:
                cells[join.on] = f"{join.on} of {event_id}"
            if is_read and (reason := self._add(join, cells, time, event_id)):
                refused.append((event_id, reason))
                continue
            stood.append(tuple(cells[name] for name in kept))
            ids.append(event_id)
        return replace(
            rows,
            columns={name: rows.columns[name] for name in kept},
            rows=tuple(stood),
            event_ids=tuple(ids),
            not_representable=(*rows.not_representable, *refused),
        )

    def _add(self, join: JoinedTable, cells: Told, time: str, event_id: str) -> str:
        """Add the row that tells what these cells have; return why there is another one, if so."""
        told = {stored: cells[name] for name, stored in join.columns.items()}
        key = cells[join.on]
        if key in _EMPTY:
            if all(cell in _EMPTY for cell in told.values()):
                return ""
            return f"{self._name} tells {shown(told.values())} by {join.on}, which the event lacks"
        known = self._known.setdefault((join.key, key), told)
        if known != told:
            return (
                f"{self._name} says {shown(known.values())} of {join.key} {shown([key])}, the event"
                f" {shown(told.values())}"
            )
        named = {join.latest: cells[time], join.key: key, **told}
        self._rows.append({**named, self._ingestion: cells[self._ingestion]})
        self._ids.append(event_id)
        return ""

    def rows(self) -> Rows:
        """Return the joined table."""
        types = {**self.types, self._ingestion: "datetime"}
        rows = tuple(
            tuple(row.get(name, missing(kind)) for name, kind in types.items())
            for row in self._rows
        )
        return Rows(self._name, types, rows, tuple(self._ids), (), is_joined=True)
