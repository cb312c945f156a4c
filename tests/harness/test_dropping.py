"""Conditions that are left out: what the rule then is, executed on every combination of its fields' values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from converter.dropping import CLAUSE_DROPPED, Dropped, Effect, drop_unmapped, notes_of
from converter.errors import Unsupported
from converter.ir import NewTerms, Plan
from converter.ir.plan import base_of
from converter.placement import placed, render_placed
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from harness.dropped import with_losses
from harness.engines.plan import matching_events
from harness.events.event import Dataset, Event
from harness.reference import reference_on
from harness.verdict import Agrees, Differs, TargetResult
from sigma.sigmaproof.mapping_reader import pack_from_text
from tests.random_examples import examples

DATA = Path(__file__).parent.parent / "data"
CASES: Mapping[str, Any] = yaml.safe_load((DATA / "cases/dropping.yml").read_text(encoding="utf-8"))
PACK = pack_from_text((DATA / "half_known.mapping.yml").read_text(encoding="utf-8"), "half_known")
OPTIONS = ImportOptions(packs=(PACK,), drops_unmapped=True)
SENTINEL = target_named("sentinel")
START = datetime(2026, 1, 1, tzinfo=UTC)

VALUES: Mapping[str, tuple[object, ...]] = {
    **dict.fromkeys("abcuvx", ("1", None)),
    "w": ("one", "three", ["one", "two"], None),
}


def rule_of(condition: str, detections: Mapping[str, object]) -> PortableRule:
    document = {
        "title": "One rule",
        "logsource": {"product": "half", "service": "known"},
        "detection": {**detections, "condition": condition},
    }
    return read_rules(yaml.safe_dump(document, sort_keys=False), "rule.yml", OPTIONS)[0]


def used(condition: str) -> Mapping[str, object]:
    """Return the detections that a condition of the cases may name."""
    wild = {name for name in CASES["detections"] if name.startswith("filter_")}
    names = set(condition.replace("(", " ").replace(")", " ").split()) | wild
    return {name: one for name, one in CASES["detections"].items() if name in names}


def every_event() -> Iterator[Event]:
    for place, values in enumerate(product(*VALUES.values())):
        held = {name: value for name, value in zip(VALUES, values, strict=True) if value}
        time = START + timedelta(seconds=place)
        document = {**held, "event": {"id": str(place), "dataset": "half.known"}}
        yield Event(str(place), time, time, document)


EVENTS = tuple(every_event())


def matched(plan: Plan, rule: PortableRule) -> set[str]:
    return {event.id for event in matching_events(base_of(plan), Dataset(EVENTS, rule.schema))}


def assert_claims_hold(dropped: Dropped) -> None:
    before = matched(dropped.whole.plan, dropped.whole)
    for loss, plan in zip(dropped.losses, dropped.steps, strict=True):
        after = matched(plan, dropped.whole)
        assert before <= after if loss.effect is Effect.WIDER else after <= before, loss
        before = after
    assert before == matched(dropped.rule.plan, dropped.whole)


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["condition"])
def test_each_place_of_a_condition_has_its_effect(case: Mapping[str, Any]) -> None:
    rule = rule_of(case["condition"], used(case["condition"]))
    if "refused" in case:
        with pytest.raises(Unsupported, match=case["refused"]):
            drop_unmapped(rule, SENTINEL)
        return
    dropped = drop_unmapped(rule, SENTINEL)
    if not case["losses"]:
        assert dropped is None
        return
    assert dropped is not None
    assert [[loss.text, loss.effect.value] for loss in dropped.losses] == case["losses"]
    left = yaml.safe_load(dropped.rule.documents)["detection"]["condition"]
    assert left == case["left"]
    assert_claims_hold(dropped)


@pytest.mark.parametrize(
    "condition", [case["condition"] for case in CASES["cases"] if len(case.get("losses", [])) == 1]
)
def test_each_effect_is_seen_on_some_event(condition: str) -> None:
    dropped = drop_unmapped(rule_of(condition, used(condition)), SENTINEL)
    assert dropped is not None
    assert matched(dropped.whole.plan, dropped.whole) != matched(dropped.rule.plan, dropped.whole)


CONDITIONS = st.recursive(
    st.sampled_from([name for name in CASES["detections"] if not name.startswith("filter_")]),
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda three: f"({three[0]}) {three[1]} ({three[2]})"
        ),
    ),
    max_leaves=8,
)


@given(CONDITIONS)
@examples(150)
def test_claims_hold_for_any_condition(condition: str) -> None:
    try:
        dropped = drop_unmapped(rule_of(condition, used(condition)), SENTINEL)
    except Unsupported as error:
        assert "nothing would remain" in str(error)  # noqa: PT017
        return
    if dropped is not None:
        assert_claims_hold(dropped)
        assert drop_unmapped(dropped.rule, SENTINEL) is None


def judged(dropped: Dropped) -> TargetResult:
    dataset = Dataset(EVENTS, dropped.rule.schema)
    reference = reference_on(dropped.rule.plan, dataset, dropped.rule.schedule, 10)
    return with_losses(TargetResult("sentinel", Agrees(), 1, 1), dropped, reference)


def test_a_result_says_what_is_left_out_and_how_many_events_that_concerns() -> None:
    dropped = drop_unmapped(rule_of("a and u", used("a and u")), SENTINEL)
    assert dropped is not None
    result = judged(dropped)
    assert isinstance(result.verdict, Agrees)
    (loss,) = result.losses
    assert (loss.text, loss.effect, loss.lost) == ("u: 1", "wider", 0)
    assert loss.gained == len(EVENTS) // 4


@pytest.mark.parametrize("condition", ["a and u", "a or u"])
def test_a_false_claim_is_a_difference_that_names_an_event(condition: str) -> None:
    dropped = drop_unmapped(rule_of(condition, used(condition)), SENTINEL)
    assert dropped is not None
    (loss,) = dropped.losses
    lying = replace(dropped, losses=(replace(loss, effect=loss.effect.opposite),))
    result = judged(lying)
    assert isinstance(result.verdict, Differs)
    example = result.verdict.counterexample
    (finding,) = example.findings
    assert finding.condition == f"without u: 1 the rule is {loss.effect.opposite.value}"
    assert finding.reference != finding.target


def test_the_query_says_what_is_left_out() -> None:
    there = placed(rule_of("a and u", used("a and u")), SENTINEL)
    text = render_placed(there, SENTINEL).text
    assert "clause-dropped: left out u: 1: field u cannot be read from table" in text
    assert "The result is wider" in " ".join(text.replace("//", "").split())


def test_a_rule_that_renders_whole_keeps_every_condition() -> None:
    """The table has one dataset only, so that the part with u is never asked there."""
    detections = {"a": {"a": 1}, "other": {"event.dataset": "x", "u": 1}}
    assert placed(rule_of("a or other", detections), SENTINEL).dropped is None


def test_a_rule_is_refused_as_a_whole_without_the_option() -> None:
    rule = rule_of("a and u and v", used("a and u and v"))
    rule = replace(rule, options=replace(OPTIONS, drops_unmapped=False))
    with pytest.raises(Unsupported, match=r"2 reasons: \(1\) field u .* \(2\) field v "):
        render_placed(placed(rule, SENTINEL), SENTINEL)


def correlated(correlation: str) -> PortableRule:
    text = f"""
