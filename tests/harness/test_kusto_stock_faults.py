"""The stock Kusto backend on minimal rules: each of its faults is found, and our text has none of them.

The section `stock` of a rule in `data/stock/kusto` says what the stock backend gets, with the code where its
text is invalid, and what our own text gets on the same events: agrees unless said.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.cli.main import run
from harness.report.divergences import reasons_for, versions

DATA = Path(__file__).parents[1] / "data" / "stock"
RULES = sorted((DATA / "kusto").glob("*.yml"))
DOCUMENT = Path(__file__).parents[2] / "docs" / "stock-kusto.md"
ARGUMENTS = (
    *("verify", str(DATA / "kusto"), "--logs", str(DATA / "events.ndjson"), "--generated"),
    *("--schema", str(DATA / "types.json"), "--fields", "ecs", "-q"),
)


@cache
def expected(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8"))["stock"])


def name_of(path: Path) -> str:
    return path.stem


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, dict[str, Any]]]:
    """Return what each target gets, by rule."""
    report = tmp_path_factory.mktemp("stock") / "report.json"
    run([*ARGUMENTS, "-t", "pysigma:kusto", "-t", "kusto-ecs", "--report", f"json:{report}"])
    found = json.loads(report.read_text(encoding="utf-8"))
    return {
        Path(rule["path"]).stem: {target["target"]: target for target in rule["targets"]}
        for rule in found["rules"]
    }


@pytest.mark.parametrize("path", RULES, ids=name_of)
def test_a_fault_of_the_stock_backend_is_found(
    path: Path, results: dict[str, dict[str, dict[str, Any]]]
) -> None:
    case, found = expected(path), results[path.stem]
    stock, ours = found["pysigma:kusto"], found["kusto-ecs"]
    assert stock["verdict"] == case["verdict"]
    assert (stock["counterexample"] is not None) == (case["verdict"] == "differs")
    if "code" in case:
        assert case["code"] in [one["code"] for one in stock["diagnostics"]]
    assert ours["verdict"] == case.get("ours", "agrees")


def test_document_is_what_the_stock_backend_does(tmp_path: Path) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert versions() in document, "make the document anew by the command in CONTRIBUTING.md"
    made = tmp_path / "made.md"
    run([*ARGUMENTS, "-t", "pysigma:kusto", "--report", f"divergences:{made}"])
    assert made.read_text(encoding="utf-8") == document


def test_every_fault_that_shows_has_a_reason() -> None:
    shown = {path.stem for path in RULES if expected(path)["verdict"] != "unsupported"}
    assert reasons_for("pysigma:kusto").keys() == {f"kusto/{name}" for name in shown}
