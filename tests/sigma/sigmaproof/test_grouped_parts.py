"""Groups, terms and counted values of fields that documents keep in several parts: the loss is said."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from sigma.processing.pipeline import ProcessingPipeline

from converter.placement import placed, render_placed
from converter.port import ImportOptions, read_rules
from converter.registry import target_named
from sigma.pipelines.endpoint import endpoint_ecs, endpoint_xdr
from sigma.pipelines.windows import windows_ecs, windows_sentinel
from sigma.sigmaproof.loader import load_documents
from sigma.sigmaproof.tables import NOTES

DOMAIN = (
    "User: documents keep it in parts, of which user.name alone makes groups and counted values: values that"
    " differ in user.domain alone count as one, and events without user.name are left out;"
    " name the parts themselves to tell such values apart"
)
HASHES = (
    "Hashes: documents keep it in parts, of which process.hash.sha256 alone makes groups and counted values:"
    " values that differ in process.hash.md5, process.hash.sha1 or process.pe.imphash alone count as one,"
    " and events without process.hash.sha256 are left out;"
    " name the parts themselves to tell such values apart"
)
COUNT: dict[str, Any] = {"type": "event_count", "timespan": "10m", "condition": {"gte": 2}}
BY_USER = {**COUNT, "group-by": ["User"]}
SECTIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "group": (BY_USER, [DOMAIN]),
    "alias": ({**COUNT, "group-by": ["who"], "aliases": {"who": {"a": "User"}}}, [DOMAIN]),
    "counted": (
        {
            **COUNT,
            "type": "value_count",
            "group-by": ["Computer"],
            "condition": {"gte": 2, "field": "User"},
        },
        [DOMAIN],
    ),
    "term": ({"type": "new_terms", "group-by": ["User", "Image"], "timespan": "10d"}, [DOMAIN]),
    "hashes": ({**COUNT, "group-by": ["Hashes"]}, [HASHES]),
    "a field that is kept whole": ({**COUNT, "group-by": ["Image"]}, []),
}


def _documents(section: dict[str, Any]) -> str:
    base = {
        "title": "a",
        "name": "a",
        "logsource": {"product": "windows", "category": "process_creation"},
        "detection": {"sel": {"Image|endswith": r"\a.exe"}, "condition": "sel"},
    }
    return yaml.safe_dump_all([base, {"title": "Main", "correlation": {"rules": ["a"], **section}}])


@pytest.mark.parametrize(("section", "expected"), SECTIONS.values(), ids=SECTIONS)
def test_a_rule_says_so_whatever_its_target(section: dict[str, Any], expected: list[str]) -> None:
    (rule,) = read_rules(_documents(section), "rule.yml", ImportOptions())
    assert [one.message for one in rule.diagnostics if one.code == "mapping-loss"] == expected


@pytest.mark.parametrize(("section", "expected"), SECTIONS.values(), ids=SECTIONS)
def test_a_text_for_defender_says_so(section: dict[str, Any], expected: list[str]) -> None:
    target = target_named("xdr")
    (rule,) = read_rules(_documents(section), "rule.yml", ImportOptions())
    text = render_placed(placed(rule, target), target).text
    header = " ".join(line.removeprefix("//").strip() for line in text.splitlines())
    assert [one for one in (DOMAIN, HASHES) if f"- mapping-loss: {one}" in header] == expected


@pytest.mark.parametrize(
    ("pipeline", "expected"),
    [
        (endpoint_ecs(), [DOMAIN]),
        (endpoint_xdr(), [DOMAIN]),
        (windows_ecs(), [DOMAIN]),
        (windows_sentinel(), []),
    ],
)
def test_a_pipeline_notes_it_where_the_rows_hold_parts(
    pipeline: ProcessingPipeline, expected: list[str]
) -> None:
    loaded = load_documents(_documents(BY_USER), "rule.yml")
    pipeline.apply(loaded.main_rules[-1])
    found = [message for _, message in pipeline.state[NOTES] if "in parts" in message]
    assert found == expected


def test_parts_that_are_named_tell_accounts_apart_on_defender() -> None:
    target = target_named("xdr")
    section = {**COUNT, "group-by": ["user.domain", "user.name"]}
    (rule,) = read_rules(_documents(section), "rule.yml", ImportOptions())
    text = render_placed(placed(rule, target), target).text
    assert "['user.domain'] = AccountDomain, ['user.name'] = AccountName" in text
    assert "in parts" not in text
