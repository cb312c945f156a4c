from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from sigma.collection import SigmaCollection
from sigma.types import SigmaString, SpecialChars

from converter.elastic import NewTermsRule, QueryRule, RuleHeader, Technique, Threat, read_rules
from converter.elastic.rule import ElasticRule
from converter.errors import Unsupported
from converter.importers import import_rule
from converter.importers.shapes import common_affix, shape_of, sigma_text
from converter.importers.yaml_text import yaml_text
from converter.ir import Schedule, Wildcard
from sigma.sigmaproof.loader import load_documents
from sigma.sigmaproof.new_terms import new_terms_of
from sigma.sigmaproof.portable import to_portable
from tests.corpus import shared

SAMPLE = Path(__file__).parents[3] / "samples" / "rules" / "entra_id_unusual_client.toml"


def _sample() -> NewTermsRule:
    (rule,) = read_rules(SAMPLE.read_text("utf-8"), SAMPLE.name)
    assert isinstance(rule, NewTermsRule)
    return rule


def _query_rule(**header: object) -> QueryRule:
    given: dict[str, object] = {
        "path": "rule.toml",
        "id": "8f3d1f6e-8f0b-4c40-9c0a-0d8a2f0f7a11",
        "name": "Sample",
        "description": "A sample",
        "severity": "high",
        "risk_score": 73,
    }
    # The keys are those of RuleHeader; a wrong type of one fails in the test that passes it.
    built = RuleHeader(**(given | header))  # type: ignore[arg-type]
    return QueryRule(built, ("logs-*",), "kuery", "process.name: a", 1, Schedule())


def _document(rule: ElasticRule) -> dict[str, object]:
    return dict(import_rule(rule).documents[-1])


def test_the_sample_becomes_a_base_rule_and_a_correlation() -> None:
    base, correlation = import_rule(_sample()).documents
    assert base["name"] == "entra_id_user_sign_in_with_unusual_client_base"
    assert base["logsource"] == {"product": "azure", "service": "signinlogs"}
    assert base["license"] == correlation["license"] == "Elastic License v2"
    assert correlation["id"] == "c766bc56-fdca-11ef-b194-f661ea17fbcd"
    assert correlation["correlation"] == {
        "type": "new_terms",
        "rules": ["entra_id_user_sign_in_with_unusual_client_base"],
        "group-by": ["UserPrincipalName", "AppId"],
        "timespan": "14d",
        "lookback": "9m",
        "interval": "5m",
        "timestamp": "event.ingested",
    }


def test_the_sample_has_the_detection_of_its_facts() -> None:
    detection = import_rule(_sample()).documents[0]["detection"]
    assert isinstance(detection, dict)
    assert detection["selection"] == {
        "event.category|cased": "authentication",
        "IsInteractive": False,
        "UserType|cased": "Member",
    }
    assert detection["filter_client_app_used"] == {"ClientAppUsed|cased": "Browser"}
    assert len(detection["filter_app_id"]["AppId|cased"]) == 28
    assert detection["condition"] == "selection and not 1 of filter_*"


def test_the_sample_loads_with_the_extension_and_as_a_portable_rule() -> None:
    conversion = import_rule(_sample())
    portable = yaml_text(to_portable(conversion.documents))
    for text in (conversion.yaml, portable):
        (main,) = load_documents(text, "rule.yml").main_rules
        spec = new_terms_of(main)  # type: ignore[arg-type] # the main rule is a correlation
        assert spec is not None
        assert spec.fields == ("UserPrincipalName", "AppId")
        assert (spec.history.days, spec.lookback.seconds) == (14, 540)
    assert len(SigmaCollection.from_yaml(portable).rules) == 2


def test_the_yaml_loads_again_equal_and_is_the_same_every_time() -> None:
    conversion = import_rule(_sample())
    assert tuple(yaml.safe_load_all(conversion.yaml)) == conversion.documents
    assert import_rule(_sample()).yaml == conversion.yaml


