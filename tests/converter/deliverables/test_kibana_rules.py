from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
import yaml
from sigma.conversion.base import Backend
from sigma.processing.pipeline import ProcessingPipeline

from converter.deliverables import detection_rules, kibana
from converter.deliverables.toml_text import toml_text
from converter.elastic import NewTermsRule, QueryRule, ThresholdRule, read_rules
from converter.elastic.rule import ElasticRule
from converter.errors import Unsupported
from converter.importers import import_rule
from converter.importers.yaml_text import yaml_text
from converter.mapping import MappingPack, pack_for_log_source
from converter.render import RenderedQuery
from converter.schema_files import NOTHING_DECLARED, DeclaredTypes
from converter.target import Names, Target
from sigma.sigmaproof.portable import to_portable
from sigma.sigmaproof.threshold import DistinctSpec, ThresholdSpec

SAMPLE = Path(__file__).parents[3] / "samples" / "rules" / "entra_id_unusual_client.toml"

PLAIN_SIGMA = """\
title: Something Odd
id: 8f3d1f6e-8f0b-4c40-9c0a-0d8a2f0f7a11
description: A rule that somebody wrote in Sigma.
author: Ada Brandt, Paul Martin
date: 2026-03-02
tags: [attack.initial-access, attack.t1078.004, cve.2026-1]
logsource: {product: azure, service: signinlogs}
detection: {selection: {AppId: x}, condition: selection}
fields: [AppId, IPAddress]
level: high
"""


def _no_backend(pipeline: ProcessingPipeline) -> Backend:
    raise AssertionError("nothing is rendered here")


def _no_pipeline(
    pack: MappingPack | None, declared: DeclaredTypes = NOTHING_DECLARED
) -> ProcessingPipeline:
    raise AssertionError("nothing is rendered here")


def _rendered(language: str, text: str, terms: tuple[str, ...] = ()) -> RenderedQuery:
    target = Target(language, "", language, Names.ECS, _no_backend, _no_pipeline)
    return RenderedQuery(target, text, terms)


def _sample() -> NewTermsRule:
    (rule,) = read_rules(SAMPLE.read_text("utf-8"), SAMPLE.name)
    assert isinstance(rule, NewTermsRule)
    return rule


def _as_rendered(rule: ElasticRule) -> tuple[str, RenderedQuery]:
    """Import a rule, and take its own query for the rendered one."""
    terms = () if isinstance(rule, QueryRule) else rule.fields
    documents = import_rule(rule).yaml
    rendered = replace(
        _rendered("kuery", rule.query, terms), counts=_counts(rule), pack=_pack_of(documents)
    )
    return documents, rendered


def _pack_of(documents: str) -> MappingPack | None:
    """Return the pack of the first document's log source."""
    return pack_for_log_source(next(iter(yaml.safe_load_all(documents)))["logsource"])


def _counts(rule: ElasticRule) -> ThresholdSpec | None:
    if not isinstance(rule, ThresholdRule):
        return None
    found = rule.cardinality
    distinct = DistinctSpec(found.field, found.value) if found else None
    return ThresholdSpec(rule.fields, rule.value, distinct, rule.schedule.lookback)


def _comparable(rule: ElasticRule) -> ElasticRule:
    """Drop what a copy of a rule may differ in: its place, and white space of its prose."""
    header = replace(
        rule.header,
        path="",
        description=rule.header.description.strip(),
        false_positives=tuple(" ".join(text.split()) for text in rule.header.false_positives),
        extra=MappingProxyType(
            {
                k: v
                for k, v in rule.header.extra.items()
                if k not in ("rule.filters", "rule.enabled")
            }
        ),
    )
    query = rule.query.strip()
    return replace(rule, header=header, query=query, query_line=0, query_keeps_lines=False)


def _without_metadata(rule: ElasticRule) -> ElasticRule:
    """Drop what a Kibana export does not have."""
    kept = {k: v for k, v in rule.header.extra.items() if k.startswith("rule.")}
    header = replace(
        rule.header, creation_date="", updated_date="", maturity="", extra=MappingProxyType(kept)
    )
    return replace(rule, header=header)


def _read_one(text: str, path: str) -> ElasticRule:
    (rule,) = read_rules(text, path)
    return rule


def test_the_sample_comes_back_from_a_rule_file() -> None:
    rule = _sample()
    text, diagnostics = detection_rules.write(*_as_rendered(rule))
    assert _comparable(_read_one(text, "rule.toml")) == _comparable(rule)
    assert diagnostics == ()


