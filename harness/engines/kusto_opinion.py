"""A second engine's opinion on a Kusto filter: chdb, on the texts and rows that it is trusted with."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import Any

from converter.diagnostic import Diagnostic, Severity
from harness.errors import EngineError, UsageError

from .chdb_trust import Reading, Untrusted, is_trusted, reading_of
from .kusto_store import EVENT_COLUMN, StoredTable

_SECONDS = 60.0
"""How long one answer may take."""


def demand_chdb() -> None:
    """Raise UsageError where chdb is not installed."""
    if find_spec("chdb") is None:
        raise UsageError(
            "--second-opinion needs chdb; install it by: pip install 'sigmaproof[chdb]'"
        )


def second_opinion(text: str, tables: Sequence[StoredTable], found: Collection[str]) -> Diagnostic:
    """Compare what the first engine found, by event, with what chdb finds."""
    by_name = {table.name: table for table in tables}
    try:
        reading = reading_of(text, {table.name: table.columns for table in tables})
        rows = _rows(by_name[reading.table], reading)
        answered = _WORKER.ask(text, reading, rows)
    except Untrusted as reason:
        return Diagnostic("no-second-opinion", Severity.NOTE, f"chdb is not asked: {reason}")
    asked = {row[EVENT_COLUMN] for row in rows}
    if differing := sorted((asked & set(found)) ^ set(answered), key=str):
        return _disagreement(str(differing[0]), len(differing), found)
    total = len(by_name[reading.table].rows)
    return Diagnostic(
        "second-opinion", Severity.NOTE, f"chdb finds the same on {len(rows)} of {total} rows"
    )


def _disagreement(event: str, count: int, found: Collection[str]) -> Diagnostic:
    first, second = ("duckdb-kql", "chdb") if event in found else ("chdb", "duckdb-kql")
    more = f", and on {count - 1} other events" if count > 1 else ""
    return Diagnostic(
        "engines-disagree",
        Severity.WARNING,
        f"the engines disagree on event {event}{more}: {first} finds it, {second} does not",
        hint="the verdict is that of duckdb-kql; run the query on the platform",
    )


def _rows(table: StoredTable, reading: Reading) -> list[dict[str, object]]:
    """Return the rows that chdb is trusted with, cut to what the text reads."""
    kept = [*reading.columns, EVENT_COLUMN]
    rows = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    return [{name: row[name] for name in kept} for row in rows if is_trusted(reading, row)]


class _Worker:
    """A process with chdb; started when it is first asked, and again after a failure."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def ask(self, text: str, reading: Reading, rows: Sequence[Mapping[str, object]]) -> list[str]:
        """Return the events that chdb finds; raises Untrusted where it cannot read the text."""
        if not rows:
            raise Untrusted("no row is free of nulls, letters outside ASCII and the like")
        request = {
            "table": reading.table,
            "columns": {**reading.columns, EVENT_COLUMN: "string"},
            "identity": EVENT_COLUMN,
            "rows": rows,
            "text": text,
        }
        reply = self._exchange(json.dumps(request))
        if "error" in reply:
            self.stop()
            raise Untrusted(f"it cannot run the text: {reply['error']}")
        return [str(one) for one in reply["ids"]]

    def _exchange(self, line: str) -> dict[str, Any]:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        timer = Timer(_SECONDS, process.kill)
        timer.start()
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            answered = process.stdout.readline()
        except OSError:
            answered = ""
        finally:
            timer.cancel()
        if not answered:
            self.stop()
            raise EngineError("chdb gave no answer; run without --second-opinion")
        return dict(json.loads(answered))

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(Path(__file__).with_name("chdb_worker.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
            )
            atexit.register(self.stop)
        return self._process

    def stop(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        process.wait(_SECONDS)
        atexit.unregister(self.stop)


_WORKER = _Worker()
