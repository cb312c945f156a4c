"""What an Elastic rule does with the documents that satisfy its query."""

from __future__ import annotations

from typing import assert_never

from converter.ir import Distinct, Filter, NewTerms, Plan, Predicate, TermField, Threshold

from .rule import ElasticRule, NewTermsRule, QueryRule, ThresholdRule


def plan_of(rule: ElasticRule, base: Predicate) -> Plan:
    """Return the plan of a rule whose query and filters mean `base`."""
    match rule:
        case QueryRule():
            return Filter(base)
        case NewTermsRule(fields=fields, history=history):
            return NewTerms(base, tuple(map(TermField, fields)), history)
        case ThresholdRule(fields=fields, cardinality=found):
            distinct = Distinct(TermField(found.field), found.value) if found else None
            return Threshold(base, tuple(map(TermField, fields)), rule.value, distinct)
        case _:
            assert_never(rule)
