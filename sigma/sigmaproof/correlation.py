"""Correlations as the Sigma specification has them, read from pySigma's rule.

The meaning of a rule and its texts both read a correlation here, so that neither guesses what the other
refuses. Rules are numbered in converter/languages/sigma/SEMANTICS.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sigma.correlations import (
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaCorrelationType,
    SigmaRuleReference,
)
from sigma.rule import SigmaRule

from .errors import CorrelationError
from .new_terms import refuse_lossy_mapping
from .new_terms_section import duration

NUMERIC = frozenset(
    {
        SigmaCorrelationType.VALUE_SUM,
        SigmaCorrelationType.VALUE_AVG,
        SigmaCorrelationType.VALUE_PERCENTILE,
        SigmaCorrelationType.VALUE_MEDIAN,
    }
)
"""Types that read numbers."""
TEMPORAL = frozenset({SigmaCorrelationType.TEMPORAL, SigmaCorrelationType.TEMPORAL_ORDERED})
_COUNTS = frozenset({SigmaCorrelationType.EVENT_COUNT, SigmaCorrelationType.VALUE_COUNT}) | TEMPORAL
"""Types whose measure is a count, of which every window has at least one."""

OPERATORS = {
    SigmaCorrelationConditionOperator.LT: "<",
    SigmaCorrelationConditionOperator.LTE: "<=",
    SigmaCorrelationConditionOperator.GT: ">",
    SigmaCorrelationConditionOperator.GTE: ">=",
    SigmaCorrelationConditionOperator.EQ: "==",
    SigmaCorrelationConditionOperator.NEQ: "!=",
}


@dataclass(frozen=True, slots=True)
class CorrelatedSpec:
    """A rule that a correlation refers to."""

    name: str
    rule: SigmaRule
    group: tuple[str, ...]
    """Its fields that make the group, as they stand after the pipeline."""


@dataclass(frozen=True, slots=True)
class CorrelationSpec:
    """What a correlation asks for."""

    type: SigmaCorrelationType
    rules: tuple[CorrelatedSpec, ...]
    names: tuple[str, ...]
    """What the fields of a group are called: a field's own name, or an alias."""
    timespan: timedelta
    operator: str
    """`<`, `<=`, `>`, `>=`, `==` or `!=`."""
    number: int
    field: str
    """The field whose values are measured; empty where events or rules are counted."""
    percent: int

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the names of the group's fields in a query's result."""
        return self.names

    @property
    def has_aliases(self) -> bool:
        """Say whether some rule has other fields than the group's names."""
        return any(rule.group != self.names for rule in self.rules)


def correlation_of(rule: SigmaCorrelationRule) -> CorrelationSpec:
    """Read a correlation of one of Sigma's own types; raises `CorrelationError` for what is refused."""
    condition = _condition(rule)
    bases = [(one.reference, _base(one, rule)) for one in rule.referenced_rules]
    names = tuple(rule.group_by or ())
    _refuse_changed_groups(rule, names)
    spec = CorrelationSpec(
        type=rule.type,
        rules=tuple(CorrelatedSpec(name, base, _group(rule, base, names)) for name, base in bases),
        names=names,
        timespan=duration(rule.timespan.spec, "timespan"),  # pySigma also has months and years
        operator=OPERATORS[condition.op],
        number=condition.count,
        field=_field(rule, condition),
        percent=_percent(rule, condition),
    )
    _refuse_impossible(rule, spec)
    return spec


def number_fields(rule: SigmaCorrelationRule) -> dict[str, str]:
    """Return the field that a correlation reads numbers of, with the type that it takes it to have."""
    field = getattr(rule.condition, "fieldref", None)
    return {field: "double"} if rule.type in NUMERIC and isinstance(field, str) else {}


def _condition(rule: SigmaCorrelationRule) -> SigmaCorrelationCondition:
    condition = rule.condition
    if not isinstance(condition, SigmaCorrelationCondition):  # SIGMA-21
        raise CorrelationError(
            f"the condition of {rule.title!r} joins rules by and, or, not",
            "list the rules and compare their number, as in `gte: 2`",
            "condition",
        )
    written = rule.custom_attributes.get("correlation")
    section = written.get("condition") if isinstance(written, Mapping) else None
    number = section.get(condition.op.name.lower()) if isinstance(section, Mapping) else None
    if isinstance(number, float) and number != condition.count:
        raise CorrelationError(
            f"the condition of {rule.title!r} compares with {number}, which pySigma cuts to"
            f" {condition.count}",
            "compare with a whole number",
            "condition",
        )
    return condition


