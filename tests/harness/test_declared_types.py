"""What queries find under the types of a schema file, in every language that reads them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

import pytest
import yaml

from converter.errors import Unsupported
from converter.ir import ALWAYS, Filter, Predicate, Schema
from converter.languages import eql, kuery, lucene, sigma
from converter.mapping import ecs_schema
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from converter.render import RenderedQuery, render
from converter.schema_files import read_schema_files
from harness.conversion import reads_analysed_text
from harness.engines.eql.computing import with_computed_fields
from harness.engines.esql.source import EventSource
from harness.engines.esql.table import tabulate
from harness.engines.job import RefusedText
from harness.engines.predicate import evaluate
from harness.events.event import Dataset, Document, Event
from harness.runner import Options, verify
from harness.verdict import RuleResult, Status
from sigma.sigmaproof.loader import load_documents
from tests.corpus import shared


class Case(TypedDict):
    """A schema and documents; what queries find in them is asked one by one."""

    title: str
    schema: str
    documents: list[Document]


CASES = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "cases" / "schema_meaning.yml").read_text("utf-8")
)["cases"]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANALYSED = ("powershell.file.script_block_text", "message")
RULE = """
[metadata]
creation_date = "2026/01/01"
maturity = "production"
updated_date = "2026/01/01"
[rule]
author = ["Author"]
description = "A rule."
index = ["logs-*"]
language = "kuery"
license = "Elastic License v2"
name = "A rule"
risk_score = 21
rule_id = "5d3b1c5e-30ab-4b24-a6d8-4a6d2f6d7a11"
severity = "low"
type = "query"
query = '''QUERY'''
"""


def asked(key: str) -> list[object]:
    return [
        pytest.param(case, query, wanted, id=f"{case['title']}: {query}")
        for case in CASES
        for query, wanted in case.get(key, {}).items()
    ]


def schema_of(text: str) -> Schema:
    return ecs_schema(None, read_schema_files({"schema": text}))


@pytest.mark.parametrize(("case", "query", "wanted"), asked("matches"))
def test_a_query_finds_what_the_schema_says(case: Case, query: str, wanted: list[int]) -> None:
    assert found(case, query) == wanted


@pytest.mark.parametrize(("case", "query", "reason"), asked("refused"))
def test_a_query_is_refused_for_what_the_schema_says(case: Case, query: str, reason: str) -> None:
    with pytest.raises((Unsupported, RefusedText)) as caught:
        found(case, query)
    assert reason in str(caught.value)


def found(case: Case, query: str) -> list[int]:
    language, _, text = query.partition(" ")
    schema = schema_of(case["schema"])
    return [
        number
        for number, document in enumerate(case["documents"], 1)
        if holds(language, text, schema, document)
    ]


def holds(language: str, text: str, schema: Schema, document: Document) -> bool:
    event = Event("1", NOW, NOW, document)
    match language:
        case "kuery":
            return evaluate(kuery.lower(kuery.parse(text), schema), document) is True
        case "lucene":
            return evaluate(lucene.lower(lucene.parse(text), schema), document) is True
        case "eql":
            lowered = eql.lower_with_scripts(eql.parse(text), schema)
            computed = with_computed_fields(event, lowered.computed, schema)
            return evaluate(lowered.predicate, computed.document) is True
        case "esql":
            source = EventSource(Dataset((event,), schema))
            return len(tabulate(f"FROM a | WHERE {text}", source, NOW).rows) == 1
        case _:
            return evaluate(sigma_predicate(text, schema), document) is True


def sigma_predicate(text: str, schema: Schema) -> Predicate:
    field, _, value = text.partition("=")
    rule = {
        "title": "A rule",
        "logsource": {"category": "test"},
        "detection": {
            "selection": {field: int(value) if value.isdigit() else value},
            "condition": "selection",
        },
    }
    plan = sigma.lower(load_documents(yaml.safe_dump(rule), "rule.yml"), {}, ALWAYS, schema)
    assert isinstance(plan, Filter)
    return plan.predicate


def declared(**types: str) -> ImportOptions:
    properties = {name: {"type": kind} for name, kind in types.items()}
    return ImportOptions(
        declared=read_schema_files({"m.json": json.dumps({"properties": properties})})
    )


def ported(query: str, options: ImportOptions) -> PortableRule:
    (rule,) = read_rules(RULE.replace("QUERY", query), "rule.toml", options)
    return rule


def status_of(rule: PortableRule) -> tuple[Status, list[str]]:
    results = [one for one in verify((rule,), (), (), Options()) if isinstance(one, RuleResult)]
    (result,) = results
    return result.status, [one.code for one in result.diagnostics]


def test_a_keyword_rule_is_approximate_where_the_schema_says_text() -> None:
    query = 'process.name:"cmd.exe"'
    status, codes = status_of(ported(query, ImportOptions()))
    assert (status, "analysed-text" in codes) == (Status.LOSSLESS, False)
    status, codes = status_of(ported(query, declared(**{"process.name": "text"})))
    assert status is Status.APPROXIMATE
    assert {"analysed-text", "declared-type"} <= set(codes)


@pytest.mark.parametrize("field", ANALYSED)
def test_a_text_rule_is_lossless_where_the_schema_says_keyword(field: str) -> None:
    query = f'{field}:"Invoke Mimikatz"'
    assert status_of(ported(query, ImportOptions()))[0] is Status.APPROXIMATE
    status, codes = status_of(ported(query, declared(**{field: "keyword"})))
    assert (status, "analysed-text" in codes) == (Status.LOSSLESS, False)


def test_the_rules_of_the_corpus_on_analysed_text_are_those_that_a_schema_makes_lossless() -> None:
    tested = re.compile(r"\b(?:message|powershell\.file\.script_block_text)\s*:")
    options = declared(**dict.fromkeys(ANALYSED, "keyword"))
    analysed: list[PortableRule] = []
    for path in sorted(shared("corpus/elastic").rglob("*.toml")):
        text = path.read_text(encoding="utf-8")
        if 'language = "kuery"' not in text or not tested.search(text):
            continue
        (rule,) = read_rules(text, str(path), ImportOptions())
        if any(one.code == "analysed-text" for one in rule.diagnostics):
            analysed += read_rules(text, str(path), options)
    assert len(analysed) == 35
    assert not [rule.path for rule in analysed if reads_analysed_text(rule.plan)]
    for rule in analysed[::9]:
        assert status_of(rule)[0] is Status.LOSSLESS, rule.path


def test_a_field_that_is_declared_single_valued_can_be_matched_in_esql() -> None:
    query = "process.args_text:*secret*"
    for normalize, is_said in (("[array]", False), ("[]", True)):
        text = f"process.args_text: {{flat_name: process.args_text, type: keyword, normalize: {normalize}}}"
        options = ImportOptions(declared=read_schema_files({"ecs_flat.yml": text}))
        rule = ported(query, options)
        rendered = rendered_text(rule, "esql")
        assert ("MV_" not in rendered) is is_said, rendered


def test_a_column_of_a_table_with_ecs_names_has_the_declared_type() -> None:
    rule = ported("custom.count > 5", declared(**{"custom.count": "integer"}))
    assert "['custom.count'] > 5" in rendered_text(rule, "kusto-ecs")
    assert "assumed-type" not in {one.code for one in rule.diagnostics}


def test_a_pattern_on_a_field_in_lower_case_is_refused_by_the_backends() -> None:
    text = '{"properties": {"user.name": {"type": "keyword", "normalizer": "lowercase"}}}'
    options = ImportOptions(declared=read_schema_files({"m.json": text}))
    rule = ported("user.name:root", options)
    for target in ("kuery", "lucene", "eql", "esql"):
        with pytest.raises(Unsupported, match="a normalizer changes its values"):
            rendered_text(rule, target)


def test_the_type_of_a_key_of_a_flattened_field_is_known() -> None:
    rule = ported('labels_of.team:"Blue"', declared(labels_of="flattened"))
    for target in ("kuery", "lucene"):
        rendered = rendered_for(rule, target)
        assert "labels_of.team" in rendered.text
        assert "assumed-type" not in {one.code for one in rendered.diagnostics}
    with pytest.raises(Unsupported, match="has the type flattened"):
        rendered_for(rule, "esql")


def rendered_text(rule: PortableRule, target: str) -> str:
    return rendered_for(rule, target).text


def rendered_for(rule: PortableRule, target: str) -> RenderedQuery:
    return render(
        rule.documents,
        rule.path,
        target_named(target),
        rule.pack,
        declared=rule.options.declared,
    )
