"""Runs Kusto filters on chdb, a line of JSON each, in a process of its own.

chdb is one for its process, and what a failed query leaves behind shows up in the next result. So a failure
ends this process, and whoever asks starts another.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Protocol, cast

_TYPES = {
    "bool": "Nullable(Bool)",
    "int": "Nullable(Int32)",
    "long": "Nullable(Int64)",
    "real": "Nullable(Float64)",
    "string": "String",
}


class Session(Protocol):
    """What is used of chdb's session, which has no types."""

    def query(self, sql: str, fmt: str = "CSV") -> object:
        """Run a statement and return its result, which is written by `str`."""


def answer(session: Session, request: dict[str, Any]) -> list[str]:
    """Load the rows of a request, run its text and return the values of its identity column."""
    table = _quoted(request["table"])
    columns = ", ".join(
        f"{_quoted(name)} {_TYPES[kind]}" for name, kind in request["columns"].items()
    )
    session.query("SET dialect = 'clickhouse'")
    session.query(f"DROP TABLE IF EXISTS {table}")
    session.query(f"CREATE TABLE {table} ({columns}) ENGINE = Memory")
    rows = "\n".join(json.dumps(row) for row in request["rows"])
    session.query(f"INSERT INTO {table} FORMAT JSONEachRow {rows}")
    session.query("SET allow_experimental_kusto_dialect = 1")
    session.query("SET dialect = 'kusto'")
    found = json.loads(str(session.query(request["text"], "JSONCompact")))
    place = [column["name"] for column in found["meta"]].index(request["identity"])
    return [row[place] for row in found["data"]]


def _quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def main() -> None:
    """Answer until the input ends or a query fails."""
    from chdb import session as chdb_session

    session = cast(Session, chdb_session.Session())  # type: ignore[no-untyped-call]
    for line in sys.stdin:
        try:
            reply: dict[str, object] = {"ids": answer(session, json.loads(line))}
        except Exception as error:  # noqa: BLE001  # whatever chdb raises, this process ends by it
            reply = {"error": " ".join(str(error).split())[:300]}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()
        if "error" in reply:
            return


if __name__ == "__main__":
    main()
