"""Lowers the correlations of Sigma's own types, which slide over the events (SIGMA-14 to SIGMA-22)."""

from __future__ import annotations

from collections.abc import Callable

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
_STATISTICS = {
    SigmaCorrelationType.VALUE_SUM: Statistic.SUM,
    SigmaCorrelationType.VALUE_AVG: Statistic.AVERAGE,
    SigmaCorrelationType.VALUE_MEDIAN: Statistic.MEDIAN,
    SigmaCorrelationType.VALUE_PERCENTILE: Statistic.PERCENTILE,
}


def lower_correlation(
    spec: CorrelationSpec, context: Context, base_of: Callable[[SigmaRule], Predicate]
) -> Correlation:
    """Return the plan of a correlation; `base_of` lowers a rule, its log source included."""
    rules = tuple(
        CorrelatedRule(one.name, base_of(one.rule), tuple(map(context.term, one.group)))
        for one in spec.rules
    )
    return Correlation(
        rules=rules,
        names=tuple(map(context.event_field, spec.names)),
        timespan=spec.timespan,
        measure=_measure(spec, context),
        condition=Condition(Comparator(spec.operator), spec.number),
    )


def _measure(spec: CorrelationSpec, context: Context) -> Measure:
    match spec.type:
        case SigmaCorrelationType.EVENT_COUNT:
            return EventCount()
        case SigmaCorrelationType.VALUE_COUNT:
            return ValueCount(context.term(spec.field))
        case SigmaCorrelationType.TEMPORAL:
            return RuleCount()
        case SigmaCorrelationType.TEMPORAL_ORDERED:
            return RulesInOrder()
        case _:
            field = _number_field(spec, context)
            return NumberStatistic(field, _STATISTICS[spec.type], spec.percent)


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
