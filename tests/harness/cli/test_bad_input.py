"""Bad input ends in one line that says what and where, exit code 2, and nothing half-written."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
import zstandard

from tests.harness.cli.conftest import Invoke

RULES = {
    "broken TOML": ("name =", "name", r":\d+: the TOML is broken"),
    "no query": ("query = '''", "nothing = '''", "query"),
    "unknown rule type": ('type = "new_terms"', 'type = "newest_terms"', "newest_terms"),
    "four new-terms fields": (
        '"azure.signinlogs.properties.app_id"]',
        '"azure.signinlogs.properties.app_id", "a", "b"]',
        "4|four",
    ),
    "history not before from": ('value = "now-14d"', 'value = "now-5m"', "history_window_start"),
    "unparsable kuery": ("and not azure", "and not(azure", 'space after "not"|not'),
    "wrong type": ("risk_score = 47", 'risk_score = "high"', "risk_score"),
}


@pytest.mark.parametrize("name", RULES)
def test_a_bad_rule_is_one_line(
    name: str, invoke: Invoke, rule_text: str, log_path: Path, tmp_path: Path
) -> None:
    old, new, message = RULES[name]
    assert old in rule_text
    path = tmp_path / "rule.toml"
    path.write_text(rule_text.replace(old, new, 1), encoding="utf-8")
    for command in (("verify", path, "--logs", log_path), ("convert", path), ("explain", path)):
        done = invoke(*command)
        assert done.code == 2, done
        assert "Traceback" not in done.err
        assert done.out == ""
        first = done.err.strip().splitlines()[0]
        assert first.startswith("error: ")
        assert re.search(message, done.err), done.err
        assert str(path) in first
        assert re.search(r"rule\.toml:\d+: ", first), first


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("verify", "{rule}", "-t", "splunk", "-l", "{log}"), "unknown target 'splunk'"),
        (("verify", "missing.toml", "-l", "{log}"), "missing.toml: no such file"),
        (("verify", "{rule}", "-l", "missing.ndjson"), "missing.ndjson"),
        (("verify", "{rule}", "-l", "{log}", "--query", "sentinel"), "TARGET=FILE"),
        (("verify", "{rule}", "-l", "{log}", "--query", "sentinel=missing.kql"), "missing.kql"),
        (("verify", "{rule}", "-l", "{log}", "--report", "pdf"), "unknown format 'pdf'"),
        (("verify", "{rule}", "-l", "{log}", "-t", "pysigma:nothing"), "unknown pySigma backend"),
        (("convert", "{rule}", "-t", "kuery", "-f", "pdf"), "unknown format 'pdf'"),
        (("convert", "{rule}", "-o", "missing/folder"), "no such directory"),
        (("convert", "{rule}", "--value", "nonsense"), "FIELD:VALUE=COLUMN_VALUE"),
        (("run", "{rule}"), "--logs"),
        (("explode", "{rule}"), "explode"),
    ],
)
def test_bad_usage_is_one_line(
    arguments: tuple[str, ...], message: str, invoke: Invoke, rule_path: Path, log_path: Path
) -> None:
    done = invoke(*(text.format(rule=rule_path, log=log_path) for text in arguments))
    assert done.code == 2
    assert message in done.err
    assert "Traceback" not in done.err


LOGS = {
    "line that is not JSON": (b'{"@timestamp": 1}\nnonsense\n', r"log.ndjson:2: .*not JSON"),
    "line that is no object": (b"[1]\n[2]\n", r"log.ndjson"),
    "event without a time": (b'{"a": 1}\n', r"log.ndjson:1: .*time"),
    "wrong encoding": ('{"a": "é"}\n'.encode("latin-1"), r"log.ndjson:1: .*UTF-8"),
    "UTF-16": ('{"a": 1}\n'.encode("utf-16"), "UTF-16"),
    "empty": (b"", "empty"),
    "truncated gzip": (gzip.compress(b'{"a": 1}\n' * 1000)[:-20], r"log.ndjson"),
}


@pytest.mark.parametrize("name", LOGS)
def test_a_bad_log_is_one_line(name: str, invoke: Invoke, rule_path: Path, tmp_path: Path) -> None:
    data, message = LOGS[name]
    path = tmp_path / "log.ndjson"
    path.write_bytes(data)
    done = invoke("verify", rule_path, "-t", "kuery", "-l", path)
    assert done.code == 2, done
    assert re.search(message, done.err), done.err
    assert len(done.err.strip().splitlines()) == 1


def test_bad_lines_are_skipped_and_counted(
    invoke: Invoke, rule_path: Path, log_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "log.ndjson"
    path.write_bytes(b'nonsense\n{"no": "time"}\n' + log_path.read_bytes())
    done = invoke(
        "verify", rule_path, "-t", "kuery", "-l", path, "--skip-bad-lines", "--report", "json"
    )
    assert done.code == 0, done.err
    codes = [d["code"] for d in json.loads(done.out)["rules"][0]["conversion"]["diagnostics"]]
    assert "bad-lines-skipped" in codes
    run = invoke("run", rule_path, "-l", path, "--skip-bad-lines")
    assert run.code == 0
    assert "1 lines were left out" in run.err or "2 lines were left out" in run.err


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_compressed_logs_are_told_by_content(
    compress: object, invoke: Invoke, rule_path: Path, log_path: Path, tmp_path: Path
) -> None:
    assert callable(compress)
    path = tmp_path / "log"
    path.write_bytes(compress(log_path.read_bytes()))
    plain = invoke("run", rule_path, "-l", log_path, "-q")
    assert invoke("run", rule_path, "-l", path, "-q").out == plain.out
    assert plain.out.count("\n") > 60


def test_existing_files_stay_unless_forced(invoke: Invoke, rule_path: Path, tmp_path: Path) -> None:
    first = invoke("convert", rule_path, "-t", "kuery", "-o", tmp_path)
    assert first.code == 0
    (path,) = tmp_path.iterdir()
    path.write_text("mine", encoding="utf-8")
    assert invoke("convert", rule_path, "-t", "kuery", "-o", tmp_path).code == 2
    assert path.read_text(encoding="utf-8") == "mine"
    assert invoke("convert", rule_path, "-t", "kuery", "-o", tmp_path, "--force").code == 0
    assert path.read_text(encoding="utf-8") != "mine"
    assert list(tmp_path.iterdir()) == [path]
