"""Where the events of a correlation's rules are: one search for each rule and table, or one for all rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sigma.sigmaproof.correlation import NUMERIC, TEMPORAL, CorrelatedSpec, CorrelationSpec
from sigma.sigmaproof.tables import EcsTable, Table

from .keywords import Note
from .search import TableSearch, searches


@dataclass(frozen=True, slots=True)
class RuleConditions:
    """The conditions of a rule, any of which may hold, and the tables of its log source."""

    rule: CorrelatedSpec
    conditions: tuple[object, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class RuleSearch:
    """Events of one or more rules of a correlation in one table."""

    rules: tuple[CorrelatedSpec, ...]
    """More than one where nothing tells them apart: neither the measure, nor fields, nor tables."""
    label: str
    """What a result calls the rule."""
    search: TableSearch


def rule_searches(
    rules: Sequence[RuleConditions], spec: CorrelationSpec, note: Note
) -> list[RuleSearch]:
    """Render the conditions of the rules for each table; raises for a rule that no row can satisfy."""
    first = rules[0]
    shares_tables = all(one.tables == first.tables for one in rules)
    if spec.type not in TEMPORAL and not spec.has_aliases and shares_tables:
        every = tuple(one.rule for one in rules)
        conditions = [condition for one in rules for condition in one.conditions]
        read = _fields_of(first.rule, spec)
        found = searches(conditions, first.tables, note, read)
        return [RuleSearch(every, "", one) for one in found]
    return [
        RuleSearch((one.rule,), label, search)
        for label, one in zip(_labels(spec), rules, strict=True)
        for search in searches(one.conditions, one.tables, note, _fields_of(one.rule, spec))
    ]


def _fields_of(rule: CorrelatedSpec, spec: CorrelationSpec) -> tuple[str, ...]:
    """Return the fields of a rule that make the group or are measured."""
    return (*rule.group, spec.field) if spec.field else rule.group


def _labels(spec: CorrelationSpec) -> list[str]:
    """Name the rules; one that is listed twice has its place behind its name."""
    names = [one.name for one in spec.rules]
    return [
        name if names.count(name) == 1 else f"{name} ({place})"
        for place, name in enumerate(names, start=1)
    ]


def with_numbers(table: EcsTable, spec: CorrelationSpec) -> EcsTable:
    """Return the table with a numeric column for the field that is measured, where its type is not known."""
    if spec.type not in NUMERIC or table.knows(spec.field):
        return table
    return replace(table, types={**table.types, spec.field: "real"})
