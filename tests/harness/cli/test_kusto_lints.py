"""What lints find stands in the verdict of a text, by whoever wrote it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness.cli.conftest import Invoke
from tests.harness.cli.test_second_opinion import arguments


def target_of(invoke: Invoke, folder: Path, *more: str) -> dict[str, Any]:
    done = invoke(*arguments(folder), *more)
    targets = json.loads(done.out)["rules"][0]["targets"]
    return dict(targets[-1])


@pytest.mark.parametrize(
    ("condition", "code", "verdict"),
    [
        ("['user.name'] has 'x'", "kusto-term-search", "differs"),
        ("not(['process.pid'] > 5)", "kusto-null-under-not", "differs"),
        ("['user.name'] matches regex '(?!a)b'", "kusto-regex-invalid", "invalid"),
        ("['user.name'] matches regex '[a&&b]'", "unsupported", "unsupported"),
    ],
)
def test_a_text_written_by_hand_is_linted(
    invoke: Invoke, tmp_path: Path, condition: str, code: str, verdict: str
) -> None:
    query = tmp_path / "query.kql"
    query.write_text(f"Events\n| where {condition}\n")
    target = target_of(invoke, tmp_path, "--query", f"kusto-ecs={query}")
    assert target["verdict"] == verdict
    assert code in [one["code"] for one in target["diagnostics"]]


def test_a_text_of_a_foreign_backend_is_linted(invoke: Invoke, tmp_path: Path) -> None:
    target = target_of(invoke, tmp_path, "-t", "pysigma:kusto", "--fields", "ecs")
    assert "kusto-constant-condition" in [one["code"] for one in target["diagnostics"]]
