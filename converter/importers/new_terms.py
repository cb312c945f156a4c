"""Rules of type new_terms: a base rule, and a correlation of type `new_terms` over it."""

from __future__ import annotations

import re
import uuid

from converter.elastic import NewTermsRule
from converter.elastic.date_math import show_length
from converter.ir import Schedule

from . import metadata
from .conversion import CaseChoice, Conversion
from .parts import RuleParts, parts_of
from .yaml_text import yaml_text

_DEFAULTS = Schedule()


def convert(rule: NewTermsRule, case: CaseChoice = "exact") -> Conversion:
    """Turn the rule into two Sigma documents."""
    parts = parts_of(rule, case)
    documents = (_base(rule, parts), _correlation(rule, parts))
    return Conversion(documents, yaml_text(documents), parts.all_diagnostics())


def _base(rule: NewTermsRule, parts: RuleParts) -> dict[str, object]:
    header = rule.header
    return {
        "title": f"{header.name} - Base Events",
        "id": str(uuid.uuid5(uuid.UUID(parts.id), "base events")),
        "name": _name(rule),
        **parts.taxonomy,
        **metadata.status_of(header),
        "description": f"The events among which '{header.name}' looks for new terms.",
        **metadata.provenance(header),
        "logsource": parts.logsource,
        "detection": parts.detection,
        "level": "informational",
    }


def _correlation(rule: NewTermsRule, parts: RuleParts) -> dict[str, object]:
    header, schedule = rule.header, rule.schedule
    tags = metadata.attack_tags(header.threats)
    correlation: dict[str, object] = {
        "type": "new_terms",
        "rules": [_name(rule)],
        "group-by": [parts.names.sigma(field) for field in rule.fields],
        "timespan": show_length(rule.history),
        "lookback": show_length(schedule.lookback),
        "interval": show_length(schedule.interval),
    }
    if schedule.timestamp != _DEFAULTS.timestamp:
        correlation["timestamp"] = schedule.timestamp
    if not schedule.has_fallback:
        correlation["timestamp-fallback"] = False
    return {
        "title": header.name,
        "id": parts.id,
        **parts.taxonomy,
        **metadata.status_of(header),
        "description": header.description.strip(),
        **metadata.provenance(header),
        **({"tags": tags} if tags else {}),
        "correlation": correlation,
        **metadata.triage(header, parts.names),
        **parts.attribute(),
    }


def _name(rule: NewTermsRule) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", rule.header.name.lower()).strip("_")
    return f"{words}_base"