def _base(reference: SigmaRuleReference, rule: SigmaCorrelationRule) -> SigmaRule:
    if isinstance(reference.rule, SigmaRule):
        return reference.rule
    raise CorrelationError(
        f"{rule.title!r} correlates the correlation {reference.rule.title!r}",
        "refer to its base rules",
        "rules",
    )


def _refuse_changed_groups(rule: SigmaCorrelationRule, names: tuple[str, ...]) -> None:
    if len(rule.aliases) == 0:
        refuse_lossy_mapping(rule, names)


def _group(rule: SigmaCorrelationRule, base: SigmaRule, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the fields of a rule that the names of the group stand for."""
    aliases = {alias.alias: alias.mapping for alias in rule.aliases}
    fields = []
    for name in names:
        if name not in aliases:
            fields.append(name)
            continue
        own = (base.name, str(base.id))
        found = [field for one, field in aliases[name].items() if one.reference in own]
        if not found:
            raise CorrelationError(
                f"the alias {name} of {rule.title!r} has no field for the rule {base.title!r}",
                "name a field for every rule of the correlation",
                "aliases",
            )
        fields.append(found[0])
    return tuple(fields)


def _field(rule: SigmaCorrelationRule, condition: SigmaCorrelationCondition) -> str:
    if rule.type not in NUMERIC | {SigmaCorrelationType.VALUE_COUNT}:
        if condition.fieldref is not None:
            raise CorrelationError(
                f"the condition of {rule.title!r} names a field, which a correlation of type"
                f" {rule.type} has no use for",
                "remove it, or use a type that reads values",
                "condition",
            )
        return ""
    if not isinstance(condition.fieldref, str) or not condition.fieldref:
        raise CorrelationError(
            f"the condition of {rule.title!r} reads the values of {condition.fieldref!r}",
            "name one field",
            "condition",
        )
    return condition.fieldref


def _percent(rule: SigmaCorrelationRule, condition: SigmaCorrelationCondition) -> int:
    if rule.type is not SigmaCorrelationType.VALUE_PERCENTILE:
        return 0
    if condition.percentile is None or not 1 <= condition.percentile <= 100:
        raise CorrelationError(
            f"the condition of {rule.title!r} asks for the percentile {condition.percentile}",
            "write `percentile:` with a whole number from 1 to 100",
            "condition",
        )
    return condition.percentile


def _refuse_impossible(rule: SigmaCorrelationRule, spec: CorrelationSpec) -> None:
    """Refuse a condition that no window can satisfy: each has the event that it ends at (SIGMA-21)."""
    if spec.type is SigmaCorrelationType.TEMPORAL_ORDERED:
        _refuse_partial_order(rule, spec)
    least = 1
    is_impossible = (
        (spec.operator == "<" and spec.number <= least)
        or (spec.operator == "<=" and spec.number < least)
        or (spec.operator == "==" and spec.number < least)
    )
    if spec.type in _COUNTS and is_impossible:
        raise CorrelationError(
            f"the condition of {rule.title!r} asks for a count {spec.operator} {spec.number}, but a window"
            " holds the event that it ends at; that something did not happen raises no event",
            "ask for a count that one event or more can have",
            "condition",
        )
    most = len(spec.rules)
    is_beyond = (spec.operator == ">" and spec.number >= most) or (
        spec.operator in (">=", "==") and spec.number > most
    )
    if spec.type in TEMPORAL and is_beyond:
        raise CorrelationError(
            f"the condition of {rule.title!r} asks for a count {spec.operator} {spec.number} of {most} rules",
            "ask for no more rules than the correlation lists",
            "condition",
        )


def _refuse_partial_order(rule: SigmaCorrelationRule, spec: CorrelationSpec) -> None:
    every = len(spec.rules)
    asks_for_all = (spec.operator, spec.number) in {
        (">=", every),
        ("==", every),
        (">", every - 1),
    }
    if not asks_for_all:
        raise CorrelationError(
            f"the condition of {rule.title!r} asks for {spec.operator} {spec.number} of {every} rules in"
            " order, but Sigma does not say which order some of them have",
            f"remove the condition, or write `gte: {every}`",
            "condition",
        )
