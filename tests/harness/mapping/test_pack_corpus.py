"""Every kuery rule of a cloud source, in Sentinel's tables: how many render, what stops the others, and the binder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pytest
from sigma.pipelines.azuremonitor.tables import AZURE_MONITOR_TABLES

from converter.errors import ConversionError, Unsupported
from converter.mapping import MappingPack
from converter.placement import placed, render_placed
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from tests.corpus import shared
from tests.oracles.kusto.binder import bind

Schema = dict[str, dict[str, str]]

AT_LEAST = {
    "aws": 107,
    "azure": 76,
    "gcp": 52,
    "github": 4,
    "google_workspace": 15,
    "kubernetes": 23,
    "o365": 27,
    "okta": 26,
}
"""Rules of a source that have a counterpart in Sentinel."""

_REASONS = (
    "cannot be read from table",
    "no row of",
    "no mapping pack covers",
    "has no entry in the mapping pack for table",
    "is not in the value table",
    "no column tells its other values",
    "cannot be compared with the addresses of the array",
)


@dataclass(frozen=True)
class Port:
    name: str
    text: str
    tables: Schema
    refusal: str = ""


@cache
def ports(source: str) -> tuple[Port, ...]:
    found = []
    folder = shared(f"corpus/elastic/rules/integrations/{source}")
    for path in sorted(folder.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        if 'language = "kuery"' not in text:
            continue
        try:
            rules = read_rules(text, str(path), ImportOptions())
        except ConversionError:
            continue  # no Sigma rule, which has nothing to do with tables
        found += [port_of(path.name, rule) for rule in rules]
    return tuple(found)


def port_of(name: str, rule: PortableRule) -> Port:
    try:
        there = placed(rule, target_named("sentinel"))
        rendered = render_placed(there, target_named("sentinel"))
    except Unsupported as error:
        return Port(name, "", {}, str(error))
    assert there.rule.pack is not None
    return Port(name, rendered.text, schema_of(there.rule.pack))


def schema_of(pack: MappingPack) -> Schema:
    """Return the real columns of a pack's tables, with those that are newer than the schema."""
    schema: Schema = {}
    for table in pack.tables:
        known = AZURE_MONITOR_TABLES.get(table.name, {})
        columns = {column: _type(str(entry["data_type"])) for column, entry in known.items()}
        schema[table.name] = columns | {column: table.types[column] for column in table.newer}
    return schema


def _type(name: str) -> str:
    """Return the type as Kusto writes it; the schema has names of .NET for some tables."""
    return {"bigint": "long", "double": "real"}.get(name.lower(), name.lower())


@pytest.mark.parametrize("source", AT_LEAST)
def test_rules_with_counterparts_render(source: str) -> None:
    rendered = [port for port in ports(source) if port.text]
    refused = {port.name: port.refusal for port in ports(source) if not port.text}
    assert len(rendered) >= AT_LEAST[source], refused


@pytest.mark.parametrize("source", AT_LEAST)
def test_a_rule_that_does_not_render_names_the_field_that_stops_it(source: str) -> None:
    other = {
        port.name: port.refusal
        for port in ports(source)
        if port.refusal and not any(reason in port.refusal for reason in _REASONS)
    }
    assert other == {}


@pytest.mark.parametrize("source", AT_LEAST)
def test_every_text_passes_microsofts_binder_on_the_real_schema(source: str) -> None:
    rendered = [port for port in ports(source) if port.text]
    answers = bind([(port.text, port.tables) for port in rendered])
    found = zip(rendered, answers, strict=True)
    assert {port.name: answer.findings for port, answer in found if answer.findings} == {}
