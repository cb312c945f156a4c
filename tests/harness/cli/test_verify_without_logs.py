"""Without logs rules are judged on events made from them, and a directory is verified to its end."""

from __future__ import annotations

import json
from pathlib import Path

from tests.harness.cli.conftest import Invoke

GOOD = """title: Rule {number}
id: 00000000-0000-4000-8000-{number:012}
logsource: {{product: windows}}
detection:
  one:
    process.name|cased: tool{number}.exe
    process.args|cased|startswith: "--x"
  other:
    user.name|cased: SYSTEM
  condition: one and not other
"""
BAD = "title: Broken\nlogsource: {product: windows}\ndetection:\n  condition: nothing\n"
EQL = """[rule]
name = "A sequence"
rule_id = "00000000-0000-4000-8000-00000000000e"
type = "machine_learning"
language = "eql"
query = "any where true"
"""


def directory(path: Path, count: int) -> Path:
    for number in range(count):
        (path / f"rule{number:02}.yml").write_text(GOOD.format(number=number), encoding="utf-8")
    return path


def test_a_rule_is_judged_on_events_made_from_it(invoke: Invoke, rule_path: Path) -> None:
    done = invoke("verify", rule_path, "-t", "kuery", "-t", "sentinel", "--report", "json")
    assert done.code == 0, done.err
    (rule,) = json.loads(done.out)["rules"]
    assert rule["events_made"] > 50
    assert {target["verdict"] for target in rule["targets"]} == {"agrees"}
    assert all(target["alerts"] > 20 for target in rule["targets"])
    table = invoke("verify", rule_path, "-t", "kuery")
    assert f"events made from the rule: {rule['events_made']}" in table.err


def test_logs_alone_are_used_unless_generated_events_are_asked_for(
    invoke: Invoke, rule_path: Path, log_path: Path
) -> None:
    arguments = ("verify", rule_path, "-t", "kuery", "-l", log_path, "--report", "json")
    (alone,) = json.loads(invoke(*arguments).out)["rules"]
    (both,) = json.loads(invoke(*arguments, "--generated").out)["rules"]
    assert alone["events_made"] == 0
    assert both["events_made"] > 0
    events = both["targets"][0]["events"]
    assert events == alone["targets"][0]["events"] + both["events_made"]


def test_a_wrong_query_is_found_out_without_logs(invoke: Invoke, tmp_path: Path) -> None:
    rule = tmp_path / "rule.yml"
    rule.write_text(GOOD.format(number=1), encoding="utf-8")
    query = tmp_path / "query.txt"
    query.write_text("process.name: tool1.exe and process.args: --x*", encoding="utf-8")
    done = invoke("verify", rule, "--query", f"kuery={query}", "--report", "json")
    assert done.code == 1
    (target,) = json.loads(done.out)["rules"][0]["targets"]
    assert target["verdict"] == "differs"
    assert target["counterexample"]["event"]["document"]["user"] == {"name": "SYSTEM"}


def test_bad_files_of_a_directory_are_refused_and_the_others_verified(
    invoke: Invoke, tmp_path: Path
) -> None:
    directory(tmp_path, 2)
    (tmp_path / "broken.yml").write_text(BAD, encoding="utf-8")
    (tmp_path / "eql.toml").write_text(EQL, encoding="utf-8")
    done = invoke("verify", tmp_path, "-t", "kuery", "--report", "json")
    assert done.code == 1, done.err
    rules = {Path(rule["path"]).name: rule for rule in json.loads(done.out)["rules"]}
    assert list(rules) == ["broken.yml", "eql.toml", "rule00.yml", "rule01.yml"]
    for name in ("broken.yml", "eql.toml"):
        assert rules[name]["conversion"]["status"] == "refused"
        assert rules[name]["conversion"]["diagnostics"][0]["message"]
        assert rules[name]["targets"] == []
    assert rules["eql.toml"]["title"] == "A sequence"
    assert rules["eql.toml"]["type"] == "machine_learning"
    assert rules["rule00.yml"]["targets"][0]["verdict"] == "agrees"


def test_a_bad_file_that_is_named_stops_everything(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "broken.yml"
    path.write_text(BAD, encoding="utf-8")
    assert invoke("verify", path, "-t", "kuery").code == 2


def test_several_processes_report_the_same_as_one(invoke: Invoke, tmp_path: Path) -> None:
    directory(tmp_path, 10)
    (tmp_path / "broken.yml").write_text(BAD, encoding="utf-8")
    arguments = ("verify", tmp_path, "-t", "kuery", "-t", "lucene", "--report", "json")
    one = invoke(*arguments, "--jobs", 1)
    two = invoke(*arguments)
    assert one.out == two.out
    assert len(json.loads(two.out)["rules"]) == 11


def test_many_rules_end_in_a_summary_by_type_and_verdict(invoke: Invoke, tmp_path: Path) -> None:
    directory(tmp_path, 3)
    (tmp_path / "eql.toml").write_text(EQL, encoding="utf-8")
    done = invoke("verify", tmp_path, "-t", "kuery", "-t", "lucene")
    lines = [line.replace("│", " ").split() for line in done.err.splitlines()]
    assert ["machine_learning", "0", "1"] in lines, done.err
    assert ["query", "3", "0"] in lines
    assert ["query", "kuery", "3"] in lines
    single = invoke("verify", tmp_path / "rule00.yml", "-t", "kuery")
    assert "rule type" not in single.err
