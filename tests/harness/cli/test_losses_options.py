"""What the user decides of fields that a table lacks, on the command line and in every report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.cli.conftest import Done, Invoke

PACK = Path(__file__).parents[2] / "data" / "half_known.mapping.yml"
SIGMA = """
title: Half of it is known
id: 6b1b1a5e-26a2-4f0c-9a55-3d4dfb10f1a3
logsource: {product: half, service: known}
detection:
  selection: {a: '1'}
  unknown: {u: '1'}
  far: {source.geo.country_name: Germany}
  condition: selection and (far or not unknown)
"""
EVENTS = [
    {"event.id": "1", "a": "1", "u": "1", "source.geo.country_name": "Germany"},
    {"event.id": "2", "a": "1"},
    {"event.id": "3", "a": "1", "u": "1"},
]


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    path = tmp_path / "half.yml"
    path.write_text(SIGMA, encoding="utf-8")
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "half.ndjson"
    dated = (
        {"@timestamp": f"2026-01-01T00:00:0{place}Z", "event.dataset": "half.known", **event}
        for place, event in enumerate(EVENTS)
    )
    path.write_text("\n".join(map(json.dumps, dated)) + "\n", encoding="utf-8")
    return path


def decided(invoke: Invoke, *arguments: object) -> Done:
    enrich = ("--enrich", "source.geo.country_name=geo_info")
    return invoke(*arguments, "--mapping", PACK, "--drop-unmapped", *enrich)


def test_convert_writes_what_is_left_and_says_it(invoke: Invoke, rule: Path) -> None:
    done = decided(invoke, "convert", rule, "-t", "sentinel")
    assert done.code == 0
    assert "clause-dropped: left out not u: 1:" in done.out
    assert "looked-up: source.geo.country_name: looked up from source.ip by" in done.out
    assert 'tostring(geo_info_from_ip_address(ip_s).country) =~ "Germany"' in done.out
    assert "clause-dropped" in done.err
    assert "narrower: events do not match that only this lets in" in done.err


def test_without_a_decision_the_rule_is_refused_with_all_reasons(
    invoke: Invoke, rule: Path
) -> None:
    done = invoke("convert", rule, "-t", "sentinel", "--mapping", PACK)
    assert done.code == 1
    assert "2 reasons: (1) field source.geo.country_name" in done.err
    assert "choose --enrich source.geo.country_name=geo_info or --enrich" in done.err
    assert "(2) field u cannot be read from table HalfKnown_CL: no column holds u" in done.err


def test_the_json_report_has_the_loss_and_its_effect(invoke: Invoke, rule: Path) -> None:
    done = decided(invoke, "verify", rule, "-t", "sentinel", "-t", "kusto-ecs", "--report", "json")
    assert done.code == 0
    sentinel, ecs = json.loads(done.out)["rules"][0]["targets"]
    assert sentinel["verdict"] == "agrees"
    conversion = sentinel["conversion"]
    assert conversion["status"] == "partial"
    (dropped,) = conversion["dropped"]
    assert (dropped["clause"], dropped["effect"]) == ("not u: 1", "narrower")
    assert dropped["lost"] > 0 == dropped["gained"]
    assert "no column holds u" in dropped["reason"]
    assert len(conversion["choices"]) == 1
    assert ecs["conversion"] is None


def test_the_table_and_the_markdown_list_what_is_left_out(invoke: Invoke, rule: Path) -> None:
    done = decided(invoke, "verify", rule, "-t", "sentinel")
    assert "partial: 1 left out, narrower, 1 looked up" in " ".join(
        done.err.replace("│", " ").split()
    )
    markdown = decided(invoke, "verify", rule, "-t", "sentinel", "--report", "markdown").out
    assert "| Half of it is known | sentinel | `not u: 1` | narrower |" in markdown


def test_run_alerts_on_what_is_left(invoke: Invoke, rule: Path, log: Path) -> None:
    whole = invoke("run", rule, "--logs", log, "--mapping", PACK, "-q")
    assert [json.loads(line)["events"] for line in whole.out.splitlines()] == [["1"], ["2"]]
    left = decided(invoke, "run", rule, "--logs", log)
    assert [json.loads(line)["events"] for line in left.out.splitlines()] == [["1"]]
    assert "clause-dropped left out not u: 1" in " ".join(left.err.split())


def test_explain_names_the_choices_and_the_losses(invoke: Invoke, rule: Path) -> None:
    words = " ".join(decided(invoke, "explain", rule).out.split())
    assert "clause-dropped" in words
    assert "looked-up" in words
    assert "choose --enrich" in words


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("source.geo.country_name", "write FIELD=CHOICE for one of"),
        ("nothing=geo_info", "write FIELD=CHOICE for one of"),
        ("source.as.number=geo_info", "write --enrich source.as.number=watchlist:NAME"),
    ],
)
def test_a_wrong_choice_is_an_error_of_usage(
    invoke: Invoke, rule: Path, entry: str, message: str
) -> None:
    done = invoke("convert", rule, "-t", "sentinel", "--mapping", PACK, "--enrich", entry)
    assert done.code == 2
    assert message in " ".join(done.err.split())


def test_decisions_on_tables_need_a_target(invoke: Invoke, rule: Path) -> None:
    done = decided(invoke, "convert", rule)
    assert done.code == 2
    assert "add --target" in done.err
