"""docs/stock-backends.md is what the command in CONTRIBUTING prints about the conformance cases."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from harness.report.divergences import reasons_for, versions
from tests.conformance import LOGS, RULES, cases
from tests.harness.cli.conftest import Invoke

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "stock-backends.md"
REASONS = ROOT / "harness" / "divergences"
TARGETS = ("pysigma:lucene", "pysigma:esql", "pysigma:eql")


def test_document_is_what_the_stock_backends_do(invoke: Invoke) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    if versions() not in document:
        pytest.fail(
            f"{DOCUMENT.name} was not made with {versions()}; install '.[test]', or make it anew by the"
            " command in CONTRIBUTING.md"
        )
    named = [part for target in TARGETS for part in ("-t", target)]
    done = invoke(
        "verify", RULES, "--logs", LOGS, *named, "--fields", "ecs", "--report", "divergences", "-q"
    )
    assert (done.err, done.out) == ("", document)


@pytest.mark.parametrize("target", TARGETS)
def test_reasons_are_one_line_about_cases_that_exist(target: str) -> None:
    reasons = reasons_for(target)
    assert reasons.keys() <= {case.key for case in cases()}
    assert len(reasons) > 50
    assert not [one for one in reasons.values() if "\n" in one or one.endswith(".")]


def test_every_file_of_reasons_is_of_a_target() -> None:
    names = {f"pysigma:{path.stem}" for path in REASONS.glob("*.yml")}
    assert names == {*TARGETS, "pysigma:kusto"}  # whose cases are in test_kusto_stock_faults
    for path in REASONS.glob("*.yml"):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            assert entry["rules"] == sorted(entry["rules"])
