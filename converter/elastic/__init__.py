"""Elastic Security rules: TOML of detection-rules and Kibana's JSON or NDJSON export."""

from .filters import filter_predicates
from .plan import plan_of
from .read import read_rules, rule_of
from .rule import (
    Cardinality,
    ElasticRule,
    NewTermsRule,
    QueryRule,
    RuleHeader,
    Technique,
    Threat,
    ThresholdRule,
    file_line,
)
from .source import RuleSource, sources_of

__all__ = [
    "Cardinality",
    "ElasticRule",
    "NewTermsRule",
    "QueryRule",
    "RuleHeader",
    "RuleSource",
    "Technique",
    "Threat",
    "ThresholdRule",
    "file_line",
    "filter_predicates",
    "plan_of",
    "read_rules",
    "rule_of",
    "sources_of",
]
