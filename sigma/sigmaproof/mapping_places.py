"""Read where the tables of a pack keep a field: the keys `column` and `columns`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .mapping import PackTable, Place
from .mapping_entry import Entry
from .steps import Step, steps_of


def read_places(entry: Entry, sigma: str, tables: tuple[PackTable, ...]) -> dict[str, Place]:
    """Find the place in each table: the key `column`, else the Sigma name where `sigma` is given."""
    if entry.has("refused"):
        if any(entry.has(key) for key in ("column", "columns", "constant")):
            raise entry.error("a refused field has neither column nor constant")
        return {}
    names = entry.texts("column") or ((sigma,) if entry.has("sigma") else ())
    special = _special(entry.entry("columns"), tables, entry)
    places: dict[str, Place] = {}
    for table in tables:
        found = _place(special.get(table.name, names), table, entry)
        if found is not None:
            places[table.name] = found
        elif table.name in special:
            columns = ", ".join(special[table.name])
            raise entry.error(f"table {table.name} lists no column {columns}")
    is_open = any(table.data for table in tables) and not entry.has("column")
    if names and tables and not (places or is_open):
        raise entry.error(f"no table lists the column {_column(names[0], entry)}")
    return places


def read_steps(entry: Entry, key: str) -> tuple[Step, ...]:
    """Read a key that names a column and a way inside; none where the key is missing."""
    try:
        return steps_of(entry.text(key)) if entry.has(key) else ()
    except ValueError as error:
        raise entry.error(f"{key}: {error}") from error


def read_paths(entry: Entry, key: str) -> tuple[str, ...]:
    """Read a key that lists ways inside the vendor's event, of which `.` is the event itself."""
    paths = entry.texts(key)
    try:
        for path in paths:
            if path != ".":
                steps_of(path)
    except ValueError as error:
        raise entry.error(f"{key}: {error}") from error
    return paths


def _special(
    columns: Entry, tables: tuple[PackTable, ...], entry: Entry
) -> Mapping[str, tuple[str, ...]]:
    special = {name: columns.texts(name) for name in columns.names()}
    known = {table.name for table in tables}
    for name in special:
        if name not in known:
            raise entry.error(f"columns names the table {name}, which the pack does not have")
    return special


def _place(names: Sequence[str], table: PackTable, entry: Entry) -> Place | None:
    """Build the place of the columns that the table lists, in the order in which they count."""
    found: Place | None = None
    for name in reversed(names):
        try:
            column, *path = steps_of(name)
        except ValueError as error:
            raise entry.error(str(error)) from error
        if isinstance(column, str) and column in table.types:
            found = Place(column, tuple(path), found)
    return found


def _column(name: str, entry: Entry) -> str:
    try:
        return str(steps_of(name)[0])
    except ValueError as error:
        raise entry.error(str(error)) from error
