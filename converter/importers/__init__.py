"""Elastic rules as Sigma documents: one module for each rule type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from converter.elastic import ElasticRule, NewTermsRule, QueryRule, ThresholdRule
from converter.mapping import MappingPack
from converter.schema_files import NOTHING_DECLARED, DeclaredTypes

from . import new_terms, query, threat_match, threshold
from .conversion import CaseChoice, Conversion
from .field_names import rule_schema
from .log_source import integrations_of

__all__ = [
    "CaseChoice",
    "Conversion",
    "import_rule",
    "integrations_of",
    "rule_schema",
    "threat_match",
]


def import_rule(
    rule: ElasticRule,
    case: CaseChoice = "exact",
    declared: DeclaredTypes = NOTHING_DECLARED,
    own: Sequence[MappingPack] = (),
) -> Conversion:
    """Turn an Elastic rule into Sigma documents; raises InputError or Unsupported.

    `own` are mapping packs of the user, which come before the installed ones.
    """
    match rule:
        case NewTermsRule():
            return new_terms.convert(rule, case, declared, own=own)
        case QueryRule():
            return query.convert(rule, case, declared, own=own)
        case ThresholdRule():
            return threshold.convert(rule, case, declared, own=own)
        case _:
            assert_never(rule)
