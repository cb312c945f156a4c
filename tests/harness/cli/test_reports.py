"""Formats of reports beside the table and JSON, and logs by directory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.cli.conftest import Invoke

RULE = """\
title: {title}
logsource: {{category: test}}
detection:
  selection: {selection}
  condition: selection
"""
EVENTS = [{"process.name": "a"}, {"process.name": "A"}, {"process.name": "1"}]

COUNTS = """\
| rule type | lossless | refused |
| --- | ---: | ---: |
| query | 3 | 0 |
| unknown | 0 | 1 |
| all | 3 | 1 |

| rule type | target | agrees | unsupported |
| --- | --- | ---: | ---: |
| query | eql | 2 | 1 |
| query | lucene | 2 | 1 |
| all | | 4 | 2 |
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    for name, selection in (
        ("any_case", "{process.name: a}"),
        ("digit", "{process.name: '1'}"),
        ("fields", "{process.name|fieldref: user.name}"),
        ("listed", "{process.name|expand: '%names%'}"),
    ):
        text = RULE.format(title=name, selection=selection)
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    for number, event in enumerate(EVENTS):
        document = {"@timestamp": f"2026-01-01T00:00:0{number}Z", **event}
        (folder / f"{number}.ndjson").write_text(json.dumps(document), encoding="utf-8")
    return folder


def test_markdown_counts_rules_and_verdicts(invoke: Invoke, rules: Path, logs: Path) -> None:
    done = invoke(
        "verify", rules, "--logs", logs, "-t", "lucene", "-t", "eql", "--report", "markdown"
    )
    assert done.out == COUNTS


def test_directory_of_logs_is_every_log_in_it(invoke: Invoke, rules: Path, logs: Path) -> None:
    rule = rules / "any_case.yml"
    done = invoke("verify", rule, "--logs", logs, "-t", "lucene", "--report", "json")
    (target,) = json.loads(done.out)["rules"][0]["targets"]
    assert (target["events"], target["alerts"]) == (3, 2)


def test_difference_without_a_reason_is_no_document(
    invoke: Invoke, rules: Path, logs: Path
) -> None:
    arguments = ("-t", "pysigma:lucene", "--fields", "ecs", "--report", "divergences")
    done = invoke("verify", rules / "any_case.yml", "--logs", logs, *arguments)
    assert done.code == 2
    assert "pysigma:lucene: no reason for rules/any_case" in done.err
    assert "harness/divergences/lucene.yml" in done.err
    assert done.out == ""


def test_document_lists_what_is_not_rendered(invoke: Invoke, rules: Path, logs: Path) -> None:
    arguments = ("-t", "lucene", "-t", "eql", "--report", "divergences")
    done = invoke("verify", rules, "--logs", logs, *arguments)
    assert done.out.startswith("# Where backends differ from Sigma\n")
    assert "\n## lucene\n\n3 rules: agrees 2, unsupported 1.\n" in done.out
    assert "\n## eql\n\n3 rules: agrees 2, unsupported 1.\n" in done.out
    assert done.out.count("| `rules/fields`<br>fields | field process.name: ") == 2
