"""Fields of events that put each leaf of a predicate to the test where it decides the whole.

A leaf is probed in a context: the other conditions are such that only this leaf is left to decide
(masking MC/DC). Of the probes, the plain questions stay; border values stay when they tell a fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from converter.ir import Atom, Predicate, Schema, Truth
from harness.engines.predicate import evaluate

from .context import solve
from .domain import Domains
from .faults import faults
from .fields import Fields, with_field
from .leaves import FALSE, TRUE, Demand, Leaf, Occurrence, occurrences
from .probes import ALWAYS_ASKED, Question, probes


@dataclass(frozen=True, slots=True)
class Case:
    """One event in the making."""

    question: Question
    probed: str
    """The field whose value is the point of the event."""
    fields: Fields


def cases_of(predicate: Predicate, schema: Schema, limit: int) -> list[Case]:
    """Return at most `limit` cases: every leaf's most important questions before anybody's next."""
    domains = Domains([predicate], schema)
    start = solve([Demand(predicate, TRUE)], domains)
    first = [Case(Question.MET, "", start)] if start is not None else []
    asked = [
        (found.leaf, _candidates(found, predicate, domains, schema))
        for found in occurrences(predicate)
    ]
    plain = _distinct([*first, *_in_turns([_plain(cases) for _, cases in asked])])
    if len(plain) >= limit:
        return plain[:limit]  # borders come behind them
    telling = [_telling(leaf, cases) for leaf, cases in asked]
    return _distinct([*first, *_in_turns(telling)])[:limit]


def _in_turns(by_leaf: Sequence[Sequence[Case]]) -> list[Case]:
    everything = (case for cases in by_leaf for case in cases)
    return sorted(everything, key=lambda case: case.question)


def _plain(candidates: Sequence[Case]) -> list[Case]:
    return [case for case in candidates if case.question in ALWAYS_ASKED]


def _distinct(cases: Sequence[Case]) -> list[Case]:
    """Keep the first of cases with the same fields."""
    kept: dict[str, Case] = {}
    for case in cases:
        kept.setdefault(repr(sorted(case.fields.items())), case)
    return list(kept.values())


def _candidates(
    found: Occurrence, predicate: Predicate, domains: Domains, schema: Schema
) -> list[Case]:
    context = _context(found, predicate, domains)
    if context is None:
        return []
    return [
        Case(probe.question, probe.field, with_field(context, probe.field, probe.raw))
        for probe in probes(found.leaf, schema)
    ]


def _context(found: Occurrence, predicate: Predicate, domains: Domains) -> dict[str, object] | None:
    """Return fields on which the leaf is true and decides; else where it is true or false at least."""
    met = Demand(found.leaf, TRUE)
    for demands in (
        (*found.demands, met),
        (*found.demands, Demand(found.leaf, FALSE)),
        (Demand(predicate, TRUE), met),
        (met,),
        (Demand(predicate, TRUE),),
    ):
        context = solve(demands, domains)
        if context is not None:
            return context
    return None


def _telling(leaf: Leaf, candidates: Sequence[Case]) -> list[Case]:
    """Keep the plain questions, and of the others those that tell one more fault from the leaf."""
    if not isinstance(leaf, Atom):
        return list(candidates)
    alive = list(dict.fromkeys(fault for fault in faults(leaf) if fault != leaf))
    kept: list[Case] = []
    for case in candidates:
        if not alive and case.question not in ALWAYS_ASKED:
            continue
        truth = evaluate(leaf, case.fields)
        told = [fault for fault in alive if _is_told(truth, evaluate(fault, case.fields))]
        if case.question in ALWAYS_ASKED or told:
            kept.append(case)
            gone = set(map(id, told))
            alive = [fault for fault in alive if id(fault) not in gone]
    return kept


def _is_told(truth: Truth, other: Truth) -> bool:
    """Say whether a leaf and a wrong copy differ so that a filter can show it."""
    return truth is not other
