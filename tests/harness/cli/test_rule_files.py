"""Rule files and queries that are judged as they stand: what they say is what counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.cli.conftest import Done, Invoke


@pytest.fixture(scope="module")
def small_log(tmp_path_factory: pytest.TempPathFactory, log_path: Path) -> Path:
    """Return two days of the sample log, which is enough and quick."""
    lines = log_path.read_text(encoding="utf-8").splitlines(keepends=True)
    path = tmp_path_factory.mktemp("log") / "small.ndjson"
    path.write_text("".join(lines[-700:]), encoding="utf-8")
    return path


def _files(invoke: Invoke, rule_path: Path, folder: Path, target: str, file_format: str) -> Path:
    done = invoke("convert", rule_path, "-t", target, "-f", file_format, "-o", folder, "--force")
    assert done.code == 0, done.err
    (path,) = folder.glob(f"*{target}*")
    return path


def _judge(invoke: Invoke, rule_path: Path, log: Path, target: str, query: Path) -> Done:
    return invoke(
        "verify", rule_path, "-l", log, "--query", f"{target}={query}", "--report", "json"
    )


@pytest.mark.parametrize(
    ("target", "file_format"),
    [
        ("kuery", "kibana-ndjson"),
        ("kuery", "elastic-toml"),
        ("lucene", "kibana-ndjson"),
        ("esql", "kibana-ndjson"),
        ("sentinel", "sentinel-yaml"),
        ("sentinel", "sentinel-arm"),
    ],
)
def test_every_file_that_we_write_agrees(
    target: str, file_format: str, invoke: Invoke, rule_path: Path, small_log: Path, tmp_path: Path
) -> None:
    path = _files(invoke, rule_path, tmp_path, target, file_format)
    done = _judge(invoke, rule_path, small_log, target, path)
    assert done.code == 0, done.out
    assert json.loads(done.out)["rules"][0]["targets"][0]["alerts"] > 10


GUESTS = [
    {
        "meta": {"negate": False, "disabled": False},
        "query": {"match_phrase": {"azure.signinlogs.properties.user_type": "Guest"}},
    }
]
CHANGED: dict[str, tuple[dict[str, object], str]] = {
    "a filter that the query does not have": ({"filters": GUESTS}, "differs"),
    "another clock": ({"timestamp_override": "@timestamp"}, "differs"),
    "a shorter history": ({"history_window_start": "now-1d"}, "differs"),
    "the term's fields in another order": (
        {
            "new_terms_fields": [
                "azure.signinlogs.properties.app_id",
                "azure.signinlogs.properties.user_principal_name",
            ]
        },
        "agrees",
    ),
    "another interval": ({"interval": "10m", "from": "now-14m"}, "agrees"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_a_rule_file_says_counts(
    name: str, invoke: Invoke, rule_path: Path, log_path: Path, tmp_path: Path
) -> None:
    change, verdict = CHANGED[name]
    path = _files(invoke, rule_path, tmp_path, "kuery", "kibana-ndjson")
    file = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**file, **change}), encoding="utf-8")
    done = _judge(invoke, rule_path, log_path, "kuery", path)
    (result,) = json.loads(done.out)["rules"][0]["targets"]
    assert result["verdict"] == verdict
    codes = {diagnostic["code"] for diagnostic in result["diagnostics"]}
    assert ("schedule-changed" in codes) == ("interval" in change)


def test_a_result_without_events_says_that_only_terms_were_compared(
    invoke: Invoke, rule_path: Path, small_log: Path, tmp_path: Path
) -> None:
    path = _files(invoke, rule_path, tmp_path, "sentinel", "text")
    path.write_text(path.read_text(encoding="utf-8") + "| distinct UserPrincipalName, AppId\n")
    done = _judge(invoke, rule_path, small_log, "sentinel", path)
    assert "events-not-compared" in done.out


def test_a_log_without_alerts_proves_nothing_about_a_wrong_conversion(
    invoke: Invoke, rule_path: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log.ndjson"
    log.write_text('{"@timestamp": "2026-06-01T00:00:00Z", "event": {"id": "1"}}\n')
    done = invoke("verify", rule_path, "-l", log, "-t", "kuery", "--report", "json")
    assert done.code == 1
    (rule,) = json.loads(done.out)["rules"]
    assert rule["targets"][0]["verdict"] == "no_evidence"
    assert rule["conversion"]["status"] == "lossless"
