"""Read the tables that the rows of a table are joined with: the key `joined` of a table."""

from __future__ import annotations

from .mapping_entry import Entry
from .tables import ColumnType, JoinedTable


def read_joined(entry: Entry, types: dict[str, ColumnType]) -> tuple[JoinedTable, ...]:
    """Read them, and add the columns that a row has after the join to `types`."""
    joined = entry.entry("joined")
    return tuple(_joined(joined.entry(name), name, types) for name in joined.names())


def _joined(entry: Entry, name: str, types: dict[str, ColumnType]) -> JoinedTable:
    texts, flags = (entry.entry(key).text_by_key() for key in ("columns", "flags"))
    on = entry.text("by")
    table = JoinedTable(
        name=entry.text("table", name),
        on=on,
        key=entry.text("key", on),
        latest=entry.text("latest"),
        columns={**texts, **flags},
        flags=frozenset(flags),
    )
    entry.close()
    if not table.columns:
        raise entry.error("columns or flags must name at least one column")
    if types.get(table.on) != "string":
        raise entry.error(f"column {table.on} must be a string column of the table")
    for column in (*texts, *flags):
        if column in types:
            raise entry.error(f"column {column} stands there already; choose another name")
        types[column] = "bool" if column in table.flags else "string"
    return table
