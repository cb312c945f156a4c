"""A log source that nobody here has heard of takes one YAML file and no Python."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.harness.cli.conftest import Invoke

ROOT = Path(__file__).parents[3]
PACK = ROOT / "tests" / "data" / "acme_door.mapping.yml"
SCHEMA = ROOT / "sigma" / "sigmaproof" / "mapping.schema.json"

ELASTIC = """
[metadata]
creation_date = "2026/01/01"
maturity = "production"
updated_date = "2026/01/01"
[rule]
author = ["ACME"]
description = "A guest opened a door."
from = "now-6m"
index = ["logs-acme.door-*"]
language = "kuery"
license = "Elastic License v2"
name = "Guest at the door"
risk_score = 21
rule_id = "6b1b1a5e-26a2-4f0c-9a55-3d4dfb10f1a1"
severity = "low"
type = "new_terms"
query = '''
data_stream.dataset: acme.door and event.outcome: success and acme.groups: guest and not acme.door.number >= 7
'''
[rule.new_terms]
field = "new_terms_fields"
value = ["acme.badge.number"]
[[rule.new_terms.history_window_start]]
field = "history_window_start"
value = "now-7d"
"""

SIGMA = """
title: Guest at the door
id: 6b1b1a5e-26a2-4f0c-9a55-3d4dfb10f1a2
logsource: {product: acme, service: door}
detection:
  selection:
    groups: guest
    door: 3
  condition: selection
"""


@pytest.fixture
def elastic(tmp_path: Path) -> Path:
    path = tmp_path / "guest.toml"
    path.write_text(ELASTIC, encoding="utf-8")
    return path


@pytest.fixture
def sigma(tmp_path: Path) -> Path:
    path = tmp_path / "guest.yml"
    path.write_text(SIGMA, encoding="utf-8")
    return path


def test_the_pack_fits_the_json_schema_and_passes_the_check(invoke: Invoke) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(yaml.safe_load(PACK.read_text(encoding="utf-8")), schema)
    done = invoke("mapping", "check", PACK)
    assert done.code == 0, done.out


def test_an_elastic_rule_becomes_sigma_with_the_names_of_the_pack(
    invoke: Invoke, elastic: Path
) -> None:
    done = invoke("convert", elastic, "--mapping", PACK)
    assert done.code == 0, done.err
    base = next(yaml.safe_load_all(done.out))
    assert base["logsource"] == {"product": "acme", "service": "door"}
    assert "groups|cased" in base["detection"]["selection"]


def test_without_the_pack_no_table_is_known(invoke: Invoke, elastic: Path) -> None:
    done = invoke("convert", elastic, "-t", "sentinel")
    assert done.code == 1
    assert "no mapping pack covers the log source" in done.err


def test_both_rules_render_to_the_table_of_the_pack(
    invoke: Invoke, elastic: Path, sigma: Path
) -> None:
    for rule in (elastic, sigma):
        done = invoke("convert", rule, "-t", "sentinel", "--mapping", PACK, "-q")
        assert done.code == 0, done.err
        assert "AcmeDoor_CL" in done.out
        assert "set_has_element(" in done.out


def test_every_target_that_can_say_it_agrees(invoke: Invoke, elastic: Path, sigma: Path) -> None:
    for rule in (elastic, sigma):
        targets = [one for name in ("kuery", "kusto-ecs", "sentinel") for one in ("-t", name)]
        done = invoke("verify", rule, *targets, "--mapping", PACK, "--report", "json", "-q")
        assert done.code == 0, done.err
        (result,) = json.loads(done.out)["rules"]
        assert result["conversion"]["status"] == "lossless"
        assert {target["verdict"] for target in result["targets"]} == {"agrees"}


def test_explain_and_run_know_the_pack(invoke: Invoke, sigma: Path, tmp_path: Path) -> None:
    done = invoke("explain", sigma, "--mapping", PACK)
    assert "AcmeDoor_CL.Door_d" in done.out
    event = {
        "@timestamp": "2026-03-02T01:00:00Z",
        "event": {"id": "a", "dataset": "acme.door"},
        "acme": {"groups": ["guest", "staff"], "door": {"number": 3}},
    }
    log = tmp_path / "log.ndjson"
    log.write_text(json.dumps(event) + "\n", encoding="utf-8")
    found = invoke("run", sigma, "-l", log, "--mapping", PACK, "-q")
    assert len(found.out.splitlines()) == 1, found.err


def test_a_pack_that_cannot_be_read_is_named(invoke: Invoke, sigma: Path, tmp_path: Path) -> None:
    done = invoke("convert", sigma, "--mapping", tmp_path / "none.yml")
    assert done.code == 2
    assert "none.yml: no such file" in done.err
