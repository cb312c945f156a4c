"""Errors about rules start with the rule's file, and one bad rule does not stop the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.harness.cli.conftest import Invoke

DATA = Path(__file__).parents[2] / "data" / "cases" / "rule_errors.yml"
CASES = yaml.safe_load(DATA.read_text("utf-8"))
NAMED = {case["name"]: case for case in CASES}

SIGMA = """\
title: {title}
detection: {detection}
logsource: {{category: process_creation, product: windows}}
"""
ELASTIC = """\
[rule]
name = "A rule"
description = "A sample"
rule_id = "5b0f0f3e-7c5b-4a8e-9c55-0d8a2f0f7a12"
type = "query"
language = "lucene"
risk_score = 1
severity = "low"
query = '{query}'
"""


def written(case: Mapping[str, object], folder: Path) -> Path:
    """Write the rule of a case and return its path."""
    if "sigma" in case:
        path = folder / "rule.yml"
        path.write_text(SIGMA.format(title="A rule", detection=json.dumps(case["sigma"])))
    else:
        path = folder / "rule.toml"
        path.write_text(ELASTIC.format(query=case["lucene"]))
    return path


def good(folder: Path, *titles: str) -> None:
    """Write rules that every target takes."""
    for title in titles:
        detection = json.dumps({"sel": {"ProcessId": 4}, "condition": "sel"})
        (folder / f"{title}.yml").write_text(SIGMA.format(title=title, detection=detection))


@pytest.mark.parametrize("command", ["convert", "explain", "verify"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_refusal_starts_with_the_file(
    case: dict[str, str], command: str, invoke: Invoke, tmp_path: Path
) -> None:
    done = invoke(command, written(case, tmp_path))
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert line.startswith(f"error: {tmp_path}/{case['error']}"), line
    assert "; " in line, "no word of what to do"


@pytest.mark.parametrize(
    ("name", "code"),
    [("a construct of the query that is not imported", 1), ("a query that does not parse", 2)],
)
def test_a_directory_is_converted_without_its_bad_rules(
    name: str, code: int, invoke: Invoke, tmp_path: Path
) -> None:
    case = NAMED[name]
    rules, out = tmp_path / "rules", tmp_path / "out"
    for folder in (rules, out):
        folder.mkdir()
    written(case, rules)
    good(rules, "first", "second")
    done = invoke("convert", rules, "-t", "lucene", "-o", out, "--quiet")
    assert done.code == code
    assert sorted(path.name for path in out.iterdir()) == ["first.lucene", "second.lucene"]
    (line,) = done.err.splitlines()
    assert line.startswith(f"error: {rules}/{case['error']}"), line


def test_a_text_that_a_target_refuses_names_the_file(invoke: Invoke, tmp_path: Path) -> None:
    path = written({"sigma": {"sel": {"CommandLine": "a"}, "condition": "sel"}}, tmp_path)
    done = invoke("convert", path, "-t", "kuery", "--quiet")
    assert done.code == 1
    (line,) = done.err.splitlines()
    assert line.startswith(f"unsupported {path}: kuery cannot say this rule: field"), line


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("lucene", ["assumed-type", "assumed-type", "raw-control-character"]),
        ("esql", ["array-joined", "assumed-type", "assumed-type"]),
        ("kusto-ecs", ["assumed-type", "assumed-type"]),
    ],
)
def test_convert_warns_once_of_what_was_assumed(
    target: str, said: list[str], invoke: Invoke, tmp_path: Path
) -> None:
    tests = {"u": "x", "v|contains": "a\nb", "w|cased|startswith": "c", "size|lt": 5}
    path = written({"sigma": {"sel": tests, "condition": "sel"}}, tmp_path)
    path.write_text(path.read_text().replace("product: windows", "product: unmapped"))
    lines = invoke("convert", path, "-t", target).err.splitlines()
    assert sorted(line.split()[0] for line in lines) == said, lines
    assert all(f" {path}: " in line for line in lines)
