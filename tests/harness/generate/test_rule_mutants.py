"""Events made from public rules tell wrong copies of the rule from the rule."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest

from converter.errors import ConversionError
from converter.ir import (
    And,
    Atom,
    Case,
    Filter,
    Glob,
    IsTrue,
    Missing,
    NewTerms,
    Not,
    OneOf,
    Or,
    Predicate,
    Quantifier,
    Wildcard,
)
from converter.ir.plan import base_of as plan_base
from converter.port import ImportOptions, PortableRule, read_rules
from harness.engines.predicate import evaluate
from harness.events.event import Document
from harness.generate import dataset_for
from harness.generate.candidates import accepted, near, unrelated
from harness.generate.fields import can_hold_several
from harness.reference import reference_on
from tests.corpus import shared

RULES = 30
SEED = 20260115


@lru_cache
def rules() -> tuple[PortableRule, ...]:
    """Return rules of all sizes and both types, the same ones every time."""
    paths = sorted(shared("corpus/elastic/rules").rglob("*.toml"))
    random.Random(SEED).shuffle(paths)
    found: list[PortableRule] = []
    for path in paths:
        found += _read(path)
        if len(found) >= RULES:
            break
    return tuple(found[:RULES])


def _read(path: Path) -> list[PortableRule]:
    try:
        rules = read_rules(path.read_text(encoding="utf-8"), str(path), ImportOptions())
    except ConversionError:
        return []
    return [rule for rule in rules if isinstance(rule.plan, Filter | NewTerms)]


def base_of(rule: PortableRule) -> Predicate:
    return plan_base(rule.plan)


def mutants(predicate: Predicate) -> Iterator[Predicate]:
    """Yield the predicate with one atom or connective wrong."""
    match predicate:
        case And(operands) | Or(operands):
            yield Or(operands) if isinstance(predicate, And) else And(operands)
            for place, operand in enumerate(operands):
                for wrong in mutants(operand):
                    changed = (*operands[:place], wrong, *operands[place + 1 :])
                    yield replace(predicate, operands=changed)
                if len(operands) > 1:
                    yield replace(predicate, operands=(*operands[:place], *operands[place + 1 :]))
        case Not(operand) | IsTrue(operand):
            yield operand
            for wrong in mutants(operand):
                yield replace(predicate, operand=wrong)
        case Atom():
            yield from wrong_atoms(predicate)
        case _:
            return


def wrong_atoms(atom: Atom) -> Iterator[Atom]:
    yield replace(atom, missing=Missing.UNKNOWN)
    yield replace(atom, missing=Missing.TRUE)
    yield replace(atom, quantifier=Quantifier.SINGLE)
    yield replace(atom, quantifier=Quantifier.ALL)
    match atom.test:
        case OneOf(values, case):
            yield replace(atom, test=OneOf(values, other_case(case)))
            if len(values) > 1:
                for place in range(len(values)):
                    yield replace(atom, test=OneOf((*values[:place], *values[place + 1 :]), case))
        case Glob(parts, case):
            yield replace(atom, test=Glob(parts, other_case(case)))
            yield replace(atom, test=Glob((Wildcard.MANY, *parts), case))
            yield replace(atom, test=Glob((*parts, Wildcard.MANY), case))
        case _:
            return


def other_case(case: Case) -> Case:
    return Case.ASCII if case is Case.EXACT else Case.EXACT


Told = list[tuple[Document, bool]]
"""Documents with what the rule makes of them."""


def is_told(wrong: Predicate, documents: Told) -> bool:
    return any((evaluate(wrong, one) is True) is not truth for one, truth in documents)


def judged(predicate: Predicate, documents: Iterable[Document]) -> Told:
    return [(one, evaluate(predicate, one) is True) for one in documents]


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


def flat(node: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Return an event's fields by full name, so that a field can be replaced."""
    found: dict[str, object] = {}
    for key, inner in node.items():
        found |= (
            flat(inner, f"{prefix}{key}.") if isinstance(inner, dict) else {prefix + key: inner}
        )
    return found


def mixtures(rule: PortableRule, documents: Told) -> Iterator[Document]:
    """Yield random mixtures of values near the rule's own: they find mutants that are not equal."""
    chance = random.Random(SEED)
    values: dict[str, list[object]] = {}
    for atom in atoms_of(base_of(rule)):
        found = values.setdefault(atom.field, [None])
        found += accepted(atom, rule.schema)[:20] + near(atom, rule.schema)[:20]
        found += unrelated(atom.field, rule.schema)
    alerting = [flat(one) for one, truth in documents if truth]
    for _ in range(150):
        mixture = dict(chance.choice(alerting))
        for field in chance.sample(sorted(values), k=min(len(values), chance.randint(1, 3))):
            count = chance.choice((1, 1, 2)) if can_hold_several(field, rule.schema) else 1
            picked = [chance.choice(values[field]) for _ in range(count)]
            mixture[field] = picked if len(picked) > 1 else picked[0]
        yield mixture


@pytest.mark.parametrize("number", range(RULES))
def test_every_rule_alerts_on_its_events(number: int) -> None:
    rule = rules()[number]
    dataset = dataset_for(rule.plan, rule.schedule, rule.schema)
    assert reference_on(rule.plan, dataset, rule.schedule, 500).execution.alerts


def test_at_least_nine_of_ten_mutants_of_public_rules_are_told_apart() -> None:
    told: list[Predicate] = []
    survivors: list[str] = []
    for rule in rules():
        base = base_of(rule)
        events = dataset_for(rule.plan, rule.schedule, rule.schema).events
        documents = judged(base, (event.document for event in events))
        left: list[Predicate] = []
        for wrong in mutants(base):
            (told if is_told(wrong, documents) else left).append(wrong)
        others = judged(base, mixtures(rule, documents))
        survivors += [f"{rule.title}: {wrong}" for wrong in left if is_told(wrong, others)]
    assert len(told) > 1000
    assert len(survivors) <= len(told) / 9, survivors[:5]
