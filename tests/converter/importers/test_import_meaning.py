"""The Sigma rule means what the query means: both are lowered and evaluated on the same events."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import yaml
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from converter import mapping
from converter.elastic import QueryRule, RuleHeader, filter_predicates, read_rules
from converter.elastic.rule import ElasticRule
from converter.errors import Unsupported
from converter.importers import import_rule, rule_schema
from converter.ir import (
    ALWAYS,
    And,
    Atom,
    Glob,
    IsTrue,
    Not,
    OneOf,
    Or,
    Predicate,
    Range,
    Schedule,
    Value,
    Wildcard,
)
from converter.ir.plan import base_of
from converter.languages import kuery, sigma
from converter.languages.kuery import ast
from converter.mapping import MappingPack
from harness.engines.predicate import evaluate
from sigma.sigmaproof.loader import load_documents
from tests.corpus import shared

VALUES = ("a", "B", "b*", "\\x", "c?d", "1", "")
FIELDS = ("process.name", "user.name", "process.args")
ANNOUNCED = {"analysed-text", "lower-case-narrows", "nested-widened"}
"""Diagnostics of rules whose Sigma form is known to mean something else."""


def _rule(query: str) -> QueryRule:
    header = RuleHeader(
        path="rule.toml",
        id="8f3d1f6e-8f0b-4c40-9c0a-0d8a2f0f7a11",
        name="Sample",
        description="A sample",
        severity="low",
        risk_score=21,
    )
    schedule = Schedule(lookback=timedelta(minutes=9))
    return QueryRule(header, ("logs-*",), "kuery", query, 1, schedule)


def _pack_of(documents: str) -> MappingPack | None:
    source = next(yaml.safe_load_all(documents))["logsource"]
    return mapping.pack_for_log_source(source)


def _meanings(rule: ElasticRule) -> tuple[Predicate, Predicate, set[str]]:
    """Return the query, its Sigma form, and the codes of what the import reported."""
    conversion = import_rule(rule)
    pack = _pack_of(conversion.yaml)
    known = rule_schema(pack)
    schema = replace(known, types={**known.types, **conversion.assumed})
    names = {entry.sigma: entry.ecs for entry in pack.fields} if pack else {}
    source = mapping.log_source_predicate(pack) if pack else ALWAYS
    plan = sigma.lower(load_documents(conversion.yaml, "rule.yml"), names, source, schema)
    predicate = base_of(plan)
    query = And((kuery.lower(kuery.parse(rule.query), schema), *filter_predicates(rule, schema)))
    return query, predicate, {diagnostic.code for diagnostic in conversion.diagnostics}


def _trees() -> st.SearchStrategy[ast.Query]:
    texts = st.builds(lambda value: ast.Text(value, is_quoted=True), st.sampled_from(VALUES))
    patterns = st.sampled_from([("", ""), ("a", ""), ("", "x"), ("", "B", ""), ("a", "b")])
    values = st.one_of(texts, patterns.map(ast.Pattern))
    leaves = st.builds(ast.Is, st.sampled_from(FIELDS).map(ast.Text), values)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            inner.map(ast.Not),
            st.lists(inner, min_size=2, max_size=4).map(lambda some: ast.And(tuple(some))),
            st.lists(inner, min_size=2, max_size=4).map(lambda some: ast.Or(tuple(some))),
        ),
        max_leaves=8,
    )


EVENTS = st.fixed_dictionaries(
    {},
    optional={
        field: st.lists(st.sampled_from((*VALUES, "A", "ab", "xBy")), max_size=2)
        for field in FIELDS
    },
)


@settings(max_examples=150, deadline=None)
@given(_trees(), st.lists(EVENTS, min_size=8, max_size=8))
def test_any_boolean_shape_keeps_its_meaning(
    tree: ast.Query, events: list[dict[str, list[str]]]
) -> None:
    rule = _rule(kuery.show(tree))
    try:
        query, predicate, _ = _meanings(rule)
    except Unsupported:
        reject()  # a query of every event or of none
    for event in events:
        assert evaluate(query, event) == evaluate(predicate, event), event


def _atoms(predicate: Predicate) -> Iterator[Atom]:
    match predicate:
        case And(operands) | Or(operands):
            for operand in operands:
                yield from _atoms(operand)
        case Not(operand) | IsTrue(operand):
            yield from _atoms(operand)
        case Atom():
            yield predicate


def _candidates(atom: Atom, chance: random.Random) -> list[Value]:
    """Return values that meet an atom, or nearly."""
    match atom.test:
        case OneOf(values):
            found = list(values)
        case Glob(parts):
            filler = {Wildcard.MANY: chance.choice(["", "q", "\\ "]), Wildcard.ONE: "q"}
            found = ["".join(p if isinstance(p, str) else filler[p] for p in parts)]
        case Range(lower, upper):
            ends = [end.value for end in (lower, upper) if end is not None]
            found = [end + step for end in ends for step in (-1, 0, 1) if isinstance(end, int)]
        case _:
            found = ["10.1.2.3", True]
    texts = [value for value in found if isinstance(value, str)]
    near = [change for text in texts for change in (text.swapcase(), text + "x", text[1:])]
    return [*found, chance.choice(near or found or ["x"])]


def _events(predicate: Predicate, chance: random.Random) -> Iterator[dict[str, object]]:
    values: dict[str, list[Value]] = {}
    for atom in _atoms(predicate):
        values.setdefault(atom.field, []).extend(_candidates(atom, chance))
    for _ in range(25):
        event: dict[str, object] = {}
        for field, candidates in values.items():
            if candidates and chance.random() < 0.92:
                event[field] = [chance.choice(candidates) for _ in range(chance.choice((1, 1, 2)))]
        yield event


def _of_log_source(rule: ElasticRule) -> dict[str, object]:
    """Return the fields that say in every way that an event is of the log source."""
    pack = _pack_of(import_rule(rule).yaml)
    assert pack is not None
    return {**pack.implied, **pack.condition}


def _corpus() -> Iterator[ElasticRule]:
    for path in sorted(shared("corpus/elastic").glob("rules*/**/*.toml")):
        try:
            yield from read_rules(path.read_text("utf-8"), path.name)
        except Unsupported:
            continue


def test_every_rule_of_the_corpus_means_what_its_query_means() -> None:
    imported = compared = 0
    for rule in _corpus():
        query, predicate, codes = _meanings(rule)
        imported += 1
        if codes & ANNOUNCED:
            continue
        compared += 1
        source = _of_log_source(rule) if "log-source-implied" in codes else {}
        for made in _events(query, random.Random(rule.header.id)):
            event = made | source
            found, expected = evaluate(predicate, event), evaluate(query, event)
            assert found == expected, f"{rule.header.path}: {event}"
    assert imported == 579
    assert compared >= 525
