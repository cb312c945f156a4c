"""Microsoft's Kusto parser and binder, asked through Node.

A test that needs it skips where Node or the package is absent (`npm install` in this directory), and fails
instead when SIGMAPROOF_REQUIRE_ORACLES=1 (as in CI).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).parent
_TIMEOUT = 120

Tables = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One diagnostic of the binder."""

    code: str
    start: int
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the binder says about one query."""

    findings: tuple[Finding, ...]
    columns: tuple[tuple[str, str], ...]
    """Name and type of the result's columns."""

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.findings]


def bind(queries: Sequence[tuple[str, Tables]]) -> list[Answer]:
    """Return what the binder says about each query on its tables."""
    node = shutil.which("node")
    if node is None or not (_HERE / "node_modules").is_dir():
        _absent(
            "Microsoft's Kusto binder is not installed; run `npm install` in tests/oracles/kusto"
        )
    lines = [json.dumps({"tables": tables, "query": query}) for query, tables in queries]
    done = subprocess.run(
        [str(node), str(_HERE / "binder.js")],
        input="\n".join(lines) + "\n",
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
        timeout=_TIMEOUT,
    )
    return [_answer(json.loads(line)) for line in done.stdout.splitlines()]


def _answer(found: Mapping[str, Any]) -> Answer:
    findings = tuple(
        Finding(one["code"], one["start"], one["message"]) for one in found["diagnostics"]
    )
    return Answer(findings, tuple((one["name"], one["type"]) for one in found["columns"]))


def _absent(reason: str) -> None:
    if os.environ.get("SIGMAPROOF_REQUIRE_ORACLES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
