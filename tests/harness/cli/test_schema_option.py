"""`--schema` in every command: what it changes, what is said of it, and what is wrong with a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.cli.conftest import Invoke

RULE = """
[metadata]
creation_date = "2026/01/01"
maturity = "production"
updated_date = "2026/01/01"
[rule]
author = ["Author"]
description = "A rule."
index = ["logs-*"]
language = "kuery"
license = "Elastic License v2"
name = "A rule"
risk_score = 21
rule_id = "5d3b1c5e-30ab-4b24-a6d8-4a6d2f6d7a11"
severity = "low"
type = "query"
query = '''custom.text: "Stop Now" and custom.size > 5'''
"""
TYPES = {"custom.text": "text", "custom.size": "long"}
FILES = {
    "mapping": json.dumps(
        {"i": {"mappings": {"properties": {name: {"type": kind} for name, kind in TYPES.items()}}}}
    ),
    "capabilities": json.dumps(
        {"fields": {name: {kind: {"searchable": True}} for name, kind in TYPES.items()}}
    ),
    "data view": json.dumps(
        {
            "data_view": {
                "fields": {name: {"name": name, "esTypes": [kind]} for name, kind in TYPES.items()}
            }
        }
    ),
    "fields.yml": "".join(f"- name: {name}\n  type: {kind}\n" for name, kind in TYPES.items()),
    "ECS list": "".join(
        f"{name}: {{flat_name: {name}, type: {kind}}}\n" for name, kind in TYPES.items()
    ),
}


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    path = tmp_path / "rule.toml"
    path.write_text(RULE, encoding="utf-8")
    return path


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    path = tmp_path / "log.ndjson"
    texts = ("please stop now", "stop it now", "Stop Now")
    events = [
        {"@timestamp": f"2026-01-01T00:00:0{number}Z", "custom": {"text": text, "size": 10}}
        for number, text in enumerate(texts)
    ]
    path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    return path


def written(folder: Path, text: str, name: str = "schema") -> Path:
    """Write a schema under a name that tells nothing."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", FILES)
def test_every_format_decides_what_verify_finds(
    kind: str, invoke: Invoke, rule: Path, tmp_path: Path
) -> None:
    schema = written(tmp_path, FILES[kind])
    done = invoke("verify", rule, "--schema", schema, "-t", "kuery", "--report", "json")
    (result,) = json.loads(done.out)["rules"]
    assert result["conversion"]["status"] == "approximate"
    messages = {d["code"]: d["message"] for d in result["conversion"]["diagnostics"]}
    assert messages["declared-type"] == (
        f"types of fields declared by {schema}: custom.size long, custom.text text"
    )
    assert "assumed-type" not in messages
    assert result["targets"][0]["verdict"] == "approximate"


def test_without_a_schema_the_types_are_assumed_and_said_so_once_a_type(
    invoke: Invoke, rule: Path
) -> None:
    done = invoke("verify", rule, "-t", "kuery", "--report", "json")
    (result,) = json.loads(done.out)["rules"]
    codes = [one["code"] for one in result["conversion"]["diagnostics"]]
    said = [
        d["message"] for d in result["conversion"]["diagnostics"] if d["code"] == "assumed-type"
    ]
    assert said == [
        "the type of custom.text is not known and taken to be keyword",
        "the type of custom.size is not known and taken to be double, as it is compared with numbers by"
        + " their order",
    ]
    assert "declared-type" not in codes
    assert result["conversion"]["status"] == "lossless"


def test_convert_writes_by_the_declared_type(invoke: Invoke, rule: Path, tmp_path: Path) -> None:
    schema = written(tmp_path, FILES["mapping"])
    assert "custom.text|cased: Stop Now" in invoke("convert", rule).out
    assert "custom.text|contains: Stop Now" in invoke("convert", rule, "--schema", schema).out
    text = invoke("convert", rule, "-t", "kuery", "--schema", schema).out
    assert text == 'custom.text: "Stop Now"\nand custom.size > 5\n'


def test_explain_says_who_declares_a_type(invoke: Invoke, rule: Path, tmp_path: Path) -> None:
    schema = written(tmp_path, FILES["fields.yml"])
    done = invoke("explain", rule, "--schema", schema)
    assert "text (by" in done.out
    assert "(assumed)" not in done.out
    assert "(assumed)" in invoke("explain", rule, "--schema", written(tmp_path, NOTHING)).out


NOTHING = '{"properties": {"another": {"type": "keyword"}}}'


def test_run_alerts_by_the_declared_type(
    invoke: Invoke, rule: Path, logs: Path, tmp_path: Path
) -> None:
    schema = written(tmp_path, FILES["ECS list"])
    plain = invoke("run", rule, "--logs", logs).out.splitlines()
    typed = invoke("run", rule, "--logs", logs, "--schema", schema).out.splitlines()
    assert (len(plain), len(typed)) == (1, 2)


def test_two_files_that_contradict_each_other_refuse_the_field(
    invoke: Invoke, rule: Path, tmp_path: Path
) -> None:
    one = written(tmp_path, FILES["mapping"], "one")
    two = written(tmp_path, "- {name: custom.text, type: keyword}", "two")
    done = invoke("verify", rule, "--schema", one, "--schema", two)
    assert done.code == 2
    assert "field custom.text: its types contradict each other" in done.err
    assert f"keyword in {two}; text in {one} (index i)" in done.err


def test_what_is_wrong_with_a_file_is_one_line(invoke: Invoke, rule: Path, tmp_path: Path) -> None:
    schema = written(tmp_path, '{"properties":\n {"a": 1}}')
    for command in ("convert", "explain", "verify"):
        done = invoke(command, rule, "--schema", schema)
        assert done.code == 2
        assert done.out == ""
        assert done.err == (f"error: {schema}:2: expected keys and values, found 1; correct it\n")
    assert invoke("convert", rule, "--schema", tmp_path / "none").code == 2
