"""Whatever a predicate is, each of its conditions is met and missed, and the events decide it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from converter.ir import (
    And,
    Atom,
    Bound,
    Case,
    Cidr,
    Exists,
    FieldType,
    Filter,
    Glob,
    IsTrue,
    Missing,
    NewTerms,
    Not,
    OneOf,
    Or,
    Plan,
    Predicate,
    Quantifier,
    Range,
    Regex,
    RegexDialect,
    Schedule,
    Schema,
    TermField,
    Test,
    View,
    Wildcard,
    Words,
)
from harness.engines.predicate import evaluate
from harness.events.event import Event, values_of
from harness.generate import dataset_for
from harness.generate.dataset import LIMIT

SCHEMA = Schema(
    {
        "user.name": FieldType.KEYWORD,
        "process.title": FieldType.TEXT,
        "event.code": FieldType.LONG,
        "network.score": FieldType.DOUBLE,
        "is.known": FieldType.BOOLEAN,
        "source.ip": FieldType.IP,
        "event.start": FieldType.DATE,
    }
)
SCHEDULE = Schedule(lookback=timedelta(minutes=9), timestamp="event.ingested")
CASES = st.sampled_from(Case)
TEXTS = st.text(st.sampled_from("aBksıK*?\\. "), min_size=1, max_size=6)
LISTS = st.lists(TEXTS, min_size=1, max_size=4, unique=True).map(tuple)
GLOBS = st.tuples(TEXTS, st.sampled_from(Wildcard), TEXTS).flatmap(
    lambda parts: st.sampled_from([parts, parts[:2], parts[1:], (Wildcard.MANY, *parts[:2])])
)
PATTERNS = st.sampled_from(["ab+c", "a(b|c)?d", "[a-f]{2,3}x", "x.*y", "k\\.s", "a|b"])


def bounds(lowest: Bound | None, highest: Bound | None) -> Test:
    return Range(lowest, highest) if lowest or highest else Exists()


def ranges(values: st.SearchStrategy[int] | st.SearchStrategy[str]) -> st.SearchStrategy[Test]:
    one = st.none() | st.builds(Bound, values, st.booleans())
    return st.one_of(st.builds(bounds, one, st.none()), st.builds(bounds, st.none(), one))


TEXT_TESTS: st.SearchStrategy[Test] = st.one_of(
    st.just(Exists()),
    st.builds(OneOf, LISTS, CASES),
    st.builds(Glob, GLOBS, CASES),
    st.builds(Regex, PATTERNS, st.sampled_from(RegexDialect), case=st.just(Case.EXACT)),
    ranges(TEXTS),
)
NETWORKS = st.sampled_from(["10.0.0.0/8", "192.0.2.0/24", "2001:db8::/32", "198.51.100.7/32"])
ATOMS = st.one_of(
    st.builds(Atom, st.sampled_from(["user.name", "rule.assumed"]), st.just(View.TEXT), TEXT_TESTS),
    st.builds(
        Atom,
        st.just("process.title"),
        st.just(View.TEXT),
        st.builds(Words, st.just(("ab", "cd")), st.booleans()),
    ),
    st.builds(
        Atom,
        st.sampled_from(["event.code", "network.score"]),
        st.just(View.NUMBER),
        st.one_of(st.builds(OneOf, st.just((7, 9))), ranges(st.integers(-5, 900))),
    ),
    st.builds(Atom, st.just("is.known"), st.just(View.BOOLEAN), st.builds(OneOf, st.just((True,)))),
    st.builds(
        Atom,
        st.just("source.ip"),
        st.just(View.IP),
        st.builds(Cidr, st.lists(NETWORKS, min_size=1, max_size=3, unique=True).map(tuple)),
    ),
    st.builds(
        Atom,
        st.just("event.start"),
        st.just(View.DATE),
        ranges(st.sampled_from(["2026-01-01T00:00:00Z", "2025-06-01"])),
    ),
)
ANY_ATOMS = st.builds(
    lambda atom, quantifier, missing: Atom(atom.field, atom.view, atom.test, quantifier, missing),
    ATOMS,
    st.sampled_from([one for one in Quantifier if one is not Quantifier.JOINED]),
    st.sampled_from(Missing),
)
PREDICATES: st.SearchStrategy[Predicate] = st.recursive(
    ANY_ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Or(tuple(parts))),
        st.builds(Not, inner),
        st.builds(IsTrue, inner),
    ),
    max_leaves=6,
)
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
)


def atoms_of(predicate: Predicate) -> list[Atom]:
    match predicate:
        case And(operands) | Or(operands):
            return [atom for operand in operands for atom in atoms_of(operand)]
        case Not(operand) | IsTrue(operand):
            return atoms_of(operand)
        case Atom():
            return [predicate]
        case _:
            return []


def truths_of(predicate: Predicate, events: Iterable[Event]) -> set[bool]:
    return {evaluate(predicate, event.document) is True for event in events}


@QUICK
@given(ANY_ATOMS)
def test_one_condition_is_met_and_missed(atom: Atom) -> None:
    events = dataset_for(Filter(atom), SCHEDULE, SCHEMA).events
    has_values = [values_of(event.document, atom.field) for event in events]
    assert True in truths_of(atom, events)
    if not isinstance(atom.test, Exists):
        assert False in truths_of(
            atom, [event for event, found in zip(events, has_values, strict=True) if found]
        )
    assert any(not found for found in has_values), "an event lacks the field"
    assert any(len(found) > 1 for found in has_values), "an event has several values"


@QUICK
@given(PREDICATES)
def test_each_condition_of_a_predicate_is_met_and_missed(predicate: Predicate) -> None:
    events = dataset_for(Filter(predicate), SCHEDULE, SCHEMA).events
    for atom in atoms_of(predicate):
        alone = dataset_for(Filter(atom), SCHEDULE, SCHEMA).events
        assert truths_of(atom, events) == truths_of(atom, alone), atom


@QUICK
@given(PREDICATES)
def test_events_decide_a_predicate_where_it_can_be_decided(predicate: Predicate) -> None:
    everything = [
        event
        for atom in atoms_of(predicate)
        for event in dataset_for(Filter(atom), SCHEDULE, SCHEMA).events
    ]
    events = dataset_for(Filter(predicate), SCHEDULE, SCHEMA).events
    assert truths_of(predicate, everything) <= truths_of(predicate, events)


@QUICK
@given(PREDICATES, st.booleans())
def test_the_same_rule_gives_the_same_few_events(predicate: Predicate, is_new_terms: bool) -> None:
    plan: Plan = Filter(predicate)
    if is_new_terms:
        plan = NewTerms(predicate, (TermField("host.id"),), timedelta(days=7))
    first = dataset_for(plan, SCHEDULE, SCHEMA)
    assert first == dataset_for(plan, SCHEDULE, SCHEMA)
    assert len(first.events) <= LIMIT + 20
    assert len({event.id for event in first.events}) == len(first.events)
    times = [event.time for event in first.events]
    assert times == sorted(times)


@QUICK
@given(PREDICATES)
def test_values_can_be_indexed_in_the_type_of_their_field(predicate: Predicate) -> None:
    for event in dataset_for(Filter(predicate), SCHEDULE, SCHEMA).events:
        for value in values_of(event.document, "event.code"):
            assert isinstance(value, int)
            assert not isinstance(value, bool)
        for value in values_of(event.document, "is.known"):
            assert isinstance(value, bool)
        for field in ("user.name", "process.title", "source.ip", "event.start"):
            assert all(isinstance(value, str) for value in values_of(event.document, field))
