from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.engines import kusto_opinion
from tests.harness.cli.conftest import Invoke

RULE = """\
title: Not that process
id: 6f0f1d0a-0f3c-4b5e-9a0a-1f6f2f7d2c11
status: test
logsource: {category: test}
detection:
  selection: {user.name: admin, process.pid: 5}
  condition: not selection
"""
LOG = """\
{"@timestamp": "2026-01-01T00:00:00Z", "user": {"name": "Admin"}, "process": {"pid": 5}}
{"@timestamp": "2026-01-01T00:00:01Z", "user": {"name": "bob"}, "process": {"pid": 7}}
{"@timestamp": "2026-01-01T00:00:02Z", "user": {"name": "bob"}}
"""


def arguments(folder: Path) -> tuple[str, ...]:
    rule, log = folder / "rule.yml", folder / "log.ndjson"
    rule.write_text(RULE)
    log.write_text(LOG)
    return ("verify", str(rule), "--logs", str(log), "-t", "kusto-ecs", "--report", "json", "-q")


@pytest.mark.skipif(find_spec("chdb") is None, reason="chdb is not installed; install '.[chdb]'")
def test_a_second_opinion_is_a_diagnostic_of_the_target(invoke: Invoke, tmp_path: Path) -> None:
    done = invoke(*arguments(tmp_path), "--second-opinion")
    (target,) = json.loads(done.out)["rules"][0]["targets"]
    messages = {one["code"]: one["message"] for one in target["diagnostics"]}
    assert target["verdict"] == "agrees"
    assert messages["second-opinion"] == "chdb finds the same on 2 of 3 rows"
    done = invoke(*arguments(tmp_path))
    (target,) = json.loads(done.out)["rules"][0]["targets"]
    assert "second-opinion" not in {one["code"] for one in target["diagnostics"]}


def test_without_chdb_the_option_says_how_to_get_it(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kusto_opinion, "find_spec", lambda name: None)
    done = invoke(*arguments(tmp_path), "--second-opinion")
    assert done.code == 2
    assert "pip install 'sigmaproof[chdb]'" in done.err
