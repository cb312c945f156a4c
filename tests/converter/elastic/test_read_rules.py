from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.elastic import NewTermsRule, QueryRule, Technique, file_line, read_rules
from converter.elastic.date_math import before_now, length, show_length
from converter.elastic.rule import ElasticRule
from converter.errors import InputError, Unsupported
from converter.ir import Schedule

DATA = Path(__file__).parents[2] / "data" / "cases" / "import_read.yml"
# A case file has no static shape; the tests below read it key by key.
CASES: dict[str, Any] = yaml.safe_load(DATA.read_text("utf-8"))
SAMPLE = Path(__file__).parents[3] / "samples" / "rules" / "entra_id_unusual_client.toml"


def _changed(change: dict[str, str]) -> str:
    text = str(CASES["rule"])
    for old, new in change.items():
        assert old in text
        text = text.replace(old, new)
    return text


def _exported(**fields: object) -> dict[str, object]:
    rule: dict[str, object] = {
        "id": "0d3f6a52-8c4e-4f7b-a0a8-6c35ad6a8a01",
        "rule_id": "my-own-rule",
        "name": "Sample",
        "description": "A sample",
        "severity": "high",
        "risk_score": 73,
        "type": "query",
        "language": "kuery",
        "query": "a: b",
        "from": "now-360s",
        "to": "now",
        "interval": "5m",
        "enabled": True,
        "immutable": False,
        "created_at": "2025-03-10T08:00:00.000Z",
        "threat": [],
        "investigation_fields": None,
    }
    return rule | fields


def _read_one(text: str, path: str = "rule.toml") -> ElasticRule:
    (rule,) = read_rules(text, path)
    return rule


