"""Read the tables that the rows of a table are joined with: the key `joined` of a table."""

from __future__ import annotations

from .mapping_entry import Entry
from .tables import ColumnType, JoinedTable


def read_joined(entry: Entry, types: dict[str, ColumnType]) -> tuple[JoinedTable, ...]:
    """Read them, and add the columns that a row has after the join to `types`; all are text."""
    joined = entry.entry("joined")
    found = tuple(_joined(joined.entry(name), name, types) for name in joined.names())
    for table in found:
        types.update(dict.fromkeys(table.columns, "string"))
    return found


def _joined(entry: Entry, name: str, types: dict[str, ColumnType]) -> JoinedTable:
    table = JoinedTable(
        name, entry.text("by"), entry.text("latest"), entry.entry("columns").text_by_key()
    )
    entry.close()
    if not table.columns:
        raise entry.error("columns must name at least one column")
    if types.get(table.on) != "string":
        raise entry.error(f"column {table.on} must be a string column of the table")
    for column in table.columns:
        if column in types:
            raise entry.error(f"column {column} is one of the table itself; choose another name")
    return table
