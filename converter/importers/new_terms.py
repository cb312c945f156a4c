"""Rules of type new_terms: a base rule, and a correlation of type `new_terms` over it."""

from __future__ import annotations

from collections.abc import Sequence

from converter.elastic import NewTermsRule
from converter.elastic.date_math import show_length
from converter.ir import Schedule
from converter.mapping import MappingPack
from converter.schema_files import NOTHING_DECLARED, DeclaredTypes

from . import correlation
from .conversion import CaseChoice, Conversion
from .parts import RuleParts, parts_of
from .yaml_text import yaml_text

_DEFAULTS = Schedule()


def convert(
    rule: NewTermsRule,
    case: CaseChoice = "exact",
    declared: DeclaredTypes = NOTHING_DECLARED,
    own: Sequence[MappingPack] = (),
) -> Conversion:
    """Turn the rule into two Sigma documents."""
    parts = parts_of(rule, case, declared, own=own)
    purpose = f"The events among which '{rule.header.name}' looks for new terms."
    documents = (
        correlation.base_document(parts, purpose),
        correlation.correlation_document(parts, _correlation(rule, parts)),
    )
    return Conversion(documents, yaml_text(documents), parts.all_diagnostics(), parts.names.assumed)


def _correlation(rule: NewTermsRule, parts: RuleParts) -> dict[str, object]:
    schedule = rule.schedule
    keys: dict[str, object] = {
        "type": "new_terms",
        "rules": [correlation.base_name(rule)],
        "group-by": [parts.names.sigma(field) for field in rule.fields],
        "timespan": show_length(rule.history),
        "lookback": show_length(schedule.lookback),
        "interval": show_length(schedule.interval),
    }
    if schedule.timestamp != _DEFAULTS.timestamp:
        keys["timestamp"] = schedule.timestamp
    if not schedule.has_fallback:
        keys["timestamp-fallback"] = False
    return keys
