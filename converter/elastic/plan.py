"""What an Elastic rule does with the documents that satisfy its query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from converter.ir import (
    And,
    Distinct,
    Filter,
    NewTerms,
    Plan,
    Predicate,
    Schema,
    TermField,
    Threshold,
)
from converter.ir.located import check_readable

from .filters import filter_predicates
from .rule import ElasticRule, NewTermsRule, QueryRule, ThresholdRule


def plan_of(rule: ElasticRule, query: Predicate, schema: Schema) -> Plan:
    """Return the plan of a rule whose query means `query`; its filters are added."""
    base = And((query, *filters)) if (filters := filter_predicates(rule, schema)) else query
    match rule:
        case QueryRule():
            return Filter(base)
        case NewTermsRule(fields=fields, history=history):
            return NewTerms(base, _terms(fields, schema), history)
        case ThresholdRule(fields=fields, cardinality=found):
            distinct = Distinct(_terms((found.field,), schema)[0], found.value) if found else None
            return Threshold(base, _terms(fields, schema), rule.value, distinct)
        case _:
            assert_never(rule)


def _terms(fields: Sequence[str], schema: Schema) -> tuple[TermField, ...]:
    for field in fields:
        check_readable(field, schema)
    return tuple(TermField(schema.path_of(field), schema.term_view(field)) for field in fields)
