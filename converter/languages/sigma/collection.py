"""Lowers a collection of Sigma rules to the plan that is the reference of every verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import assert_never

from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from converter.errors import InputError, Unsupported
from converter.ir import (
    ALWAYS,
    And,
    Distinct,
    Filter,
    NewTerms,
    Plan,
    Predicate,
    Schedule,
    Schema,
    Threshold,
)
from converter.ir.located import located
from sigma.sigmaproof.correlation import CorrelationSpec, correlation_of
from sigma.sigmaproof.errors import CorrelationError
from sigma.sigmaproof.loader import LoadedRules
from sigma.sigmaproof.new_terms import NewTermsSpec, new_terms_of
from sigma.sigmaproof.threshold import ThresholdSpec, threshold_of

from .condition import any_of, lower_rule
from .correlation import lower_correlation
from .value import Context

Rules = SigmaCollection | LoadedRules


@dataclass(frozen=True, slots=True)
class RuleSource:
    """What the log source of a rule says of its events."""

    fields: Mapping[str, str]
    """Name in the rule to name in the events; other names stay as they are."""
    log_source: Predicate
    """What is true of every event."""


def lower(rules: Rules, fields: Mapping[str, str], log_source: Predicate, schema: Schema) -> Plan:
    """Return the meaning of the rule that no other rule of the collection refers to.

    Args:
        rules: One rule, or one correlation and what it refers to.
        fields: Name in the rule to name in the events; other names stay as they are.
        log_source: What is true of every event of the rules' log source.
        schema: Types by the names in the events.

    Raises `Unsupported` for what SEMANTICS.md refuses.

    """
    context = Context(fields, schema)
    rule = _main_rule(rules)
    match rule:
        case SigmaRule():
            return Filter(_within(log_source, _located_rule(rule, context)))
        case SigmaCorrelationRule():
            return _lower_correlation(rule, log_source, context)
        case _:
            assert_never(rule)


def lower_of_sources(
    rules: Rules, source_of: Callable[[SigmaRule], RuleSource], schema: Schema
) -> Plan:
    """Return the meaning of a correlation whose rules are of several log sources (SIGMA-23).

    Raises `Unsupported` for anything but a correlation that slides over the events.
    """
    rule = _main_rule(rules)
    spec = _spec_of(rule) if isinstance(rule, SigmaCorrelationRule) else None
    if not isinstance(spec, CorrelationSpec):
        raise Unsupported("rules of several log sources outside a correlation that slides")

    def context_of(base: SigmaRule) -> Context:
        return Context(source_of(base).fields, schema)

    def base_of(base: SigmaRule) -> Predicate:
        return _within(source_of(base).log_source, _located_rule(base, context_of(base)))

    return lower_correlation(spec, context_of, base_of)


def schedule_of(rules: Rules) -> Schedule:
    """Return when the main rule runs: as its correlation says, else by the defaults."""
    rule = _main_rule(rules)
    spec = _spec_of(rule) if isinstance(rule, SigmaCorrelationRule) else None
    match spec:
        case None | CorrelationSpec():
            return Schedule()
        case NewTermsSpec():
            lookback = spec.lookback
        case ThresholdSpec():
            lookback = spec.window
        case _:
            assert_never(spec)
    return Schedule(spec.interval, lookback, spec.timestamp, spec.timestamp_fallback)


def _main_rule(rules: Rules) -> SigmaRule | SigmaCorrelationRule:
    collection = rules.collection if isinstance(rules, LoadedRules) else rules
    main = [
        rule
        for rule in collection.get_unreferenced_rules()
        if isinstance(rule, SigmaRule | SigmaCorrelationRule)
    ]
    if len(main) != 1:
        titles = ", ".join(repr(rule.title) for rule in main) or "none"
        raise Unsupported(
            f"a collection with {len(main)} independent rules ({titles})",
            hint="give one rule, or one correlation with the rules that it refers to",
        )
    return main[0]


def _lower_correlation(rule: SigmaCorrelationRule, log_source: Predicate, context: Context) -> Plan:
    spec = _spec_of(rule)
    if isinstance(spec, CorrelationSpec):
        return lower_correlation(
            spec,
            lambda _base: context,
            lambda base: _within(log_source, _located_rule(base, context)),
        )
    if rule.generate:
        raise Unsupported(
            f"generate: true in rule {rule.title!r}",
            hint="remove it and verify the base rules on their own",
        )
    base = any_of([_base_predicate(one.rule, context) for one in rule.referenced_rules])
    # SIGMA-15: term values compare exactly and by the field's type.
    terms = tuple(context.term(field) for field in spec.fields)
    match spec:
        case NewTermsSpec():
            return NewTerms(_within(log_source, base), terms, spec.history)
        case ThresholdSpec():  # SIGMA-18
            distinct = _distinct(spec, context)
            return Threshold(_within(log_source, base), terms, spec.count, distinct)
        case _:
            assert_never(spec)


def _distinct(spec: ThresholdSpec, context: Context) -> Distinct | None:
    if spec.distinct is None:
        return None
    return Distinct(context.term(spec.distinct.field), spec.distinct.count)


def _spec_of(rule: SigmaCorrelationRule) -> NewTermsSpec | ThresholdSpec | CorrelationSpec:
    try:
        return new_terms_of(rule) or threshold_of(rule) or correlation_of(rule)
    except CorrelationError as error:
        raise Unsupported(error.what, hint=error.hint) from error
    except SigmaError as error:
        raise InputError(str(error)) from error


def _base_predicate(rule: SigmaRule | SigmaCorrelationRule, context: Context) -> Predicate:
    if isinstance(rule, SigmaCorrelationRule):  # SIGMA-14
        raise Unsupported(
            f"a correlation over the correlation {rule.title!r}", hint="refer to its base rules"
        )
    return _located_rule(rule, context)


def _located_rule(rule: SigmaRule, context: Context) -> Predicate:
    # Sigma compares the values themselves, whatever a normalizer makes of them.
    return located(lower_rule(rule, context), context.schema, folds=True)


def _within(log_source: Predicate, predicate: Predicate) -> Predicate:
    return predicate if log_source == ALWAYS else And((log_source, predicate))
