"""Elastic rules as Sigma documents: one module for each rule type."""

from __future__ import annotations

from typing import assert_never

from converter.elastic import ElasticRule, NewTermsRule, QueryRule, ThresholdRule

from . import new_terms, query, threshold
from .conversion import CaseChoice, Conversion
from .field_names import rule_schema

__all__ = ["CaseChoice", "Conversion", "import_rule", "rule_schema"]


def import_rule(rule: ElasticRule, case: CaseChoice = "exact") -> Conversion:
    """Turn an Elastic rule into Sigma documents; raises InputError or Unsupported."""
    match rule:
        case NewTermsRule():
            return new_terms.convert(rule, case)
        case QueryRule():
            return query.convert(rule, case)
        case ThresholdRule():
            return threshold.convert(rule, case)
        case _:
            assert_never(rule)
