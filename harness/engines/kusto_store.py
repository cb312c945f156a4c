"""Rows in DuckDB, and Kusto texts run on them by duckdb-kql.

A text is translated once with its clock as a parameter; a run binds the clock and sees only the rows
that were ingested by then.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from types import TracebackType
from typing import Self

import duckdb
import duckdb_kql

from converter.diagnostic import Span
from converter.errors import Unsupported
from harness.errors import EngineError

from .kusto_text import INGESTION_COLUMN

EVENT_COLUMN = "_EventId"
"""Hidden column of every table that names the row's event."""
HIDDEN = frozenset({EVENT_COLUMN, INGESTION_COLUMN})

_TYPES = {
    "bool": "BOOLEAN",
    "datetime": "TIMESTAMP",
    "decimal": "DECIMAL(38, 18)",
    "dynamic": "JSON",
    "guid": "UUID",
    "int": "INTEGER",
    "long": "BIGINT",
    "real": "DOUBLE",
    "string": "VARCHAR",
    "timespan": "INTERVAL",
}
_CLOCK = "kqlnow"
_RUN = "_run"
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)

TableColumns = tuple[tuple[str, tuple[str, ...]], ...]
"""Tables and their columns, hashable."""


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table to be loaded; hidden columns included."""

    name: str
    columns: Mapping[str, str]
    """Kusto type by column."""
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Result:
    """What a query returned."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


class Store:
    """An in-memory database with the tables of one execution; no file or network is within reach."""

    def __init__(self, tables: Sequence[StoredTable]) -> None:
        self._connection = duckdb_kql.connect(
            config={"enable_external_access": False, "threads": 1}
        )
        self._columns: TableColumns = tuple((table.name, tuple(table.columns)) for table in tables)
        for table in tables:
            self._load(table)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def query(self, text: str, now: datetime) -> Result:
        """Run a text at an instant, on the rows ingested by then."""
        sql, has_clock = translated(text, self._columns)
        moment = _naive(now)
        try:
            self._connection.execute("SET VARIABLE run_end = $now::TIMESTAMP", {"now": moment})
            cursor = self._connection.execute(sql, {_CLOCK: moment} if has_clock else {})
            columns = tuple(str(column[0]) for column in cursor.description or ())
            return Result(columns, tuple(cursor.fetchall()))
        except duckdb.Error as error:
            raise EngineError(f"DuckDB cannot run the Kusto text: {_one_line(error)}") from error

    def query_runs(self, text: str, ends: Sequence[datetime]) -> list[Result]:
        """Run a text at several instants, each on the rows ingested by then; one result each.

        All instants go through DuckDB in one lateral join, which is the same query with its clock and
        its tables taken from the row of a run, and some hundred times faster than one after the
        other. A text that DuckDB cannot decorrelate runs one by one.
        """
        sql, has_clock = translated(text, self._columns)
        if not ends or not has_clock:
            return [self.query(text, end) for end in ends]
        try:
            return self._joined(sql, ends)
        except duckdb.Error:
            return [self.query(text, end) for end in ends]

    def _joined(self, sql: str, ends: Sequence[datetime]) -> list[Result]:
        inner = _at_run(sql, [name for name, _ in self._columns])
        cursor = self._connection.execute(
            f"SELECT {_RUN}.place, _result.* FROM (SELECT unnest($places) AS place,"
            f" unnest($ends::TIMESTAMP[]) AS ended) {_RUN}, LATERAL ({inner}) _result",
            {"places": list(range(len(ends))), "ends": [_naive(end) for end in ends]},
        )
        columns = tuple(str(column[0]) for column in cursor.description or ())[1:]
        found: list[list[tuple[object, ...]]] = [[] for _ in ends]
        for place, *cells in cursor.fetchall():
            found[place].append(tuple(cells))
        return [Result(columns, tuple(rows)) for rows in found]

    def _load(self, table: StoredTable) -> None:
        columns = ", ".join(
            f"{_quoted(name)} {_TYPES[kind]}" for name, kind in table.columns.items()
        )
        hidden = _quoted(_all_times(table.name))
        self._connection.execute(f"CREATE TABLE {hidden} ({columns})")
        self._connection.execute(
            f"CREATE VIEW {_quoted(table.name)} AS SELECT * FROM {hidden}"
            f" WHERE {INGESTION_COLUMN} <= getvariable('run_end')"
        )
        if not table.rows:
            return
        lists = ", ".join(
            f"unnest($c{place}::{_TYPES[kind]}[])"
            for place, kind in enumerate(table.columns.values())
        )
        cells = {
            f"c{place}": [_cell(row[place], kind) for row in table.rows]
            for place, kind in enumerate(table.columns.values())
        }
        self._connection.execute(f"INSERT INTO {hidden} SELECT {lists}", cells)


@lru_cache(maxsize=64)
def translated(text: str, columns: TableColumns) -> tuple[str, bool]:
    """Translate a text to SQL, and say whether it reads the clock.

    Raises `Unsupported` for what the engine lacks.
    """
    schema = {name: list(names) for name, names in columns}
    try:
        result = duckdb_kql.to_sql(text, schema=schema, query_now=_ANY_TIME, allow_write=False)
    except duckdb_kql.KqlUnsupportedError as error:
        at = error.span
        span = Span(0, 0, at.line, at.column + 1) if at is not None else None
        raise Unsupported(
            f"the Kusto engine here lacks {error.construct}", span, error.hint or ""
        ) from error
    except duckdb_kql.KqlError as error:
        raise EngineError(
            f"duckdb-kql cannot translate the Kusto text: {_one_line(error)}"
        ) from error
    return str(result), _CLOCK in result.parameters


def _at_run(sql: str, tables: Sequence[str]) -> str:
    """Take the clock and the visible rows from the row of a run instead of the connection.

    Texts between single quotes stay as they are.
    """
    pieces = re.split(r"('(?:[^']|'')*')", sql)
    for place in range(0, len(pieces), 2):
        piece = pieces[place].replace(f"${_CLOCK}", f"{_RUN}.ended")
        for table in tables:
            visible = (
                f"(SELECT * FROM {_quoted(_all_times(table))}"
                f" WHERE {INGESTION_COLUMN} <= {_RUN}.ended)"
            )
            piece = re.sub(rf"\b(FROM|JOIN) {re.escape(_quoted(table))}", rf"\1 {visible}", piece)
        pieces[place] = piece
    return "".join(pieces)


def _all_times(table: str) -> str:
    """Name the table behind the view of visible rows."""
    return f"{table} of all times"


def _cell(value: object, kind: str) -> object:
    match value:
        case datetime():
            return _naive(value)
        case None:
            return None
        case _:
            return json.dumps(value, ensure_ascii=False) if kind == "dynamic" else value


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
