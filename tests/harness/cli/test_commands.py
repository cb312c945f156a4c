"""The commands on the samples, as a person would use them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.corpus import shared
from tests.harness.cli.conftest import Invoke

PORTED = ["esql", "kuery", "kusto-ecs", "lucene", "sentinel"]


def _expected_pairs() -> set[tuple[str, ...]]:
    """Return the (term, event) pairs that SQL derived (tests/samples)."""
    path = Path(__file__).parents[3] / "samples/expected/entra-signins.alerts.json"
    alerts = json.loads(path.read_text(encoding="utf-8"))
    return {(*alert["term"], *alert["ids"]) for alert in alerts}


def test_every_target_agrees_on_the_sample_and_the_others_say_why_not(
    invoke: Invoke, rule_path: Path, log_path: Path
) -> None:
    done = invoke("verify", rule_path, "-l", log_path, "--report", "json")
    assert done.code == 0, done.err
    report = json.loads(done.out)
    (rule,) = report["rules"]
    assert rule["conversion"]["status"] == "lossless"
    verdicts = {target["target"]: target["verdict"] for target in rule["targets"]}
    silent = dict.fromkeys(("eql", "xdr"), "unsupported")
    assert verdicts == {**silent, **dict.fromkeys(PORTED, "agrees")}
    alerts = {t["alerts"] for t in rule["targets"] if t["target"] in PORTED}
    assert alerts == {len(_expected_pairs())}
    assert report["summary"]["agrees"] == len(PORTED)


def test_the_elastic_rule_that_the_project_was_asked_for_agrees(
    invoke: Invoke, log_path: Path
) -> None:
    seed = shared("seed/entra_id_unusual_client.toml")
    named = [argument for target in PORTED for argument in ("-t", target)]
    done = invoke("verify", seed, "-l", log_path, *named, "--report", "json")
    assert done.code == 0, done.err
    (rule,) = json.loads(done.out)["rules"]
    assert {t["alerts"] for t in rule["targets"]} == {len(_expected_pairs())}


def test_run_finds_what_sql_finds(invoke: Invoke, rule_path: Path, log_path: Path) -> None:
    done = invoke("run", rule_path, "-l", log_path, "-q")
    found = {
        (*alert["term"].values(), *alert["events"])
        for alert in map(json.loads, done.out.splitlines())
    }
    assert found == _expected_pairs()


@pytest.mark.parametrize(
    ("target", "verdict", "evidence"),
    [
        ("pysigma:kusto", "invalid", "KS106"),
        ("pysigma:esql", None, ""),
        ("pysigma:lucene", "differs", ""),
    ],
)
def test_stock_backends_are_shown_to_be_wrong(
    target: str, verdict: str | None, evidence: str, invoke: Invoke, rule_path: Path, log_path: Path
) -> None:
    done = invoke("verify", rule_path, "-l", log_path, "-t", target, "--report", "json")
    assert done.code == 1
    (result,) = json.loads(done.out)["rules"][0]["targets"]
    assert result["verdict"] == verdict or (
        verdict is None and result["verdict"] in ("differs", "invalid")
    )
    assert result["base_rule_only"]
    assert evidence in json.dumps(result["diagnostics"])
    assert result["verdict"] != "differs" or result["counterexample"]["event"]["document"]


def test_an_unsupported_target_counts_only_when_named(
    invoke: Invoke, rule_path: Path, log_path: Path
) -> None:
    done = invoke("verify", rule_path, "-l", log_path, "-t", "eql")
    assert done.code == 1
    assert "first-seen" in done.err


WRONG = {
    "start of the window": ("Ingested > ago(lookback)", "Ingested >= ago(lookback)"),
    "a dropped clause": ('| where ClientAppUsed != "Browser"\n', ""),
    "any case": ('UserType == "Member"', 'UserType =~ "Member"'),
    "one excluded client less": ('    "1b3c667f-cde3-4090-b60b-3d2abd0117f0",\n', ""),
    "empty terms": ("| where isnotempty(UserPrincipalName)\n", ""),
}


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("query") / "rule.kql"


def test_a_query_by_hand_is_accepted_when_right(
    invoke: Invoke, rule_path: Path, log_path: Path, query: Path
) -> None:
    query.write_text(invoke("convert", rule_path, "-t", "sentinel", "-q").out, encoding="utf-8")
    done = invoke("verify", rule_path, "-l", log_path, "--query", f"sentinel={query}")
    assert done.code == 0, done.err


@pytest.mark.parametrize("name", WRONG)
def test_a_query_by_hand_with_one_clause_wrong_is_caught(
    name: str, invoke: Invoke, rule_path: Path, log_path: Path, tmp_path: Path
) -> None:
    old, new = WRONG[name]
    text = invoke("convert", rule_path, "-t", "sentinel", "-q").out
    assert old in text
    path = tmp_path / "wrong.kql"
    path.write_text(text.replace(old, new), encoding="utf-8")
    done = invoke(
        "verify", rule_path, "-l", log_path, "--query", f"sentinel={path}", "--report", "json"
    )
    assert done.code == 1
    (result,) = json.loads(done.out)["rules"][0]["targets"]
    example = result["counterexample"]
    assert example["event"]["document"]
    assert example["minimal"]


def test_case_insensitive_conversion_is_called_widened(
    invoke: Invoke, rule_path: Path, log_path: Path
) -> None:
    done = invoke(
        "verify",
        rule_path,
        "-l",
        log_path,
        "-t",
        "kusto-ecs",
        "--case",
        "insensitive",
        "--report",
        "json",
    )
    (rule,) = json.loads(done.out)["rules"]
    assert rule["conversion"]["status"] == "widened"
    assert rule["targets"][0]["verdict"] == "agrees"


def test_both_spellings_of_the_sigma_rule_mean_the_same(
    invoke: Invoke, rule_path: Path, log_path: Path, tmp_path: Path
) -> None:
    for option in ((), ("--portable",)):
        path = tmp_path / "rule.yml"
        path.write_text(invoke("convert", rule_path, *option, "-q").out, encoding="utf-8")
        done = invoke(
            "verify", path, "-l", log_path, "-t", "sentinel", "-t", "kuery", "--report", "json"
        )
        assert done.code == 0, done.err
        (rule,) = json.loads(done.out)["rules"]
        assert {t["alerts"] for t in rule["targets"]} == {len(_expected_pairs())}
        kinds = [
            one["correlation"]["type"]
            for one in yaml.safe_load_all(path.read_text())
            if "correlation" in one
        ]
        assert kinds == (["event_count"] if option else ["new_terms"])


def test_rule_files_can_be_verified_and_imported_again(
    invoke: Invoke, rule_path: Path, log_path: Path, tmp_path: Path
) -> None:
    done = invoke("convert", rule_path, "-t", "kuery", "-f", "kibana-ndjson", "-o", tmp_path)
    assert done.code == 0, done.err
    (path,) = tmp_path.glob("*.ndjson")
    again = invoke("verify", path, "-l", log_path, "-t", "kuery", "--query", f"kuery={path}")
    assert again.code == 0, again.err
    toml = invoke("convert", rule_path, "-t", "kuery", "-f", "elastic-toml", "-q").out
    original = tomllib.loads(rule_path.read_text(encoding="utf-8"))["rule"]
    assert tomllib.loads(toml)["rule"]["new_terms"] == original["new_terms"]


def test_a_list_that_is_too_long_for_sentinel_is_written_beside_the_rule(
    invoke: Invoke, tmp_path: Path
) -> None:
    values = ", ".join(f"a-rather-long-client-name-{number}" for number in range(400))
    path = tmp_path / "rule.yml"
    path.write_text(
        "title: Old clients\nlogsource: {product: azure, service: signinlogs}\ndetection:\n"
        f"  one: {{ClientAppUsed: [{values}], Category: SignInLogs}}\n  condition: one\nlevel: low\n",
        encoding="utf-8",
    )
    as_rule = ("convert", path, "-t", "sentinel", "-f", "sentinel-yaml")
    assert "convert with --watchlist" in invoke(*as_rule).err
    assert "name a directory by --output" in invoke(*as_rule, "--watchlist").err
    done = invoke(*as_rule, "--watchlist", "-o", tmp_path)
    assert done.code == 0, done.err
    assert "a list of 400 values is in the watchlist old_clients_1" in " ".join(done.err.split())
    assert "_GetWatchlist('old_clients_1')" in (tmp_path / "old_clients.sentinel.yaml").read_text()
    assert len((tmp_path / "old_clients_1.csv").read_text().splitlines()) == 401


def test_explain_shows_each_field_on_every_side(invoke: Invoke, rule_path: Path) -> None:
    done = invoke("explain", rule_path)
    assert done.code == 0
    for needed in (
        "azure.signinlogs.properties.app_id",
        "AppId",
        "AADNonInteractiveUserSignInLogs.AppId",
        "8075",
        "first-seen",
    ):
        assert needed in done.out


def test_an_organisation_outside_the_value_table_stops_the_port_until_it_is_given(
    invoke: Invoke, rule_text: str, log_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "rule.toml"
    path.write_text(
        rule_text.replace("MICROSOFT-CORP-MSN-AS-BLOCK", "EXAMPLE-AS"), encoding="utf-8"
    )
    refused = invoke("convert", path, "-t", "sentinel")
    assert refused.code == 1
    assert "EXAMPLE-AS" in refused.err
    assert refused.out == ""
    given = invoke(
        "convert", path, "-t", "sentinel", "--value", "source.as.organization.name:EXAMPLE-AS=64500"
    )
    assert given.code == 0, given.err
    assert '"64500"' in given.out


def test_targets_are_listed_with_their_formats(invoke: Invoke) -> None:
    done = invoke("targets")
    assert done.code == 0
    for needed in (*PORTED, "eql", "kibana-kql", "kibana-ndjson", "elastic-toml", "sentinel-yaml"):
        assert needed in done.out


def test_output_is_the_same_every_time(invoke: Invoke, rule_path: Path, log_path: Path) -> None:
    first = invoke("verify", rule_path, "-l", log_path, "-t", "kuery", "--report", "json").out
    assert (
        invoke("verify", rule_path, "-l", log_path, "-t", "kuery", "--report", "json").out == first
    )


def test_convert_writes_rules_with_lists_to_be_filled_in(
    invoke: Invoke, rule_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "indicators.ndjson"
    rule = {
        "type": "threat_match",
        "rule_id": "8f3d1f6e-8f0b-4c40-9c0a-0d8a2f0f7a11",
        "name": "Indicators",
        "description": "A sample",
        "severity": "low",
        "risk_score": 21,
        "query": "source.ip:*",
        "threat_mapping": [{"entries": [{"field": "source.ip", "value": "threat.indicator.ip"}]}],
    }
    path.write_text(json.dumps(rule), encoding="utf-8")
    refused = invoke("convert", path)
    assert refused.code == 2
    assert "convert --placeholder-lists" in refused.err
    done = invoke("convert", path, rule_path, "--placeholder-lists")
    assert done.code == 0, done.err
    first, *others = yaml.safe_load_all(done.out)
    assert "%threat_indicator_ip%" in str(first["detection"])
    assert "%threat_indicator_ip% stands for threat.indicator.ip" in done.err
    assert len(others) == 2
    for arguments in (("-t", "kuery"), ("-",)):
        assert invoke("convert", path, "--placeholder-lists", *arguments).code == 2
