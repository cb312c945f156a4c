"""Plans: what a rule does with many events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from .correlation import Correlation
from .predicate import Or, Predicate
from .show import fields_of
from .term import TermField


@dataclass(frozen=True, slots=True)
class Filter:
    """Every event that satisfies the predicate is an alert."""

    predicate: Predicate


@dataclass(frozen=True, slots=True)
class NewTerms:
    """One alert per run and term whose first base event is strictly later than the window's start.

    Base events satisfy `base` and lie in [end - history, end], both ends included. A term is one
    element of the cross product of the fields' distinct values; an event that lacks a field has none.
    """

    base: Predicate
    terms: tuple[TermField, ...]
    history: timedelta


@dataclass(frozen=True, slots=True)
class Distinct:
    """A least number of different values of a field."""

    field: TermField
    count: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """One alert per run and term that enough base events of the run's window have.

    Base events satisfy `base` and lie in the window, both ends included. Terms are those of NewTerms;
    without fields there is one term, which every event has. An event counts once for each of its terms.
    """

    base: Predicate
    terms: tuple[TermField, ...]
    count: int
    """Least number of events."""
    distinct: Distinct | None = None
    """What else must hold of the events of the term."""
    counts_once: bool = True
    """Whether an alert uses events up: those of its term that are not later than the last one counted
    are seen by no run after it, whatever other terms they have."""


Plan = Filter | NewTerms | Threshold | Correlation


def base_of(plan: Plan) -> Predicate:
    """Return what the events that a plan is about satisfy."""
    match plan:
        case Filter(predicate):
            return predicate
        case NewTerms(base=base) | Threshold(base=base):
            return base
        case Correlation(rules=rules):
            bases = tuple(dict.fromkeys(rule.base for rule in rules))
            return bases[0] if len(bases) == 1 else Or(bases)
        case _:
            assert_never(plan)


def with_bases(plan: Plan, change: Callable[[Predicate], Predicate]) -> Plan:
    """Return the plan over other events: what they satisfy is changed."""
    match plan:
        case Filter():
            return replace(plan, predicate=change(plan.predicate))
        case NewTerms() | Threshold():
            return replace(plan, base=change(plan.base))
        case Correlation(rules=rules):
            changed = tuple(replace(rule, base=change(rule.base)) for rule in rules)
            return replace(plan, rules=changed)
        case _:
            assert_never(plan)


def term_names(plan: Plan) -> tuple[str, ...]:
    """Return what the fields of a plan's terms are called; none for a filter."""
    match plan:
        case Filter():
            return ()
        case NewTerms(terms=terms) | Threshold(terms=terms):
            return tuple(term.field for term in terms)
        case Correlation(names=names):
            return names
        case _:
            assert_never(plan)


def counted_names(plan: Plan) -> tuple[str, ...]:
    """Return the name of the field whose values a plan counts or measures; none where it has no such."""
    match plan:
        case Filter() | NewTerms():
            return ()
        case Threshold(distinct=distinct):
            return (distinct.field.field,) if distinct else ()
        case Correlation(counted=counted):
            return (counted.field,) if counted else ()
        case _:
            assert_never(plan)


def fields_read(plan: Plan) -> frozenset[str]:
    """Return the names of the fields that a plan's alerts depend on."""
    match plan:
        case Filter(predicate):
            return fields_of(predicate)
        case NewTerms(base=base, terms=terms):
            return fields_of(base) | {term.field for term in terms}
        case Threshold(base=base, terms=terms):
            return fields_of(base) | {term.field for term in terms} | {*counted_names(plan)}
        case Correlation(rules=rules):
            grouped = {term.field for rule in rules for term in rule.group}
            return fields_of(base_of(plan)) | grouped | {*counted_names(plan)}
        case _:
            assert_never(plan)
