"""What a rule says about itself, as Sigma can carry it.

Everything else goes into the custom attribute `elastic`, laid out like a rule file of detection-rules,
so that the Elastic rule can be built again; `converter/deliverables/metadata.py` reads it.
"""

from __future__ import annotations

import re
import uuid
from datetime import date

from converter.diagnostic import Diagnostic, Severity
from converter.elastic import ElasticRule, QueryRule, RuleHeader, Threat
from converter.elastic.date_math import show_length
from converter.elastic.threat import threat_tables
from converter.ir import Schedule

from .field_names import FieldNames

ATTRIBUTE = "elastic"
MITRE = "MITRE ATT&CK"

_STATUS = {
    "production": "stable",
    "beta": "test",
    "experimental": "experimental",
    "development": "experimental",
    "deprecated": "deprecated",
}
_MATURITY = {"stable": "production", "test": "beta", "experimental": "experimental"}
"""Maturity that a status stands for when nothing else is said."""


def rule_id(header: RuleHeader) -> tuple[str, list[Diagnostic]]:
    """Return the rule's id as a UUID; an id of another form gives a derived one and a diagnostic."""
    try:
        return str(uuid.UUID(header.id)), []
    except ValueError:
        derived = str(uuid.uuid5(uuid.NAMESPACE_URL, f"elastic-rule:{header.id}"))
        what = (
            f"rule id {header.id} is no UUID; the Sigma rule has the id {derived} derived from it"
        )
        return derived, [Diagnostic("id-derived", Severity.NOTE, what)]


def status_of(header: RuleHeader) -> dict[str, object]:
    """Return the status, if the maturity has one."""
    status = _STATUS.get(header.maturity)
    return {"status": status} if status else {}


def provenance(header: RuleHeader) -> dict[str, object]:
    """Return licence, references, authors and dates, each where the rule has it."""
    found: dict[str, object] = {
        "license": header.license,
        "references": list(header.references),
        "author": ", ".join(header.author),
        "date": _day(header.creation_date),
        "modified": _day(header.updated_date),
    }
    return {key: value for key, value in found.items() if value}


def attack_tags(threats: tuple[Threat, ...]) -> list[str]:
    """Return the tags of tactics, techniques and sub-techniques, each once."""
    tags: dict[str, None] = {}
    for threat in threats:
        if threat.framework != MITRE:
            continue
        tags.setdefault("attack." + re.sub(r"[ _]+", "-", threat.tactic_name.lower()))
        for technique in threat.techniques:
            tags.setdefault(f"attack.{technique.id.lower()}")
            for one in technique.subtechniques:
                tags.setdefault(f"attack.{one.id.lower()}")
    return list(tags)


def triage(header: RuleHeader, names: FieldNames) -> dict[str, object]:
    """Return fields to look at, known false positives and level."""
    found: dict[str, object] = {
        "fields": [names.sigma_silently(field) for field in header.investigation_fields],
        "falsepositives": [" ".join(text.split()) for text in header.false_positives],
        "level": header.severity,
    }
    return {key: value for key, value in found.items() if value}


def elastic_attribute(rule: ElasticRule, names: FieldNames, sigma_id: str) -> dict[str, object]:
    """Return what Sigma has no key for, by the tables of a rule file."""
    header = rule.header
    tables: dict[str, dict[str, object]] = {"metadata": {}, "rule": _rule_table(rule, names)}
    if header.id != sigma_id:
        tables["rule"]["rule_id"] = header.id
    status = _STATUS.get(header.maturity, "")
    if header.maturity and _MATURITY.get(status, status) != header.maturity:
        tables["metadata"]["maturity"] = header.maturity
    for name, value in header.extra.items():
        table, _, key = name.partition(".")
        tables.setdefault(table, {})[key] = value
    return {name: table for name, table in tables.items() if table}


def remarks(header: RuleHeader) -> list[Diagnostic]:
    """Report what acts on the alerts of the Elastic rule and has no place in Sigma."""
    found = []
    if header.extra.get("rule.exceptions_list"):
        what = (
            "the rule refers to exception lists, which are kept in Kibana and not in the file;"
            " what they leave out, the Sigma rule reports"
        )
        found.append(Diagnostic("exceptions-list", Severity.WARNING, what))
    if header.extra.get("rule.alert_suppression"):
        what = (
            "the rule suppresses repeated alerts, which Sigma cannot say; the setting is kept"
            f" under {ATTRIBUTE}"
        )
        found.append(Diagnostic("alert-suppression", Severity.NOTE, what))
    return found


def _rule_table(rule: ElasticRule, names: FieldNames) -> dict[str, object]:
    header = rule.header
    table: dict[str, object] = {
        "index": list(rule.index),
        "language": rule.language,
        **(_schedule(rule.schedule) if isinstance(rule, QueryRule) else {}),
        "risk_score": header.risk_score,
        "max_signals": header.max_signals,
        "tags": list(header.tags),
        "threat": threat_tables(header.threats),
    }
    if any("," in author for author in header.author):
        table["author"] = list(header.author)
    if any(names.ecs(names.sigma_silently(one)) != one for one in header.investigation_fields):
        table["investigation_fields"] = {"field_names": list(header.investigation_fields)}
    defaults = {"max_signals": 100, "index": [], "tags": [], "threat": []}
    return {key: value for key, value in table.items() if defaults.get(key) != value}


def _schedule(schedule: Schedule) -> dict[str, object]:
    """Return the schedule of a rule whose Sigma form has no place for it."""
    keys: dict[str, object] = {
        "interval": show_length(schedule.interval),
        "from": f"now-{show_length(schedule.lookback)}",
    }
    if schedule.timestamp != Schedule().timestamp:
        keys["timestamp_override"] = schedule.timestamp
    if not schedule.has_fallback:
        keys["timestamp_override_fallback_disabled"] = True
    return keys


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