title: Base
name: base
logsource: {{product: half, service: known}}
detection:
  selection: {{a: '1', u: '1'}}
  condition: selection
---
title: Correlated
correlation:
  rules: [base]
{correlation}
"""
    return read_rules(text, "rule.yml", OPTIONS)[0]


NEW_TERMS = """
  type: new_terms
  group-by: [b, v]
  timespan: 10d
"""


def test_a_field_of_new_terms_goes_where_others_remain() -> None:
    dropped = drop_unmapped(correlated(NEW_TERMS), SENTINEL)
    assert dropped is not None
    shown = [(loss.text, loss.effect.value, loss.is_term) for loss in dropped.losses]
    assert shown == [("u: 1", "wider", False), ("group-by: v", "narrower", True)]
    plan = dropped.rule.plan
    assert isinstance(plan, NewTerms)
    assert [term.field for term in plan.terms] == ["b"]
    assert "terms can be known earlier" in dict(notes_of(dropped.losses, plan))[CLAUSE_DROPPED]


def terms_judged(dropped: Dropped, documents: list[dict[str, str]]) -> TargetResult:
    times = [START + timedelta(minutes=place) for place in range(len(documents))]
    events = tuple(
        Event(
            str(place), time, time, {"event.dataset": "half.known", "u": "1", "a": "1", **document}
        )
        for place, (time, document) in enumerate(zip(times, documents, strict=True))
    )
    dataset = Dataset(events, dropped.rule.schema)
    reference = reference_on(dropped.rule.plan, dataset, dropped.rule.schedule, 100)
    return with_losses(TargetResult("sentinel", Agrees(), 1, 1), dropped, reference)


SEEN = [{"b": "1", "v": "1"}, {"b": "1", "v": "2"}, {"b": "2"}]
"""The second is new with v only, the third one has no v."""


def test_fewer_combinations_are_new_without_a_field() -> None:
    dropped = drop_unmapped(correlated(NEW_TERMS), SENTINEL)
    assert dropped is not None
    result = terms_judged(dropped, SEEN)
    assert isinstance(result.verdict, Agrees)
    assert result.losses[1].gained == 0
    assert result.losses[1].lost == 1


def test_a_combination_that_is_new_without_a_field_only_is_a_difference() -> None:
    dropped = drop_unmapped(correlated(NEW_TERMS), SENTINEL)
    assert dropped is not None
    _, without = dropped.steps
    assert isinstance(without, NewTerms)
    shorter = replace(without, history=timedelta(minutes=20))
    lying = replace(dropped, steps=(dropped.steps[0], shorter))
    again = [{"b": "1", "v": "1"}, *[{"b": "3"}] * 30, {"b": "1", "v": "1"}]
    result = terms_judged(lying, again)
    assert isinstance(result.verdict, Differs)
    assert result.losses[1].gained > 0


@pytest.mark.parametrize(
    ("correlation", "reason"),
    [
        (NEW_TERMS.replace("[b, v]", "[v]"), "no field of the new terms has a counterpart"),
        (
            """
  type: event_count
  group-by: [v]
  timespan: 10m
  condition: {gte: 2}
sigmaproof: {threshold: {interval: 5m}}
""",
            "grouped or counted by what has no counterpart",
        ),
    ],
)
def test_what_a_rule_groups_by_cannot_all_go(correlation: str, reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        drop_unmapped(correlated(correlation), SENTINEL)


def test_nothing_is_taken_out_of_a_file_with_actions() -> None:
    detections = used("a and u")
    rule = rule_of("a and u", detections)
    text = rule.documents + "---\naction: reset\n"
    with pytest.raises(Unsupported, match="a file with actions or filters"):
        drop_unmapped(replace(rule, documents=text), SENTINEL)
