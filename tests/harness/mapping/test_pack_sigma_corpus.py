"""Every SigmaHQ rule of a cloud source, in Sentinel's tables: all render but those named, and the binder."""

from __future__ import annotations

from functools import cache

import pytest
import yaml

from converter.port import ImportOptions, read_rules
from tests.corpus import shared
from tests.harness.mapping.test_pack_corpus import Port, port_of
from tests.oracles.kusto.binder import bind

PRODUCTS = ("aws", "gcp", "github", "kubernetes", "m365", "okta")
STOPPED = {
    "kubernetes_audit_potential_enumeration_activity.yml": "of which no value satisfies 'ALLOW'",
}
"""Rules without a counterpart, and why: the response code is a number, and the rule compares a word."""
_FOLDERS = ("rules", "rules-emerging-threats", "rules-threat-hunting", "rules-compliance")


@cache
def ports(product: str) -> tuple[Port, ...]:
    found = []
    for folder in _FOLDERS:
        for path in sorted(shared(f"corpus/sigma-rules/{folder}").rglob("*.yml")):
            text = path.read_text(encoding="utf-8")
            if f"product: {product}" in text and _is_of(text, product):
                rules = read_rules(text, str(path), ImportOptions())
                found += [port_of(path.name, rule) for rule in rules]
    return tuple(found)


def _is_of(text: str, product: str) -> bool:
    sources = [one.get("logsource", {}) for one in yaml.safe_load_all(text)]
    # Google Workspace reports are a log source of their own.
    return any(
        source.get("product") == product
        and not str(source.get("service")).startswith("google_workspace")
        for source in sources
    )


@pytest.mark.parametrize("product", PRODUCTS)
def test_rules_render_unless_it_is_known_why_not(product: str) -> None:
    assert len(ports(product)) > 10
    refused = {port.name: port.refusal for port in ports(product) if not port.text}
    assert set(refused) == {name for name in STOPPED if name.startswith(product)}
    assert all(STOPPED[name] in refusal for name, refusal in refused.items())


@pytest.mark.parametrize("product", PRODUCTS)
def test_every_text_passes_microsofts_binder_on_the_real_schema(product: str) -> None:
    rendered = [port for port in ports(product) if port.text]
    answers = bind([(port.text, port.tables) for port in rendered])
    found = zip(rendered, answers, strict=True)
    assert {port.name: answer.findings for port, answer in found if answer.findings} == {}