def test_the_sample_comes_back_from_a_kibana_export() -> None:
    rule = _sample()
    text, diagnostics = kibana.write(*_as_rendered(rule))
    assert text.count("\n") == 1
    assert _comparable(_read_one(text, "rule.ndjson")) == _without_metadata(_comparable(rule))
    (diagnostic,) = diagnostics
    assert diagnostic.message == (
        "a rule of Kibana has no place for metadata.creation_date, metadata.maturity,"
        " metadata.updated_date, metadata.integration; only a rule file keeps them"
    )


def test_the_portable_form_gives_the_same_rule_but_for_its_description() -> None:
    rule = _sample()
    conversion = import_rule(rule)
    rendered = _rendered("kuery", rule.query, rule.fields)
    own = json.loads(kibana.write(conversion.yaml, rendered)[0])
    portable = json.loads(kibana.write(yaml_text(to_portable(conversion.documents)), rendered)[0])
    assert portable.pop("description").startswith(own.pop("description"))
    assert portable.pop("sigmaproof", None) is None
    assert portable == own


def test_the_same_rule_gives_the_same_bytes() -> None:
    first, second = _as_rendered(_sample()), _as_rendered(_sample())
    assert kibana.write(*first) == kibana.write(*second)
    assert detection_rules.write(*first) == detection_rules.write(*second)


def test_terms_have_the_names_that_the_pipeline_gave_them() -> None:
    documents, _ = _as_rendered(_sample())
    text, _ = kibana.write(documents, _rendered("lucene", "q", ("one", "two")))
    rule = json.loads(text)
    assert rule["new_terms_fields"] == ["one", "two"]
    assert (rule["type"], rule["language"], rule["query"]) == ("new_terms", "lucene", "q")


def test_an_esql_rule_reads_the_whole_history_and_suppresses_repetitions() -> None:
    documents, _ = _as_rendered(_sample())
    text, diagnostics = kibana.write(documents, _rendered("esql", "FROM logs-*", ("a", "b")))
    rule = json.loads(text)
    assert (rule["type"], rule["language"], rule["query"]) == ("esql", "esql", "FROM logs-*")
    assert (rule["from"], rule["to"], rule["interval"]) == ("now-14d", "now", "5m")
    assert rule["alert_suppression"] == {
        "group_by": ["a", "b"],
        "duration": {"value": 9, "unit": "m"},
        "missing_fields_strategy": "suppress",
    }
    assert not {"index", "new_terms_fields", "history_window_start"} & set(rule)
    assert [diagnostic.code for diagnostic in diagnostics] == [
        "esql-repeats-alerts",
        "metadata-left-out",
    ]


def test_a_rule_written_in_sigma_gets_the_defaults_of_kibana() -> None:
    text, diagnostics = kibana.write(
        PLAIN_SIGMA, replace(_rendered("kuery", "a: b"), pack=_pack_of(PLAIN_SIGMA))
    )
    assert json.loads(text) == {
        "author": ["Ada Brandt", "Paul Martin"],
        "description": "A rule that somebody wrote in Sigma.",
        "from": "now-6m",
        "index": ["logs-azure.signinlogs-*"],
        "interval": "5m",
        "investigation_fields": {
            "field_names": ["azure.signinlogs.properties.app_id", "source.ip"]
        },
        "language": "kuery",
        "max_signals": 100,
        "name": "Something Odd",
        "query": "a: b",
        "risk_score": 73,
        "rule_id": "8f3d1f6e-8f0b-4c40-9c0a-0d8a2f0f7a11",
        "severity": "high",
        "tags": ["T1078.004"],
        "threat": [
            {
                "framework": "MITRE ATT&CK",
                "tactic": {
                    "id": "TA0001",
                    "name": "Initial Access",
                    "reference": "https://attack.mitre.org/tactics/TA0001/",
                },
            }
        ],
        "to": "now",
        "type": "query",
    }
    assert [diagnostic.code for diagnostic in diagnostics] == [
        "technique-unplaced",
        "metadata-left-out",
    ]
    assert isinstance(_read_one(text, "rule.ndjson"), QueryRule)


def test_an_eql_rule_reads_the_indices_of_the_rule() -> None:
    text, _ = kibana.write(
        PLAIN_SIGMA, replace(_rendered("eql", "any where a == 1"), pack=_pack_of(PLAIN_SIGMA))
    )
    rule = json.loads(text)
    assert (rule["type"], rule["language"], rule["query"]) == ("eql", "eql", "any where a == 1")
    assert rule["index"] == ["logs-azure.signinlogs-*"]