def test_metadata_goes_where_sigma_has_a_place_for_it() -> None:
    threat = Threat(
        "MITRE ATT&CK",
        "TA0011",
        "Command and Control",
        (Technique("T1071", "Application Layer Protocol", (Technique("T1071.004", "DNS"),)),),
    )
    document = _document(
        _query_rule(
            license="Elastic License v2",
            author=("Elastic", "Somebody"),
            references=("https://example.org",),
            false_positives=("  Wrapped\n    text. ",),
            threats=(threat, replace(threat, framework="Another")),
            investigation_fields=("source.ip",),
            creation_date="2025-03-10",
            updated_date="2025-12-15",
            maturity="production",
            description="\n  One line.\n",
        )
    )
    attribute = document.pop("elastic")
    assert document == {
        "title": "Sample",
        "id": "8f3d1f6e-8f0b-4c40-9c0a-0d8a2f0f7a11",
        "taxonomy": "ecs",
        "status": "stable",
        "description": "One line.",
        "license": "Elastic License v2",
        "references": ["https://example.org"],
        "author": "Elastic, Somebody",
        "date": date(2025, 3, 10),
        "modified": date(2025, 12, 15),
        "tags": ["attack.command-and-control", "attack.t1071", "attack.t1071.004"],
        "logsource": {"product": "elastic"},
        "detection": {"selection": {"process.name|cased": "a"}, "condition": "selection"},
        "fields": ["source.ip"],
        "falsepositives": ["Wrapped text."],
        "level": "high",
    }
    assert isinstance(attribute, dict)
    assert [entry["framework"] for entry in attribute["rule"]["threat"]] == [
        "MITRE ATT&CK",
        "Another",
    ]


def test_what_sigma_has_no_place_for_is_kept_under_one_attribute() -> None:
    extra = {"rule.note": "x", "metadata.integration": ["azure"], "transform.osquery": [1]}
    rule = _query_rule(extra=extra, tags=("Domain: Cloud",), max_signals=33)
    schedule = Schedule(timestamp="event.ingested", has_fallback=False)
    assert _document(replace(rule, schedule=schedule))["elastic"] == {
        "metadata": {"integration": ["azure"]},
        "rule": {
            "index": ["logs-*"],
            "language": "kuery",
            "interval": "5m",
            "from": "now-6m",
            "timestamp_override": "event.ingested",
            "timestamp_override_fallback_disabled": True,
            "risk_score": 73,
            "max_signals": 33,
            "tags": ["Domain: Cloud"],
            "note": "x",
        },
        "transform": {"osquery": [1]},
    }


@pytest.mark.parametrize(
    ("maturity", "status", "kept"),
    [
        ("production", "stable", None),
        ("beta", "test", None),
        ("experimental", "experimental", None),
        ("development", "experimental", "development"),
        ("deprecated", "deprecated", None),
        ("unheard of", None, "unheard of"),
        ("", None, None),
    ],
)
def test_maturity_becomes_status(maturity: str, status: str | None, kept: str | None) -> None:
    document = _document(_query_rule(maturity=maturity))
    attribute = document["elastic"]
    assert isinstance(attribute, dict)
    assert document.get("status") == status
    assert attribute.get("metadata", {}).get("maturity") == kept


def test_an_id_that_is_no_uuid_is_kept_beside_a_derived_one() -> None:
    conversion = import_rule(_query_rule(id="my-own-rule"))
    document = conversion.documents[0]
    attribute = document["elastic"]
    assert isinstance(attribute, dict)
    assert document["id"] == "e5f3f1bb-a855-579b-83e9-62d6a89e50c9"
    assert attribute["rule"]["rule_id"] == "my-own-rule"
    assert "id-derived" in [diagnostic.code for diagnostic in conversion.diagnostics]


def test_exception_lists_and_suppression_are_reported() -> None:
    extra = {"rule.exceptions_list": [{"id": "x"}], "rule.alert_suppression": {"group_by": ["a"]}}
    codes = [diagnostic.code for diagnostic in import_rule(_query_rule(extra=extra)).diagnostics]
    assert codes == ["log-source-unmapped", "exceptions-list", "alert-suppression"]


