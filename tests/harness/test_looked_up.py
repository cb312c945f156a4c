"""Fields that the user has looked up by an address: the texts, executed on what the events hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.errors import Unsupported
from converter.layout import LookedUp, TableLayout
from converter.placement import placed, render_placed
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from converter.render import RenderedQuery
from harness.engines.kusto_lookups import with_stand_ins
from harness.events.event import Dataset, Event
from harness.events.looked_up import StandIn, stand_ins, unanswered
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import Agrees, Differs, RuleResult, TargetResult
from sigma.sigmaproof.enrichment import ChoiceError
from sigma.sigmaproof.mapping_reader import pack_from_text
from tests.oracles.kusto.binder import bind

DATA = Path(__file__).parent.parent / "data"
CASES: list[dict[str, Any]] = yaml.safe_load(
    (DATA / "cases/looked_up.yml").read_text(encoding="utf-8")
)["cases"]
PACK = pack_from_text((DATA / "half_known.mapping.yml").read_text(encoding="utf-8"), "half_known")
SENTINEL = target_named("sentinel")
START = datetime(2026, 1, 1, tzinfo=UTC)

WATCHLISTS = (
    "let _GetWatchlist = (name:string) { datatable(Network:string, AsNumber:string,"
    " AsOrganization:string, CountryName:string)[] };\n"
)
"""What the workspace offers under that name, for the binder."""


def rule_of(case: Mapping[str, Any]) -> PortableRule:
    detections = {"selection": case["detection"], "other": case.get("other", {"b": "never"})}
    base = {
        "title": "Base",
        "name": "base",
        "logsource": {"product": "half", "service": "known"},
        "detection": {**detections, "condition": case.get("condition", "selection")},
        "fields": case.get("fields", []),
    }
    documents = [base]
    if "terms" in case:
        correlation = {
            "type": "new_terms",
            "rules": ["base"],
            "group-by": case["terms"],
            "timespan": "10d",
        }
        documents.append({"title": "New terms", "correlation": correlation})
    options = ImportOptions(packs=(PACK,), enrichment=case.get("enrich", {}))
    text = "---\n".join(yaml.safe_dump(one, sort_keys=False) for one in documents)
    return read_rules(text, "rule.yml", options)[0]


def rendered(case: Mapping[str, Any]) -> RenderedQuery:
    return render_placed(placed(rule_of(case), SENTINEL), SENTINEL)


def judged(case: Mapping[str, Any], text: str | None = None) -> TargetResult:
    steps = verify([rule_of(case)], [Claim("sentinel", text)], [], Options())
    (result,) = [step for step in steps if isinstance(step, RuleResult)]
    return result.targets[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_text_says_the_rule(case: Mapping[str, Any]) -> None:
    assert case["text"] in " ".join(rendered(case).text.split())
    result = judged(case)
    assert isinstance(result.verdict, Agrees), result.diagnostics
    read = {
        name for name in case["enrich"] if name in str(case) and name not in case.get("fields", ())
    }
    assert len(result.choices) == case.get("choices", len(read))
    assert result.is_partial == bool(result.choices)


def test_every_text_passes_microsofts_binder() -> None:
    columns = {"HalfKnown_CL": dict(PACK.tables[0].types)}
    answers = bind([(WATCHLISTS + rendered(case).text, columns) for case in CASES])
    found = zip(CASES, answers, strict=True)
    assert {case["name"]: answer.findings for case, answer in found if answer.findings} == {}


@pytest.mark.parametrize("case", CASES[:3] + CASES[7:8], ids=lambda case: case["name"])
def test_a_text_that_looks_nothing_up_differs(case: Mapping[str, Any]) -> None:
    assert isinstance(judged(case, "HalfKnown_CL | where isnotempty(EventId_g)").verdict, Differs)


def test_the_report_says_what_stands_for_the_look_up() -> None:
    messages = [one.message for one in judged(CASES[0]).diagnostics if one.code == "engine-look-up"]
    assert messages[0].startswith('_GetWatchlist("asn") stands for what the events hold: ')
    assert "64500" in messages[0]
    assert "look-up of equal addresses" in messages[1]


def test_a_refusal_names_the_choices() -> None:
    with pytest.raises(Unsupported, match="choose --enrich source.as.number=watchlist:NAME"):
        rendered({"detection": {"source.as.number": 64500}})


@pytest.mark.parametrize(
    "choice", ["geo_info", "watchlist", "watchlist:", "watchlist:a b", "other"]
)
def test_what_is_no_choice_is_refused_with_those_that_are(choice: str) -> None:
    case = {"detection": {"source.as.number": 1}, "enrich": {"source.as.number": choice}}
    with pytest.raises(ChoiceError, match="write --enrich source.as.number=watchlist:NAME"):
        rendered(case)


NUMBER = LookedUp("source.as.number", "source.ip", "watchlist", "AsNumber", "asn")
NAME = LookedUp("source.as.organization.name", "source.ip", "watchlist", "AsOrganization", "asn")
FIVE = StandIn("watchlist", "asn", (NUMBER,), (("192.0.2.1", (5,)),), ("AsOrganization",))


def events(*documents: Mapping[str, object]) -> Dataset:
    dated = enumerate(documents)
    made = (Event(str(n), START + timedelta(n), START + timedelta(n), one) for n, one in dated)
    return Dataset(tuple(made), rule_of(CASES[0]).schema)


@pytest.mark.parametrize(
    ("documents", "reason"),
    [
        ([{"source.as.number": 5}], "nothing to look up without source.ip"),
        ([{"source.as.number": [5, 6], "source.ip": "192.0.2.1"}], "a look-up gives one value"),
        ([{"source.as.number": 5, "source.ip": ["192.0.2.1", "192.0.2.2"]}], "one address"),
        ([{"source.as.number": 5, "source.ip": "2001:db8::1"}], "IPv4 addresses only"),
        (
            [{"source.as.number": n, "source.ip": "192.0.2.1"} for n in (5, 6)],
            "another event with the same source.ip",
        ),
        (
            [{"source.as.number": 5, "source.ip": "192.0.2.1"}, {"source.ip": "192.0.2.1"}],
            "another event with the same source.ip",
        ),
    ],
)
def test_an_event_that_no_look_up_answers_for_is_not_representable(
    documents: list[Mapping[str, object]], reason: str
) -> None:
    found = unanswered([(NUMBER,)], events(*documents))
    assert list(found) == [str(len(documents) - 1)]
    assert reason in next(iter(found.values()))


def test_events_with_one_answer_for_each_address_are_looked_up() -> None:
    dataset = events(
        {"source.as.number": 5, "source.ip": "192.0.2.1"},
        {"source.as.number": 5, "source.ip": "192.0.2.1"},
        {"source.ip": "192.0.2.2"},
        {"a": "1"},
    )
    table = TableLayout("T", {}, (), looked_up=(NUMBER, NAME))
    assert unanswered([(NUMBER,)], dataset) == {}
    assert stand_ins([table], {NUMBER.name}, dataset) == (FIVE,)


def test_only_calls_that_are_stood_in_for_are_changed() -> None:
    text = '// _GetWatchlist("asn")\nT | where a == "_GetWatchlist(1)" and _GetWatchlist("other")'
    found = with_stand_ins(text, [FIVE])
    assert found.text == text
    assert found.prelude == (
        "let Watchlist_asn = datatable(Network:string, AsNumber:string, AsOrganization:string)"
        '["192.0.2.1", "5", ""]; '
    )


def test_without_look_ups_a_text_stays_as_it_is() -> None:
    assert with_stand_ins("T | evaluate ipv4_lookup(W, a, b, true)", []).prelude == ""


def test_a_field_is_dropped_only_where_nothing_is_chosen() -> None:
    rule = rule_of({**CASES[4], "enrich": {"source.as.number": "watchlist:asn"}})
    rule = replace(rule, options=replace(rule.options, drops_unmapped=True))
    dropped = placed(rule, SENTINEL).dropped
    assert dropped is not None
    assert [loss.clauses[0].field for loss in dropped.losses] == ["source.as.organization.name"]
