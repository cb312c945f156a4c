"""What a rule compares is rewritten to what documents hold, and stays true of the same events."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from sigma.exceptions import SigmaTransformationError
from sigma.rule import SigmaRule

from converter import mapping
from converter.ir import ALWAYS, Filter, Predicate, Schema
from converter.languages import sigma
from converter.mapping import document_layout, ecs_schema, pack_for_log_source
from harness.engines.predicate import evaluate
from harness.events.event import Document
from harness.events.vendor_documents import document_of
from sigma.sigmaproof.loader import load_documents
from sigma.sigmaproof.mapping import MappingPack
from sigma.sigmaproof.pack_values import PackValues, losses

CASES = Path(__file__).parents[1] / "data" / "cases" / "value_rewriting.yml"
CHANNEL = "Microsoft-Windows-Sysmon/Operational"


@dataclass(frozen=True)
class Case:
    title: str
    category: str
    item: dict[str, object]
    event: int
    found: tuple[object, ...] = ()
    missed: tuple[object, ...] = ()
    refused: str = ""
    loses: bool = False


def load_cases() -> list[Case]:
    return [
        Case(
            title=one["title"],
            category=one["category"],
            item=one["item"],
            event=one["event"],
            found=tuple(one.get("found", ())),
            missed=tuple(one.get("missed", ())),
            refused=one.get("refused", ""),
            loses=one.get("loses", False),
        )
        for one in yaml.safe_load(CASES.read_text(encoding="utf-8"))
    ]


def rule_text(case: Case) -> str:
    rule = {
        "title": case.title,
        "logsource": {"product": "windows", "category": case.category},
        "detection": {"one": case.item, "condition": "one"},
    }
    return yaml.safe_dump(rule, allow_unicode=True)


def field_of(case: Case) -> str:
    (key,) = case.item
    return key.partition("|")[0]


def on_events(case: Case) -> Predicate:
    """Return the rule on the event as Windows writes it."""
    plan = sigma.lower(load_documents(rule_text(case), "rule.yml"), {}, ALWAYS, Schema({}))
    assert isinstance(plan, Filter)
    return plan.predicate


def on_documents(case: Case) -> Predicate:
    pack = pack_for_log_source({"product": "windows", "category": case.category})
    assert pack is not None
    loaded = load_documents(rule_text(case), "rule.yml")
    for rule in loaded.collection.rules:
        PackValues(pack).apply(rule)
    plan = sigma.lower(loaded, pack.ecs_names, ALWAYS, ecs_schema(pack))
    assert isinstance(plan, Filter)
    return plan.predicate


def loses(case: Case) -> bool:
    pack = pack_for_log_source({"product": "windows", "category": case.category})
    assert pack is not None
    (rule,) = load_documents(rule_text(case), "rule.yml").main_rules
    assert isinstance(rule, SigmaRule)
    return any(True for _ in losses(rule, pack))


def document(case: Case, value: object) -> Document:
    pack = pack_for_log_source({"product": "windows", "category": case.category})
    layout = document_layout(pack)
    assert layout is not None
    system = {"Channel": "Security" if case.event > 1000 else CHANNEL, "EventID": case.event}
    data = {} if value is None else {field_of(case): value}
    return document_of(layout, {"Event": {"System": system, "EventData": data}})


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.title)
def test_a_value_is_found_in_the_documents_of_its_events(case: Case) -> None:
    if case.refused:
        with pytest.raises(SigmaTransformationError) as caught:
            on_documents(case)
        assert case.refused in str(caught.value)
        return
    as_written, rewritten = on_events(case), on_documents(case)
    for value, expected in [(one, True) for one in case.found] + [
        (one, False) for one in case.missed
    ]:
        event = {} if value is None else {field_of(case): value}
        assert (evaluate(as_written, event) is True) == expected, value
        assert (evaluate(rewritten, document(case, value)) is True) == expected, value


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.title)
def test_a_loss_is_named_where_there_is_one(case: Case) -> None:
    assert loses(case) == case.loses


NAMES = st.sampled_from(["SYSTEM", "NT AUTHORITY", "a", "ab", "", "x y", "É"])
PIECES = st.sampled_from(["*", "?", "\\\\", "a", "b", "SYSTEM", "AUTH", " ", "y"])


@given(NAMES, NAMES, st.lists(PIECES, min_size=1, max_size=6))
def test_a_pattern_of_a_user_is_true_of_the_two_fields_as_of_the_text(
    domain: str, name: str, pieces: list[str]
) -> None:
    case = Case("user", "process_creation", {"User": "".join(pieces)}, 1)
    text = f"{domain}\\{name}"
    if not domain or not name:
        return
    try:
        rewritten = on_documents(case)
    except SigmaTransformationError:
        assert evaluate(on_events(case), {"User": text}) is False
        return
    expected = evaluate(on_events(case), {"User": text})
    assert evaluate(rewritten, document(case, text)) == expected


NUMBERS = ("00000000", "00000001", "0000000a", "0000000A", "00000429", "ffffffff", "12345678")
TEXTS = [f"DWORD (0x{number})" for number in NUMBERS] + ["1", "cmd.exe /c 1", "Binary Data", "10"]
PARTS = [
    "DWORD (0x00000001)",
    "0x0000000a)",
    "00000429",
    "DWORD",
    "cmd",
    ".exe",
    "429)",
    "1",
    "Binary",
]


@pytest.mark.parametrize("modifier", ["", "|contains", "|startswith", "|endswith"])
def test_a_pattern_of_registry_data_is_exact_unless_a_loss_is_named(modifier: str) -> None:
    compared = 0
    for part, text in itertools.product(PARTS, TEXTS):
        case = Case("data", "registry_set", {f"Details{modifier}": part}, 13)
        if loses(case):
            continue
        compared += 1
        expected = evaluate(on_events(case), {"Details": text})
        assert evaluate(on_documents(case), document(case, text)) == expected, (part, text)
    assert compared >= 40


WORDS = ["(Empty)", "empty", "Binary Data", " data", "x", "DWORD (0x00000001)"]


def pack_with_bare_data(source: dict[str, str]) -> MappingPack:
    """Return the pack of a log source as if its documents had none of Sysmon's words."""
    pack = mapping.pack_for_log_source(source)
    assert pack is not None
    fields = (
        replace(field, transform="bare_registry_data")
        if field.transform == "registry_data"
        else field
        for field in pack.fields
    )
    return replace(pack, name="bare", fields=tuple(fields))


@pytest.mark.parametrize("modifier", ["", "|contains", "|startswith", "|endswith"])
@pytest.mark.parametrize("part", WORDS)
def test_words_of_sysmon_are_found_where_documents_have_the_data_alone(
    part: str, modifier: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "pack_for_log_source", pack_with_bare_data)
    case = Case("data", "registry_set", {f"Details{modifier}": part}, 13)
    for text in ["(Empty)", "Binary Data", "DWORD (0x00000001)", "x", "some data"]:
        expected = evaluate(on_events(case), {"Details": text}) is True
        assert (evaluate(on_documents(case), document(case, text)) is True) == expected, text