@pytest.mark.parametrize(
    ("query", "extra", "logsource"),
    [
        ("host.os.type: windows and process.name: a", {}, {"product": "windows"}),
        (
            "event.dataset: zoom.webhook and user.name: a",
            {},
            {"product": "zoom", "service": "webhook"},
        ),
        ("user.name: a", {"metadata.integration": ["okta"]}, {"product": "okta"}),
        ("user.name: a", {"metadata.integration": ["okta", "aws"]}, {"product": "elastic"}),
        (
            "user.name: a",
            {"rule.related_integrations": [{"package": "okta", "version": "^2.0.0"}]},
            {"product": "okta"},
        ),
    ],
)
def test_a_rule_without_a_pack_gets_a_log_source_that_describes_it(
    query: str, extra: dict[str, object], logsource: dict[str, str]
) -> None:
    rule = replace(_query_rule(extra=extra), query=query)
    assert _document(rule)["logsource"] == logsource


def test_a_rule_is_recognised_by_its_indices_alone() -> None:
    rule = replace(
        _query_rule(),
        index=("logs-azure.signinlogs-*",),
        query="azure.signinlogs.properties.app_id: x",
    )
    conversion = import_rule(rule)
    assert conversion.documents[0]["logsource"] == {"product": "azure", "service": "signinlogs"}
    assert "log-source-implied" in [diagnostic.code for diagnostic in conversion.diagnostics]


TEXTS = ["a", "\\", "\\\\", "*", "?", "\\*", "a\\", "\\a", "C:\\x", "\\\\srv\\x", "a\\?b", ""]


@pytest.mark.parametrize("first", TEXTS)
@pytest.mark.parametrize("second", TEXTS)
@pytest.mark.parametrize("wildcard", [None, Wildcard.MANY, Wildcard.ONE])
def test_a_text_is_spelled_so_that_pysigma_reads_it_back(
    first: str, second: str, wildcard: Wildcard | None
) -> None:
    shape = shape_of((first, wildcard or "", second))
    special: dict[object, Wildcard] = {
        SpecialChars.WILDCARD_MULTI: Wildcard.MANY,
        SpecialChars.WILDCARD_SINGLE: Wildcard.ONE,
    }
    read = SigmaString(sigma_text(shape)).s
    assert [part if isinstance(part, str) else special[part] for part in read] == list(shape.parts)


def test_a_modifier_stands_for_wildcards_only_where_all_values_agree() -> None:
    many = Wildcard.MANY
    start, end, both = shape_of(("a", many)), shape_of((many, "a")), shape_of((many, "a", many))
    assert [common_affix([one]) for one in (start, end, both)] == [
        "startswith",
        "endswith",
        "contains",
    ]
    assert common_affix([start, end]) == ""
    assert common_affix([shape_of(("a", Wildcard.ONE))]) == ""
    assert [sigma_text(one, common_affix([one])) for one in (start, end, both)] == ["a"] * 3


@pytest.mark.parametrize(
    "text",
    [
        "one\ntwo\n",
        "  indented\nless",
        "trailing \nspace",
        "tab\there\n",
        "\ttab first\nx",
        "é\u2028",
    ],
)
def test_long_texts_survive_the_yaml(text: str) -> None:
    document = {"title": "x", "elastic": {"rule": {"note": text, "list": [text, {"a": [text]}]}}}
    assert yaml.safe_load(yaml_text([document])) == document


def test_every_rule_of_the_corpus_loads_as_sigma_and_loses_nothing() -> None:
    for path in sorted(shared("corpus/elastic/rules/integrations/azure").glob("*.toml")):
        try:
            (rule,) = read_rules(path.read_text("utf-8"), path.name)
            conversion = import_rule(rule)
        except Unsupported:
            continue
        assert tuple(yaml.safe_load_all(conversion.yaml)) == conversion.documents
        load_documents(conversion.yaml, path.name)
