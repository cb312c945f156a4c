"""Rules on Windows in Sentinel's tables: a sample of SigmaHQ's, all of Elastic's in kuery, and the binder.

Both in the tables of the pack's own choice, and where data are the XML text of an agent.
"""

from __future__ import annotations

import tomllib
from functools import cache

import pytest
from sigma.pipelines.azuremonitor.tables import AZURE_MONITOR_TABLES

from converter.errors import Unsupported
from converter.placement import placed, render_placed
from converter.port import ImportOptions, read_rules
from converter.registry import target_named
from tests.corpus import shared
from tests.oracles.kusto.binder import bind

SENTINEL = target_named("sentinel")
STEP = 25
"""Every so many rules of SigmaHQ; 2,737 of all 2,774 render, and the others name the reason."""
ELASTIC = 45
ELASTIC_RENDERED = 39
ELASTIC_IN_XML = 29
"""Others ask for the account under which an event was written, which the table lacks too."""
REASONS = (
    "cannot be read from table",
    "no mapping pack covers",
    "names no table of",
    "none has white space",
    "placeholder",
)
TABLES = {
    name: {column: str(entry["data_type"]) for column, entry in AZURE_MONITOR_TABLES[name].items()}
    for name in ("Event", "SecurityEvent", "WindowsEvent")
}
OF_AGENTS = ("Event",)


def outcome(text: str, path: str, tables: tuple[str, ...]) -> tuple[str, str]:
    """Return the text that a rule is rendered to, or why it is not."""
    try:
        (rule,) = read_rules(text, path, ImportOptions(tables=tables))
        return render_placed(placed(rule, SENTINEL), SENTINEL).text, ""
    except Unsupported as error:
        return "", str(error)


@cache
def of_sigma(*tables: str) -> dict[str, tuple[str, str]]:
    found = [
        (path, text)
        for path in sorted(shared("corpus/sigma-rules").rglob("*.yml"))
        if "product: windows" in (text := path.read_text(encoding="utf-8"))
    ]
    return {path.name: outcome(text, str(path), tables) for path, text in found[::STEP]}


@cache
def of_elastic(*tables: str) -> dict[str, tuple[str, str]]:
    found = {}
    for path in sorted(shared("corpus/elastic/rules").rglob("*.toml")):
        text = path.read_text(encoding="utf-8")
        if 'language = "kuery"' not in text:
            continue
        rule = tomllib.loads(text)
        sources = rule["metadata"].get("integration", [])
        is_windows = not {"windows", "system"}.isdisjoint(sources)
        if is_windows and "Windows" in " ".join(rule["rule"].get("tags", [])):
            found[path.name] = outcome(text, str(path), tables)
    return found


def test_rules_render_or_name_the_reason() -> None:
    assert len(of_sigma()) > 100
    refused = {name: why for name, (text, why) in of_sigma().items() if not text}
    assert len(refused) <= 3
    assert [why for why in refused.values() if not any(one in why for one in REASONS)] == []


def test_elastic_rules_render_or_name_the_field_that_stops_them() -> None:
    assert len(of_elastic()) == ELASTIC
    refused = {name: why for name, (text, why) in of_elastic().items() if not text}
    assert len(of_elastic()) - len(refused) >= ELASTIC_RENDERED, refused
    assert [why for why in refused.values() if not any(one in why for one in REASONS)] == []


def test_rules_render_for_data_in_xml_or_name_the_reason() -> None:
    refused = {name: why for name, (text, why) in of_sigma(*OF_AGENTS).items() if not text}
    assert len(refused) <= 5
    assert [why for why in refused.values() if not any(one in why for one in REASONS)] == []
    kept = [text for text, _ in of_elastic(*OF_AGENTS).values() if text]
    assert len(kept) >= ELASTIC_IN_XML


@pytest.mark.parametrize("tables", [(), OF_AGENTS], ids=["the pack's choice", "data in XML"])
def test_every_text_passes_microsofts_binder_on_the_real_schema(tables: tuple[str, ...]) -> None:
    every = {**of_sigma(*tables), **of_elastic(*tables)}
    texts = {name: text for name, (text, _) in every.items() if text}
    answers = bind([(text, TABLES) for text in texts.values()])
    found = zip(texts, answers, strict=True)
    assert {name: answer.findings for name, answer in found if answer.findings} == {}
