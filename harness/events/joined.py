"""Rows of the tables that a query joins, made of the columns that its own rows get from them.

A row is built with these columns at hand; here they move into a table of their own. One rule holds this
together: the joined table says one thing for one key, so that a row which asks for another is not
representable.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from converter.layout import JoinedTable, Layout, TableLayout

from .cells import Cell, shown
from .rows import Rows


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
            side = joined.setdefault(one.name, _Built(one, ingestion_column))
            side.is_read |= _reads(layout, one.columns, fields)
            built = side.taken_from(built, layout.time, is_key_free=is_free)
        stored.append(built)
    return (*stored, *(side.rows() for side in joined.values() if side.is_read))


def _reads(layout: Layout, columns: Collection[str], fields: Collection[str] | None) -> bool:
    return isinstance(layout, TableLayout) and any(
        (fields is None or field.name in fields)
        and any(place.column in columns for place in field.places)
        for field in layout.fields
    )


class _Built:
    """A joined table in the making."""

    def __init__(self, table: JoinedTable, ingestion_column: str) -> None:
        self.is_read = False
        self._table = table
        self._ingestion = ingestion_column
        self._known: dict[Cell, tuple[Cell, ...]] = {}
        self._rows: list[tuple[Cell, ...]] = []
        self._ids: list[str] = []

    def taken_from(self, rows: Rows, time: str, *, is_key_free: bool) -> Rows:
        """Return the rows without the joined columns, which this table gets.

        A row without a key gets its own where no field says what the key is.
        """
        names = list(rows.columns)
        kept = [name for name in names if name not in self._table.columns]
        stood: list[tuple[Cell, ...]] = []
        ids: list[str] = []
        refused: list[tuple[str, str]] = []
        for row, event_id in zip(rows.rows, rows.event_ids, strict=True):
            cells = dict(zip(names, row, strict=True))
            if is_key_free and not cells[self._table.on]:
                cells[self._table.on] = f"of {event_id}"
            key = cells[self._table.on]
            told = tuple(cells[name] for name in self._table.columns)
            if self._known.setdefault(key, told) != told and self.is_read:
                refused.append((event_id, self._contradiction(key, told)))
                continue
            self._rows.append((cells[time], key, *told, cells[self._ingestion]))
            self._ids.append(event_id)
            stood.append(tuple(cells[name] for name in kept))
            ids.append(event_id)
        return replace(
            rows,
            columns={name: rows.columns[name] for name in kept},
            rows=tuple(stood),
            event_ids=tuple(ids),
            not_representable=(*rows.not_representable, *refused),
        )

    def rows(self) -> Rows:
        """Return the joined table."""
        columns = dict.fromkeys(self._table.columns.values(), "string")
        types = {
            self._table.latest: "datetime",
            self._table.on: "string",
            **columns,
            self._ingestion: "datetime",
        }
        return Rows(
            self._table.name, types, tuple(self._rows), tuple(self._ids), (), is_joined=True
        )

    def _contradiction(self, key: Cell, told: tuple[Cell, ...]) -> str:
        return (
            f"{self._table.name} says {shown(self._known[key])} of {self._table.on} {shown([key])}, the"
            f" event {shown(told)}"
        )
