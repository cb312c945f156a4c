"""Lowers the correlations of Sigma's own types, which slide over the events (SIGMA-14 to SIGMA-22)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sigma.correlations import SigmaCorrelationType
from sigma.rule import SigmaRule

from converter.errors import Unsupported
from converter.ir import (
    Comparator,
    Condition,
    CorrelatedRule,
    Correlation,
    EventCount,
    FieldType,
    Measure,
    NumberStatistic,
    Predicate,
    RuleCount,
    RulesInOrder,
    Statistic,
    TermField,
    ValueCount,
    View,
)
from sigma.sigmaproof.correlation import CorrelationSpec

from .value import Context

_NUMERIC = (FieldType.LONG, FieldType.DOUBLE)
_TEXT, _WHOLE = "texts", "whole numbers"
_STATISTICS = {
    SigmaCorrelationType.VALUE_SUM: Statistic.SUM,
    SigmaCorrelationType.VALUE_AVG: Statistic.AVERAGE,
    SigmaCorrelationType.VALUE_MEDIAN: Statistic.MEDIAN,
    SigmaCorrelationType.VALUE_PERCENTILE: Statistic.PERCENTILE,
}


def lower_correlation(
    spec: CorrelationSpec,
    context_of: Callable[[SigmaRule], Context],
    base_of: Callable[[SigmaRule], Predicate],
) -> Correlation:
    """Return the plan of a correlation; `base_of` lowers a rule, its log source included."""
    contexts = [context_of(one.rule) for one in spec.rules]
    groups = _groups(spec, contexts)
    rules = tuple(
        CorrelatedRule(one.name, base_of(one.rule), group)
        for one, group in zip(spec.rules, groups, strict=True)
    )
    return Correlation(
        rules=rules,
        names=tuple(_shared_name(name, contexts) for name in spec.names),
        timespan=spec.timespan,
        measure=_measure(spec, contexts),
        condition=Condition(Comparator(spec.operator), spec.number),
    )


def _groups(spec: CorrelationSpec, contexts: Sequence[Context]) -> list[tuple[TermField, ...]]:
    """Return the fields that make the group of each rule, which are one value whatever they are called.

    Where they are whole numbers in the events of one rule and texts in those of another, numbers are
    compared as the texts that they are written as (SIGMA-23).
    """
    groups = [
        [context.term(field) for field in one.group]
        for one, context in zip(spec.rules, contexts, strict=True)
    ]
    for place, name in enumerate(spec.names):
        kinds = {
            _kind(context.type_of(context.event_field(one.group[place])))
            for one, context in zip(spec.rules, contexts, strict=True)
        }
        if len(kinds) > 1 and kinds != {_TEXT, _WHOLE}:
            raise Unsupported(
                f"{name} groups {' and '.join(sorted(kinds))} of several rules, which no two events share",
                hint="group by fields that hold the same kind of values",
            )
        views = {group[place].view for group in groups}
        if len(kinds) > 1 or len(views) > 1:
            for group in groups:
                group[place] = replace(group[place], view=View.KEYWORD)
    return [tuple(group) for group in groups]


def _kind(field_type: FieldType | None) -> str:
    match field_type:
        case FieldType.LONG:
            return _WHOLE
        case FieldType.DOUBLE:
            return "numbers with a fraction"
        case FieldType.BOOLEAN:
            return "booleans"
        case FieldType.DATE:
            return "times"
        case _:
            return _TEXT


def _shared_name(name: str, contexts: Sequence[Context]) -> str:
    """Return what the events call a field of the group; its own name where they do not agree."""
    found = {context.event_field(name) for context in contexts}
    return found.pop() if len(found) == 1 else name


def _measure(spec: CorrelationSpec, contexts: Sequence[Context]) -> Measure:
    match spec.type:
        case SigmaCorrelationType.EVENT_COUNT:
            return EventCount()
        case SigmaCorrelationType.VALUE_COUNT:
            return ValueCount(_measured(spec, contexts).term(spec.field))
        case SigmaCorrelationType.TEMPORAL:
            return RuleCount()
        case SigmaCorrelationType.TEMPORAL_ORDERED:
            return RulesInOrder()
        case _:
            field = _number_field(spec, _measured(spec, contexts))
            return NumberStatistic(field, _STATISTICS[spec.type], spec.percent)


def _measured(spec: CorrelationSpec, contexts: Sequence[Context]) -> Context:
    """Return the context by which the measured field is read, which is one field for all rules."""
    names = {
        context.event_field(spec.field): one.name
        for context, one in zip(contexts, spec.rules, strict=True)
    }
    if len(names) > 1:
        listed = ", ".join(f"{field} in the events of {rule}" for field, rule in names.items())
        raise Unsupported(
            f"{spec.type} of {spec.field}, which is {listed}",
            hint="measure a field that the events of all rules have under one name",
        )
    return contexts[0]


def _number_field(spec: CorrelationSpec, context: Context) -> TermField:
    """Return the field whose numbers are read (SIGMA-20)."""
    name = context.event_field(spec.field)
    known = context.type_of(name)
    if known is not None and known not in _NUMERIC:
        raise Unsupported(
            f"{spec.type} of {spec.field}, a field of type {known.value}",
            hint="name a field that holds numbers, or count its values (value_count)",
        )
    return TermField(context.term(spec.field).field, View.NUMBER)
