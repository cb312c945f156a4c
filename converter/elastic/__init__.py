"""Elastic Security rules: TOML of detection-rules and Kibana's JSON or NDJSON export."""

from .filters import filter_predicates
from .read import read_rules, rule_of
from .rule import (
    ElasticRule,
    NewTermsRule,
    QueryRule,
    RuleHeader,
    Technique,
    Threat,
    file_line,
)
from .source import RuleSource, sources_of

__all__ = [
    "ElasticRule",
    "NewTermsRule",
    "QueryRule",
    "RuleHeader",
    "RuleSource",
    "Technique",
    "Threat",
    "file_line",
    "filter_predicates",
    "read_rules",
    "rule_of",
    "sources_of",
]
