"""Rules that match events against indicators: Sigma with placeholders, on request."""

from __future__ import annotations

import json

import pytest
import yaml

from converter.elastic.threat_match import ThreatMatchRule, read_threat_matches
from converter.errors import InputError, Unsupported
from converter.importers import threat_match
from converter.port import ImportOptions, read_placeholder_rules, read_rules
from sigma.sigmaproof.loader import load_documents
from tests.corpus import shared

RULE: dict[str, object] = {
    "type": "threat_match",
    "rule_id": "8f3d1f6e-8f0b-4c40-9c0a-0d8a2f0f7a11",
    "name": "Indicators",
    "description": "A sample",
    "severity": "low",
    "risk_score": 21,
    "query": "source.ip:*",
    "threat_index": ["logs-ti_*"],
    "threat_query": "a:b\n  and c:d",
    "threat_mapping": [
        {"entries": [{"type": "mapping", "field": "source.ip", "value": "threat.indicator.ip"}]},
        {
            "entries": [
                {"type": "mapping", "field": "url.full", "value": "threat.indicator.url.full"},
                {"field": "user.name", "value": "threat.indicator.ip", "negate": True},
            ]
        },
    ],
}


def _rule(**changes: object) -> ThreatMatchRule:
    (rule,) = read_threat_matches(json.dumps(RULE | changes), "rule.ndjson")
    return rule


def test_each_list_of_indicators_is_a_placeholder() -> None:
    conversion = threat_match.convert(_rule())
    (document,) = conversion.documents
    assert document["detection"] == {
        "selection": {"source.ip|exists": True},
        "source_ip": {"source.ip|cased|expand": "%threat_indicator_ip%"},
        "full": {"url.full|cased|expand": "%threat_indicator_url_full%"},
        "user_name": {"user.name|cased|expand": "%threat_indicator_ip%"},
        "condition": "selection and (source_ip or (full and not user_name))",
    }
    load_documents(conversion.yaml, "rule.yml")


def test_what_a_placeholder_stands_for_is_reported() -> None:
    found = threat_match.convert(_rule(threat_filters=[{"query": {}}])).diagnostics
    address, url, group = (one.message for one in found if one.code == "placeholder-list")
    assert address == (
        "%threat_indicator_ip% stands for threat.indicator.ip of the documents in logs-ti_* that match"
        " a:b and c:d, and the threat_filters of the rule: put their values in before the rule is used"
    )
    assert url.startswith("%threat_indicator_url_full% stands for threat.indicator.url.full of the")
    assert group.startswith("the entries of a group must hold for one indicator in Elastic")


def test_case_is_dropped_on_demand() -> None:
    conversion = threat_match.convert(_rule(), "insensitive")
    assert "|cased" not in conversion.yaml
    assert "case-widened" in [one.code for one in conversion.diagnostics]


def test_the_comparison_is_kept_whole_beside_the_rule() -> None:
    (document,) = yaml.safe_load_all(threat_match.convert(_rule()).yaml)
    kept = document["elastic"]["rule"]
    for key in ("type", "threat_mapping", "threat_index", "threat_query"):
        assert kept[key] == RULE[key]


@pytest.mark.parametrize("mapping", [[], [{"entries": []}]])
def test_a_rule_without_a_comparison_is_bad_input(mapping: list[object]) -> None:
    with pytest.raises(InputError, match="no 'threat_mapping', or a group without entries"):
        _rule(threat_mapping=mapping)


def test_without_the_request_the_rule_is_refused_and_says_how_to_ask() -> None:
    with pytest.raises(Unsupported, match="convert --placeholder-lists writes a rule"):
        read_rules(json.dumps(RULE), "rule.ndjson", ImportOptions())


def test_every_such_rule_of_the_corpus_is_written() -> None:
    written = [
        one
        for path in sorted(shared("corpus/elastic").glob("rules*/**/*.toml"))
        if 'type = "threat_match"' in (text := path.read_text("utf-8"))
        for one in read_placeholder_rules(text, path.name, ImportOptions())
    ]
    assert len(written) == 6
    for one in written:
        assert (
            "|cased|expand: '%threat_indicator_" in one.documents
            or "%vulnerability" in one.documents
        )
        load_documents(one.documents, "rule.yml")