def test_a_rule_without_an_id_gets_the_same_one_for_the_same_title() -> None:
    sigma = PLAIN_SIGMA.replace("id: 8f3d1f6e-8f0b-4c40-9c0a-0d8a2f0f7a11\n", "")
    written = [kibana.write(sigma, _rendered("kuery", query)) for query in ("a: b", "a: c")]
    other, _ = kibana.write(sigma.replace("Odd", "Else"), _rendered("kuery", "a: b"))
    first, second, third = (
        json.loads(text)["rule_id"] for text in (*(text for text, _ in written), other)
    )
    assert first == second != third
    assert "id-made" in [diagnostic.code for diagnostic in written[0][1]]
    assert isinstance(_read_one(written[0][0], "rule.ndjson"), QueryRule)


def test_guesses_about_a_rule_written_in_sigma_are_reported() -> None:
    sigma = PLAIN_SIGMA.replace("level: high", "level: informational").replace("azure", "other")
    sigma = sigma.replace("date: 2026-03-02\n", "")
    text, diagnostics = detection_rules.write(sigma, _rendered("kuery", "a: b"))
    rule = tomllib.loads(text)["rule"]
    assert (rule["severity"], rule["risk_score"], rule["index"]) == ("low", 21, ["logs-*"])
    assert [diagnostic.code for diagnostic in diagnostics] == [
        "severity-assumed",
        "technique-unplaced",
        "index-assumed",
        "date-missing",
    ]


def test_what_acts_on_the_alerts_of_the_elastic_rule_is_reported() -> None:
    rule = _sample()
    extra = {
        "rule.exceptions_list": [{"id": "x", "list_id": "x", "type": "detection"}],
        "rule.alert_suppression": {"group_by": ["user.name"]},
        "rule.filters": [{"meta": {"negate": True}, "query": {"exists": {"field": "a"}}}],
    }
    rule = replace(rule, header=replace(rule.header, extra=MappingProxyType(extra)))
    text, diagnostics = kibana.write(*_as_rendered(rule))
    written = json.loads(text)
    assert "filters" not in written
    assert written["alert_suppression"] == {"group_by": ["user.name"]}
    assert [diagnostic.code for diagnostic in diagnostics] == [
        "exceptions-list",
        "alert-suppression",
        "filters-in-query",
        "metadata-left-out",
    ]


@pytest.mark.parametrize("language", ["lucene", "esql"])
def test_only_kuery_has_a_rule_file(language: str) -> None:
    with pytest.raises(Unsupported, match="use the format kibana-ndjson"):
        detection_rules.write(PLAIN_SIGMA, _rendered(language, "a: b"))


def test_kibana_has_no_rules_in_kusto() -> None:
    with pytest.raises(Unsupported, match="use kuery, lucene, esql or eql"):
        kibana.write(PLAIN_SIGMA, _rendered("kusto", "Events"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "quotes \" and \\ and '",
        "two\nlines\n",
        "\nleading break",
        "ends in a quote'\nreally'",
        "three ''' quotes\n",
        'three """ quotes\n',
        "tab\tand\nmore\ttabs",
        "return\r\nand\x00 control\x7f",
        "C:\\Windows\\temp\nC:\\new",
        "ünïcode \u2028 \U0001f600\n",
        '"""',
        "'''",
    ],
)
def test_any_text_survives_toml(text: str) -> None:
    table: dict[str, object] = {"a": text, "list": [text, "x" * 120], "tables": [{"c": text}]}
    table |= {"nested": {"b": text}, "inline": [[{"d": text, "e": [text]}]]}
    assert tomllib.loads(toml_text({"table": table})) == {"table": table}


def test_any_value_survives_toml() -> None:
    table = {"bool": True, "no": False, "int": -3, "float": 0.5, "empty": [], "odd key.x": {"": 1}}
    assert tomllib.loads(toml_text({"table": table})) == {"table": table}
    assert tomllib.loads(toml_text({"table": {"none": None, "x": [{"none": None}]}})) == {
        "table": {"x": [{}]}
    }


def test_toml_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(Unsupported, match="outside of a table"):
        toml_text({"key": 1})
    with pytest.raises(Unsupported, match="a value of type NoneType"):
        toml_text({"table": {"list": [None]}})