@pytest.mark.parametrize("case", CASES["errors"], ids=lambda case: case["about"])
def test_a_bad_toml_file_is_reported_in_one_line(case: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        read_rules(_changed(case["change"]), "rule.toml")
    assert str(caught.value) == case["error"]


@pytest.mark.parametrize("case", CASES["unsupported"], ids=lambda case: case["about"])
def test_a_valid_rule_that_sigma_cannot_say_is_refused_with_its_line(case: dict[str, Any]) -> None:
    with pytest.raises(Unsupported) as caught:
        read_rules(_changed(case["change"]), "rule.toml")
    assert str(caught.value) == case["error"]
    assert caught.value.span is not None
    assert caught.value.span.line == case["line"]


@pytest.mark.parametrize("case", CASES["json_errors"], ids=lambda case: case["error"])
def test_a_bad_json_file_is_reported_in_one_line(case: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        read_rules(case["text"], "rule.json")
    assert str(caught.value) == case["error"]


@pytest.mark.parametrize("case", CASES["date_math"], ids=lambda case: case["text"])
def test_date_math_says_how_long_before_now(case: dict[str, Any]) -> None:
    assert before_now(case["text"]) == timedelta(seconds=case["seconds"])


@pytest.mark.parametrize("text", ["90s", "5m", "2h", "14d"])
def test_a_length_is_written_as_it_was_read(text: str) -> None:
    assert show_length(length(text)) == text


def test_the_sample_rule_is_read_whole() -> None:
    rule = _read_one(SAMPLE.read_text("utf-8"), "entra_id_unusual_client.toml")
    assert isinstance(rule, NewTermsRule)
    assert rule.fields == (
        "azure.signinlogs.properties.user_principal_name",
        "azure.signinlogs.properties.app_id",
    )
    assert rule.history == timedelta(days=14)
    assert rule.schedule == Schedule(
        timedelta(minutes=5), timedelta(minutes=9), "event.ingested", has_fallback=True
    )
    assert rule.index == ("filebeat-*", "logs-azure.signinlogs-*")
    assert rule.header.creation_date == "2025-03-10"
    assert rule.header.extra == {"metadata.integration": ["azure"]}
    assert [threat.tactic_id for threat in rule.header.threats] == ["TA0001", "TA0006"]
    assert rule.header.threats[0].techniques == (
        Technique("T1078", "Valid Accounts", (Technique("T1078.004", "Cloud Accounts"),)),
    )


def test_a_line_of_the_query_is_found_in_the_toml_file() -> None:
    text = SAMPLE.read_text("utf-8")
    rule = _read_one(text)
    query, file = rule.query.split("\n"), text.split("\n")
    for number, line in enumerate(query[:-1], start=1):
        assert file[file_line(rule, number) - 1] == line


def test_a_query_on_one_line_stands_on_the_line_of_its_key() -> None:
    rule = _read_one(_changed({"'''\na: b\n'''": '"a: b\\nand c: d"'}))
    assert rule.query == "a: b\nand c: d"
    assert (rule.query_line, file_line(rule, 2)) == (12, 12)


def test_windows_line_ends_and_a_byte_order_mark_are_accepted() -> None:
    text = "\ufeff" + str(CASES["rule"]).replace("\n", "\r\n")
    assert _read_one(text).query_line == 13


def test_defaults_are_those_of_kibana() -> None:
    rule = _read_one(_changed({'from = "now-9m"\n': ""}))
    assert rule.schedule == Schedule()
    assert rule.language == "kuery"
    assert rule.header.max_signals == 100


def test_keys_that_are_not_modelled_are_kept_unchanged() -> None:
    extra = '"low"\nnote = "x"\nfilters = [{meta = {negate = true}}]\nunheard_of = 1\n'
    rule = _read_one(_changed({'"low"\n': extra}))
    assert rule.header.extra == {
        "rule.note": "x",
        "rule.filters": [{"meta": {"negate": True}}],
        "rule.unheard_of": 1,
    }


def test_tables_beside_the_rule_are_kept_whole() -> None:
    rule = _read_one(str(CASES["rule"]) + '\n[transform]\nosquery = ["x"]\n')
    assert rule.header.extra == {"transform.osquery": ["x"]}


def test_a_threat_with_more_than_ids_and_names_is_kept_as_it_is() -> None:
    threat = '[[rule.threat]]\nframework = "F"\ntactic = {id = "TA1", name = "T", reference = "r"}'
    rule = _read_one(_changed({"[rule.new_terms]\n": f"{threat}\n[rule.new_terms]\n"}))
    assert rule.header.threats[0].tactic_id == "TA1"
    assert "rule.threat" in rule.header.extra


def test_an_export_of_kibana_holds_one_rule_a_line_and_a_summary() -> None:
    terms = _exported(
        type="new_terms", new_terms_fields=["user.name"], history_window_start="now-7d"
    )
    lines = [_exported(), terms, {"exported_count": 2, "exported_rules_count": 2}]
    text = "\n".join(json.dumps(line) for line in lines)
    first, second = read_rules(text, "export.ndjson")
    assert isinstance(first, QueryRule)
    assert isinstance(second, NewTermsRule)
    assert (second.fields, second.history) == (("user.name",), timedelta(days=7))
    assert (first.query_line, second.query_line) == (1, 2)
    assert first.header.creation_date == "2025-03-10"
    assert first.header.extra == {
        "rule.id": "0d3f6a52-8c4e-4f7b-a0a8-6c35ad6a8a01",
        "rule.enabled": True,
        "rule.immutable": False,
        "rule.created_at": "2025-03-10T08:00:00.000Z",
    }


def test_exception_lists_and_connectors_of_an_export_are_no_rules() -> None:
    lines: list[dict[str, object]] = [
        _exported(),
        {"list_id": "a", "type": "detection"},
        {"list_id": "a", "item_id": "b", "entries": []},
        {"id": "c", "type": "action", "attributes": {}},
    ]
    text = "\n".join(json.dumps(line) for line in lines)
    assert len(read_rules(text, "export.ndjson")) == 1


@pytest.mark.parametrize("path", ["-", "rule.json"])
def test_json_is_told_from_toml_by_its_first_characters(path: str) -> None:
    for text in (json.dumps(_exported(), indent=1), json.dumps([_exported()])):
        assert _read_one(text, path).header.id == "my-own-rule"
    assert _read_one(str(CASES["rule"]), "-").header.name == "Sample"


def test_a_page_of_the_api_holds_rules_under_data() -> None:
    page = {"page": 1, "perPage": 20, "total": 2, "data": [_exported(), _exported()]}
    assert len(read_rules(json.dumps(page), "-")) == 2
