"""Rules of SigmaHQ on the recorded events that they must fire on, as Windows wrote them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from converter.errors import Unsupported
from converter.ir import ALWAYS, Filter, Schema
from converter.languages import sigma
from converter.mapping import document_layout, log_source_predicate, packs
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from converter.render import render
from harness.engines.predicate import evaluate
from harness.events.event import Document
from harness.events.log import read_log
from harness.events.vendor_documents import document_of
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import Agrees, RuleResult, TargetResult, UnsupportedTarget
from sigma.sigmaproof.loader import load_documents
from tests.corpus import shared

TARGETS = ("kuery", "lucene", "esql", "eql", "sentinel")
CASES = 104
EVENTS = 122

FIELDS_COMPARED = "a comparison with the field winlog.event_data.TargetUserName"
UNSUPPORTED = {
    # SubjectUserName|fieldref: TargetUserName
    ("e3c6d245-7b8f-4e2a-c17f-a9d0e5b38f62", "lucene"): FIELDS_COMPARED,
    ("e3c6d245-7b8f-4e2a-c17f-a9d0e5b38f62", "kuery"): FIELDS_COMPARED,
    ("e3c6d245-7b8f-4e2a-c17f-a9d0e5b38f62", "eql"): FIELDS_COMPARED,
}
"""The cases that a language cannot say, with the reason."""

WITHOUT_LETTERS = {"8ac03a65-6c84-4116-acad-dc1558ff7a77"}
"""Rules that compare nothing whose case matters, so that a query in kuery can say them."""


def folders() -> list[Path]:
    root = shared("corpus/sigma-regression")
    return sorted(path for path in root.iterdir() if path.is_dir())


@lru_cache(maxsize=1)
def rules() -> dict[str, PortableRule]:
    found = {}
    for folder in folders():
        path = folder / "rule.yml"
        (found[folder.name],) = read_rules(
            path.read_text(encoding="utf-8"), str(path), ImportOptions()
        )
    return found


@lru_cache(maxsize=1)
def events() -> dict[str, list[Document]]:
    """Return the events of every case as Windows wrote them."""
    return {folder.name: list(read_log(folder / "event.json")) for folder in folders()}


@lru_cache(maxsize=1)
def results() -> dict[str, dict[str, TargetResult]]:
    found = {}
    claims = [Claim(target) for target in TARGETS]
    for folder in folders():
        steps = verify([rules()[folder.name]], claims, [str(folder / "event.json")], Options())
        (result,) = (step for step in steps if isinstance(step, RuleResult))
        found[folder.name] = {target.target: target for target in result.targets}
    return found


def test_every_case_is_there() -> None:
    assert len(folders()) == CASES
    assert sum(map(len, events().values())) == EVENTS
    assert all(rule.pack and rule.pack.name == "windows" for rule in rules().values())


@pytest.mark.parametrize("target", TARGETS)
def test_each_rule_fires_on_its_event_in(target: str) -> None:
    wrong = []
    for case, by_target in results().items():
        result = by_target[target]
        reason = UNSUPPORTED.get((case, target))
        match result.verdict:
            case Agrees() if result.alerts and reason is None:
                continue
            case UnsupportedTarget(diagnostic) if reason and reason in diagnostic.message:
                continue
        wrong.append(f"{case}: {result.verdict} with {result.alerts} alerts")
    assert wrong == []


@pytest.mark.parametrize("tables", [("Event",), ("Event", "SecurityEvent")], ids="-".join)
def test_each_rule_fires_on_its_event_in_tables_of_agents(tables: tuple[str, ...]) -> None:
    """Data that the table keeps as XML text are what Windows wrote."""
    wrong = []
    for folder in folders():
        path = folder / "rule.yml"
        text = path.read_text(encoding="utf-8")
        (rule,) = read_rules(text, str(path), ImportOptions(tables=tables))
        steps = verify([rule], [Claim("sentinel")], [str(folder / "event.json")], Options())
        (result,) = (step for step in steps if isinstance(step, RuleResult))
        target = result.targets[0]
        if target.verdict != Agrees() or not target.alerts:
            wrong.append(f"{folder.name}: {target.verdict} with {target.alerts} alerts")
    assert wrong == []


def refusal_in_kuery(rule: PortableRule) -> str:
    try:
        render(rule.documents, rule.path, target_named("kuery"), rule.pack)
    except Unsupported as error:
        return str(error)
    return ""


def test_a_query_in_kuery_refuses_what_ignores_case() -> None:
    """Only a rule file says it, in its filters; that is what was judged above."""
    refusals = {case: refusal_in_kuery(rule) for case, rule in rules().items()}
    assert {case for case, refusal in refusals.items() if not refusal} == WITHOUT_LETTERS
    others = [refusal for refusal in refusals.values() if refusal]
    assert [text for text in others if "without regard to case" not in text] == []


def flat(event: Document) -> Document:
    """Return an event under the names that rules use, without any mapping."""
    raw = event["Event"]
    assert isinstance(raw, dict)
    data = {name.replace(" ", ""): value for name, value in raw["EventData"].items()}
    return {**data, "EventID": raw["System"]["EventID"]}


def test_the_mapping_changes_no_answer_of_any_rule_on_any_event() -> None:
    """The rule on the event itself, by field names alone, is what the rule on the document must say."""
    layout = document_layout(next(pack for pack in packs() if pack.name == "windows"))
    assert layout is not None
    pairs = [
        (flat(event), document_of(layout, event)) for some in events().values() for event in some
    ]
    fired = 0
    for case, rule in rules().items():
        plain = sigma.lower(load_documents(rule.documents, rule.path), {}, ALWAYS, Schema({}))
        assert isinstance(plain, Filter)
        assert isinstance(rule.plan, Filter)
        assert rule.pack is not None
        log_source = log_source_predicate(rule.pack)
        for as_written, document in pairs:
            is_here = evaluate(log_source, document) is True
            expected = is_here and evaluate(plain.predicate, as_written) is True
            assert (evaluate(rule.plan.predicate, document) is True) == expected, case
            fired += expected
    assert fired >= CASES
