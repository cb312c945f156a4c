"""Rules of SigmaHQ match the recorded events that they were written for, in the reference evaluator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from converter.ir import ALWAYS, Filter, Predicate, Schema
from converter.languages.sigma import lower
from harness.engines.predicate import evaluate
from sigma.sigmaproof.loader import load_documents
from tests.corpus import shared

_RENAMED = {
    # This event names its data with spaces where the rule does not.
    "a7c3e5f2-8b1d-4e9a-b6c2-3d7f5e8a9b4c": {
        "ThreatName": "Threat Name",
        "SourceName": "Source Name",
        "ProcessName": "Process Name",
    }
}
_NUMBER_OF_CASES = 104
_FIRING_ON_OTHERS = 12
"""Pairs of a rule and the event of a related rule, such as two rules about one tool."""


def _documents(text: str) -> Iterator[dict[str, object]]:
    """Yield each JSON document of a text that may hold several."""
    decoder = json.JSONDecoder()
    position = 0
    while position < len(text):
        document, position = decoder.raw_decode(text, position)
        yield document
        position += len(text[position:]) - len(text[position:].lstrip())


def _flat(event: dict[str, object]) -> dict[str, object]:
    """Return the fields that the rules name: those of System, and the data of the event."""
    content = event["Event"]
    assert isinstance(content, dict)
    system = dict(content["System"])
    system["Provider_Name"] = system["Provider"]["#attributes"]["Name"]
    return {**system, **(content.get("EventData") or {}), **(content.get("UserData") or {})}


def _predicate(folder: Path) -> Predicate:
    text = (folder / "rule.yml").read_text(encoding="utf-8")
    fields = _RENAMED.get(folder.name, {})
    plan = lower(load_documents(text, str(folder)), fields, ALWAYS, Schema({}))
    assert isinstance(plan, Filter)
    return plan.predicate


def _events(folder: Path) -> list[dict[str, object]]:
    text = (folder / "event.json").read_text(encoding="utf-8")
    return [_flat(document) for document in _documents(text)]


def test_every_rule_fires_on_its_event_and_hardly_ever_on_another() -> None:
    folders = sorted(path.parent for path in shared("corpus/sigma-regression").glob("*/rule.yml"))
    events = {folder.name: _events(folder) for folder in folders}

    firing = {
        (rule.name, name)
        for rule in folders
        for predicate in [_predicate(rule)]
        for name, found in events.items()
        if any(evaluate(predicate, event) is True for event in found)
    }

    own = {(folder.name, folder.name) for folder in folders}
    assert len(own) == _NUMBER_OF_CASES
    assert own - firing == set()
    assert len(firing - own) == _FIRING_ON_OTHERS


@pytest.mark.parametrize("name", ["rules", "rules-emerging-threats", "rules-threat-hunting"])
def test_rules_of_sigmahq_are_lowered_or_refused_by_name(name: str) -> None:
    paths = sorted(shared(f"corpus/sigma-rules/{name}").rglob("*.yml"))[::10]

    for path in paths:
        rules = load_documents(path.read_text(encoding="utf-8"), path.name)
        assert isinstance(lower(rules, {}, ALWAYS, Schema({})), Filter)
