"""Every kuery rule of a cloud source that Sentinel's tables refuse: what is left of it, and what a look-up gives.

Texts are asked of Microsoft's binder and executed on events made from the rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import pytest
from sigma.pipelines.azuremonitor.tables import AZURE_MONITOR_TABLES

from converter.errors import ConversionError, Unsupported
from converter.placement import placed, render_placed
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import RuleResult, TargetResult, word
from tests.corpus import shared
from tests.oracles.kusto.binder import bind

SENTINEL = target_named("sentinel")
SOURCES = ("aws", "azure", "gcp", "github", "google_workspace", "kubernetes", "o365", "okta")
OPTIONS = {
    "left out": ImportOptions(drops_unmapped=True),
    "looked up": ImportOptions(
        enrichment={
            "source.as.number": "watchlist:asn",
            "source.as.organization.name": "watchlist:asn",
            "source.geo.country_name": "geo_info",
            "source.geo.region_name": "geo_info",
        }
    ),
}
WATCHLIST = (
    "let _GetWatchlist = (name:string) { datatable(Network:string, AsNumber:string,"
    " AsOrganization:string)[] };\n"
)

PARTIAL = 23
"""Rules of which something is left, at least."""
LOOKED_UP = 17
"""Rules that look-ups make whole, at least."""
REASONS = (
    "counted by what has no counterpart",
    "nothing would remain",
    "no field of the new terms has a counterpart",
    "no row of",
)
"""Why nothing is left of a rule, or why no table can have its events."""
SOUND = ("agrees", "approximate")


@dataclass(frozen=True)
class Port:
    rule: PortableRule
    text: str
    refusal: str = ""


@cache
def refused_rules() -> tuple[PortableRule, ...]:
    return tuple(rule for source in SOURCES for rule in _refused_rules(source))


def _refused_rules(source: str) -> Iterator[PortableRule]:
    folder = shared(f"corpus/elastic/rules/integrations/{source}")
    for path in sorted(folder.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        if 'language = "kuery"' not in text:
            continue
        try:
            rules = read_rules(text, str(path), ImportOptions())
        except ConversionError:
            continue  # no Sigma rule, which has nothing to do with tables
        yield from (rule for rule in rules if rule.pack and not _port(rule).text)


@cache
def ports(decision: str) -> tuple[Port, ...]:
    return tuple(_port(replace(rule, options=OPTIONS[decision])) for rule in refused_rules())


def _port(rule: PortableRule) -> Port:
    try:
        return Port(rule, render_placed(placed(rule, SENTINEL), SENTINEL).text)
    except Unsupported as error:
        return Port(rule, "", str(error))


def judged(rule: PortableRule) -> TargetResult:
    steps = verify([rule], [Claim("sentinel")], [], Options(run_limit=200))
    (result,) = [step for step in steps if isinstance(step, RuleResult)]
    return result.targets[0]


def columns(rule: PortableRule) -> dict[str, dict[str, str]]:
    tables = rule.pack.tables if rule.pack else ()
    found = {}
    for table in tables:
        known = AZURE_MONITOR_TABLES.get(table.name, {})
        types = {column: str(entry["data_type"]) for column, entry in known.items()}
        found[table.name] = types | {column: table.types[column] for column in table.newer}
    return found


def test_of_every_refused_rule_something_is_left_or_the_reason_is_said() -> None:
    found = ports("left out")
    refused = {one.rule.path: one.refusal for one in found if not one.text}
    assert {
        path: why for path, why in refused.items() if not any(reason in why for reason in REASONS)
    } == {}
    assert len(found) - len(refused) >= PARTIAL


def test_what_is_left_of_a_rule_agrees_and_its_claims_hold() -> None:
    results = {one.rule.path: judged(one.rule) for one in ports("left out") if one.text}
    assert all(result.is_partial for result in results.values())
    wrong = {
        path: word(result.verdict)
        for path, result in results.items()
        if word(result.verdict) not in SOUND
    }
    assert wrong == {}


def test_what_look_ups_make_whole_agrees() -> None:
    whole = [one.rule for one in ports("looked up") if one.text]
    assert len(whole) >= LOOKED_UP
    words = {rule.path: word(judged(rule).verdict) for rule in whole}
    assert {path: one for path, one in words.items() if one not in SOUND} == {}


@pytest.mark.parametrize("decision", OPTIONS)
def test_every_text_passes_microsofts_binder(decision: str) -> None:
    written = [one for one in ports(decision) if one.text]
    answers = bind([(WATCHLIST + one.text, columns(one.rule)) for one in written])
    found = zip(written, answers, strict=True)
    assert {one.rule.path: answer.findings for one, answer in found if answer.findings} == {}
