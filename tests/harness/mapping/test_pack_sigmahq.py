"""SigmaHQ's rules of cloud log sources, in Sentinel's tables: how many render, what stops the others, and the binder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pytest
import yaml

from converter.errors import ConversionError, Unsupported
from converter.placement import placed, render_placed
from converter.port import ImportOptions, read_rules
from converter.registry import target_named
from tests.corpus import shared
from tests.harness.mapping.test_pack_corpus import Schema, schema_of
from tests.oracles.kusto.binder import bind

AT_LEAST = {
    ("azure", "activitylogs"): 35,
    ("azure", "auditlogs"): 37,
    ("azure", "riskdetection"): 19,
    ("azure", "signinlogs"): 14,
    ("gcp", "google_workspace.admin"): 7,
    ("gcp", "google_workspace.login"): 3,
}
"""Rules of a log source that have a counterpart in Sentinel."""

_REASONS = ("cannot be read from table", "field Status is never", "placeholder %")


@dataclass(frozen=True)
class Port:
    name: str
    text: str
    tables: Schema
    refusal: str = ""


@cache
def texts() -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Return the name and text of every rule, by log source."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {key: [] for key in AT_LEAST}
    for path in sorted(shared("corpus/sigma-rules").rglob("*.yml")):
        text = path.read_text(encoding="utf-8")
        if not any(f"service: {service}" in text for _, service in AT_LEAST):
            continue
        section = next(iter(yaml.safe_load_all(text)))["logsource"]
        key = section.get("product"), section.get("service")
        if key in found:
            found[key].append((path.name, text))
    return found


@cache
def ports(source: tuple[str, str]) -> tuple[Port, ...]:
    return tuple(_port(name, text) for name, text in texts()[source])


def _port(name: str, text: str) -> Port:
    target = target_named("sentinel")
    try:
        (rule,) = read_rules(text, name, ImportOptions())
        there = placed(rule, target)
        rendered = render_placed(there, target)
    except (ConversionError, Unsupported) as error:
        return Port(name, "", {}, str(error))
    assert there.rule.pack is not None
    return Port(name, rendered.text, schema_of(there.rule.pack))


@pytest.mark.parametrize("source", AT_LEAST, ids=" ".join)
def test_rules_with_counterparts_render(source: tuple[str, str]) -> None:
    rendered = [port for port in ports(source) if port.text]
    refused = {port.name: port.refusal for port in ports(source) if not port.text}
    assert len(rendered) >= AT_LEAST[source], refused


@pytest.mark.parametrize("source", AT_LEAST, ids=" ".join)
def test_a_rule_that_does_not_render_names_what_stops_it(source: tuple[str, str]) -> None:
    other = {
        port.name: port.refusal
        for port in ports(source)
        if port.refusal and not any(reason in port.refusal for reason in _REASONS)
    }
    assert other == {}


@pytest.mark.parametrize("source", AT_LEAST, ids=" ".join)
def test_every_text_passes_microsofts_binder_on_the_real_schema(source: tuple[str, str]) -> None:
    rendered = [port for port in ports(source) if port.text]
    answers = bind([(port.text, port.tables) for port in rendered])
    found = zip(rendered, answers, strict=True)
    assert {port.name: answer.findings for port, answer in found if answer.findings} == {}
