"""Elastic Security rules: TOML of detection-rules and Kibana's JSON or NDJSON export."""

from .rule import ElasticRule, NewTermsRule, QueryRule, RuleHeader, Technique, Threat

__all__ = ["ElasticRule", "NewTermsRule", "QueryRule", "RuleHeader", "Technique", "Threat"]
