"""Every rule of the corpus that renders for Sentinel or Defender, as the files that deploy it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from sigma.pipelines.azuremonitor.tables import AZURE_MONITOR_TABLES
from sigma.pipelines.microsoftxdr.tables import MICROSOFT_XDR_TABLES

from converter import deliverables
from converter.deliverables import (
    detection_limits,
    sentinel_arm,
    sentinel_arm_file,
    sentinel_limits,
    sentinel_rule,
    xdr_detection,
)
from converter.errors import ConversionError, Unsupported
from converter.placement import placed, render_placed
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from converter.render import RenderedQuery
from tests.corpus import shared
from tests.oracles.kusto.binder import bind

SOURCES = {
    "integrations/aws": 107,
    "integrations/azure": 76,
    "integrations/gcp": 52,
    "integrations/github": 4,
    "integrations/google_workspace": 15,
    "integrations/kubernetes": 23,
    "integrations/o365": 27,
    "integrations/okta": 26,
    "windows": 30,
}
"""Least number of rules by folder that are written for Sentinel."""
OTHERS = (
    "apm",
    "cross-platform",
    "linux",
    "macos",
    "network",
)
SIGMA = {
    "rules/cloud/azure/signin_logs": "sentinel",
    "rules/cloud/m365": "sentinel",
    "rules/windows/builtin/security": "sentinel",
    "rules/windows/process_creation": "xdr",
    "rules/windows/registry/registry_set": "xdr",
}
"""Folders of public Sigma rules, and where the first ones of each are deployed."""
FOR_SENTINEL = [folder for folder, target in SIGMA.items() if target == "sentinel"]
FOR_DEFENDER = [folder for folder, target in SIGMA.items() if target == "xdr"]
FIRST = 40
TOO_LONG = "the limit is 10000"

Tables = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Files:
    """What one rule became; `refusal` where the platform has no room for it."""

    name: str
    tables: Tables
    yaml: Any = None
    arm: Any = None
    xdr: Any = None
    refusal: str = ""


@cache
def written(folder: str, target: str) -> tuple[Files, ...]:
    found: list[Files] = []
    for path in _rule_files(folder):
        text = path.read_text(encoding="utf-8")
        try:
            rules = read_rules(text, str(path), ImportOptions())
        except ConversionError:
            continue  # no Sigma rule, which has nothing to do with rule files
        for rule in rules:
            found += _files(path.name, rule, target)
    return tuple(found)


def _rule_files(folder: str) -> list[Path]:
    if folder in SIGMA:
        return sorted(shared(f"corpus/sigma-rules/{folder}").rglob("*.yml"))[:FIRST]
    return sorted(shared(f"corpus/elastic/rules/{folder}").glob("*.toml"))


def _files(name: str, rule: PortableRule, target: str) -> Iterator[Files]:
    there = target_named(target)
    output_format = "scheduled" if target == "sentinel" else "detection"
    try:
        rendered = render_placed(placed(rule, there), there, output_format)
    except Unsupported:
        return  # other tests say which rules have a counterpart
    tables = _tables(rendered, target)
    try:
        if target == "xdr":
            text, _ = xdr_detection.write(rule.documents, rendered)
            yield Files(name, tables, xdr=json.loads(text))
            return
        text, _ = sentinel_rule.write(rule.documents, rendered)
        template, _ = sentinel_arm.write(rule.documents, rendered)
    except Unsupported as error:
        yield Files(name, tables, refusal=str(error))
        return
    yield Files(name, tables, yaml=yaml.safe_load(text), arm=json.loads(template))


def _tables(rendered: RenderedQuery, target: str) -> Tables:
    """Return the real columns of the tables that a query reads."""
    assert rendered.pack is not None
    schema = AZURE_MONITOR_TABLES if target == "sentinel" else MICROSOFT_XDR_TABLES
    tables: Tables = {}
    for table in rendered.pack.tables:
        for name in (table.name, *(one.name for one in table.joined)):
            known = schema.get(name, {})
            tables[name] = {column: _type(str(one["data_type"])) for column, one in known.items()}
        tables[table.name] |= {column: table.types[column] for column in table.newer}
    return tables


def _type(spelling: str) -> str:
    """Return Kusto's name of a type that the schema's packages spell in several ways."""
    name = spelling.lower()
    return {"boolean": "bool", "bigint": "long", "double": "real"}.get(name, name)


@cache
def validator(name: str) -> Draft202012Validator:
    text = resources.files(deliverables).joinpath(name).read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def errors(name: str, value: object) -> list[str]:
    return [error.message for error in validator(name).iter_errors(value)]


def columns_of(value: object) -> Iterator[str]:
    """Yield every column that entities and details name."""
    match value:
        case {"entityMappings": entities, **rest}:
            yield from (one["columnName"] for entity in entities for one in entity["fieldMappings"])
            yield from columns_of(rest)
        case {"customDetails": details}:
            yield from details.values()
        case _:
            pass


@pytest.mark.parametrize("folder", [*SOURCES, *OTHERS, *FOR_SENTINEL])
def test_every_file_for_sentinel_is_valid(folder: str) -> None:
    files = [one for one in written(folder, "sentinel") if not one.refusal]
    assert len(files) >= SOURCES.get(folder, 0)
    for one in files:
        assert errors("sentinel_rule.schema.json", one.yaml) == [], one.name
        assert errors("sentinel_arm.schema.json", one.arm) == [], one.name
        assert sentinel_limits.problems(one.yaml) == [], one.name
        assert sentinel_arm_file.template_problems(one.arm) == [], one.name
        assert one.yaml["requiredDataConnectors"], one.name
        properties = one.arm["resources"][0]["properties"]
        assert properties["query"] == one.yaml["query"], one.name


@pytest.mark.parametrize("folder", [*SOURCES, *OTHERS, *FOR_SENTINEL])
def test_a_file_is_refused_for_its_length_alone(folder: str) -> None:
    refused = {one.name: one.refusal for one in written(folder, "sentinel") if one.refusal}
    assert [name for name, why in refused.items() if TOO_LONG not in why] == []


@pytest.mark.parametrize("folder", [*SOURCES, *OTHERS, *FOR_SENTINEL])
def test_every_query_for_sentinel_binds_and_returns_what_the_file_names(folder: str) -> None:
    files = [one for one in written(folder, "sentinel") if not one.refusal]
    answers = bind([(one.yaml["query"], one.tables) for one in files]) if files else []
    for one, answer in zip(files, answers, strict=True):
        assert answer.findings == (), one.name
        returned = {name for name, _ in answer.columns}
        assert set(columns_of(one.yaml)) <= returned, one.name


@pytest.mark.parametrize("folder", ["windows", "integrations/endpoint", *FOR_DEFENDER])
def test_every_detection_for_defender_is_valid_and_binds(folder: str) -> None:
    files = [one for one in written(folder, "xdr") if not one.refusal]
    assert len(files) >= (FIRST // 2 if folder in SIGMA else 0)
    texts = [one.xdr["queryCondition"]["queryText"] for one in files]
    tables = [one.tables for one in files]
    answers = bind(list(zip(texts, tables, strict=True))) if files else []
    for one, answer in zip(files, answers, strict=True):
        assert errors("xdr_detection.schema.json", one.xdr) == [], one.name
        assert detection_limits.problems(one.xdr) == [], one.name
        assert answer.findings == (), one.name
        alert = one.xdr["detectionAction"]["alertTemplate"]
        entities = [entity for held in alert["entityMappings"].values() for entity in held]
        named = {column for entity in entities for column in entity.values()}
        returned = {name for name, _ in answer.columns}
        assert {"Timestamp", *named, *alert.get("customDetails", {}).values()} <= returned, one.name
