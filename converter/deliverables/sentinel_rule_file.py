"""Reads and checks scheduled analytics rules of Microsoft Sentinel, in their YAML form.

Knows nothing of what wrote the file, so that an engine may read it. The limits are those of the template
validator of Microsoft's repository of rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import yaml

from converter.errors import InputError

MAXIMUM_QUERY = 10_000
MAXIMUM_NAME = 256
MAXIMUM_DESCRIPTION = 5_000
MAXIMUM_ENTITIES = 10
MAXIMUM_IDENTIFIERS = 3
MAXIMUM_DETAILS = 20
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=14)
LONG_PERIOD = timedelta(days=2)
LONG_PERIOD_FREQUENCY = timedelta(hours=1)

SEVERITIES = ("Informational", "Low", "Medium", "High")
TACTICS = (
    "Reconnaissance",
    "ResourceDevelopment",
    "InitialAccess",
    "Execution",
    "Persistence",
    "PrivilegeEscalation",
    "DefenseEvasion",
    "CredentialAccess",
    "Discovery",
    "LateralMovement",
    "Collection",
    "Exfiltration",
    "CommandAndControl",
    "Impact",
)
REQUIRED = (
    "id",
    "name",
    "description",
    "severity",
    "requiredDataConnectors",
    "queryFrequency",
    "queryPeriod",
    "triggerOperator",
    "triggerThreshold",
    "query",
    "version",
    "kind",
)

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_SHORT = re.compile(r"(\d+)([mhd])")
_CLOCK = re.compile(r"(?:(\d+)\.)?(\d{2}):(\d{2}):(\d{2})")
_TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?")
_DETAIL_KEY = re.compile(r"[a-zA-Z]\w{0,19}", re.ASCII)
_COLUMN = re.compile(r"[a-zA-Z_]\w*", re.ASCII)
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_IS_RULE = re.compile(r"^(queryFrequency|kind: (Scheduled|NRT))\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class AnalyticsRule:
    """What decides about a scheduled rule's alerts."""

    query: str
    frequency: timedelta
    period: timedelta


def read_rule(text: str) -> AnalyticsRule | None:
    """Read a rule file; None where the text is none. Raises InputError for a rule that is not valid."""
    if not _IS_RULE.search(text):
        return None
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"analytics rule: the YAML is broken; {_one_line(error)}") from error
    if not isinstance(found, dict):
        return None
    if wrong := problems(found):
        raise InputError(f"analytics rule: {wrong[0]}")
    return AnalyticsRule(
        str(found["query"]), duration(found["queryFrequency"]), duration(found["queryPeriod"])
    )


def duration(value: object) -> timedelta:
    """Read `5m`, `1h`, `14d` or `1.00:00:00`; ISO durations belong to ARM templates and raise."""
    text = str(value)
    if short := _SHORT.fullmatch(text):
        return timedelta(**{_UNITS[short[2]]: int(short[1])})
    if clock := _CLOCK.fullmatch(text):
        days, hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    raise InputError(f"duration {text!r} is not valid; write it as 5m, 1h or 14d")


def problems(rule: Mapping[str, object]) -> list[str]:
    """Return what keeps a rule from being deployed, each with what to do."""
    if missing := [key for key in REQUIRED if key not in rule]:
        return [f"key {missing[0]} is missing; add it"]
    return [
        *_header_problems(rule),
        *_schedule_problems(rule),
        *_attack_problems(rule),
        *_entity_problems(rule.get("entityMappings", [])),
        *_detail_problems(rule.get("customDetails", {})),
    ]


def _header_problems(rule: Mapping[str, object]) -> Iterator[str]:
    query = str(rule["query"])
    if len(query) > MAXIMUM_QUERY:
        yield (
            f"query has {len(query)} characters, the limit is {MAXIMUM_QUERY}; move its longest list"
            " to a watchlist and compare with _GetWatchlist"
        )
    if not query.strip():
        yield "query is empty; write one"
    for key, limit in (("name", MAXIMUM_NAME), ("description", MAXIMUM_DESCRIPTION)):
        if len(str(rule[key])) > limit:
            yield f"{key} has {len(str(rule[key]))} characters; shorten it to {limit}"
    if rule["severity"] not in SEVERITIES:
        yield f"severity {rule['severity']!r} is not known; use {', '.join(SEVERITIES)}"
    if not _is_uuid(rule["id"]):
        yield f"id {rule['id']!r} is no GUID; give the rule one of its own"
    if not _VERSION.fullmatch(str(rule["version"])):
        yield f"version {rule['version']!r} is not valid; write three numbers, as in 1.0.0"
    if rule["kind"] != "Scheduled":
        yield f"kind {rule['kind']!r} is not Scheduled; only scheduled rules see more than a minute"


def _schedule_problems(rule: Mapping[str, object]) -> Iterator[str]:
    try:
        frequency, period = duration(rule["queryFrequency"]), duration(rule["queryPeriod"])
    except InputError as error:
        yield str(error)
        return
    for key, length in (("queryFrequency", frequency), ("queryPeriod", period)):
        if not SHORTEST <= length <= LONGEST:
            yield f"{key} {rule[key]} is out of bounds; use 5m to 14d"
    if period < frequency:
        yield f"queryPeriod {rule['queryPeriod']} is shorter than queryFrequency; make it at least as long"
    if period >= LONG_PERIOD and frequency < LONG_PERIOD_FREQUENCY:
        yield (
            f"queryFrequency {rule['queryFrequency']} is too short for a period of 2 days or more;"
            " use at least 1h"
        )
    if rule["triggerOperator"] not in ("gt", "lt", "eq", "ne"):
        yield f"triggerOperator {rule['triggerOperator']!r} is not known; use gt, lt, eq or ne"
    threshold = rule["triggerThreshold"]
    if not isinstance(threshold, int) or not 0 <= threshold <= 10_000:
        yield f"triggerThreshold {threshold!r} is out of bounds; use 0 to 10000"


def _attack_problems(rule: Mapping[str, object]) -> Iterator[str]:
    tactics, techniques = _list(rule.get("tactics")), _list(rule.get("relevantTechniques"))
    for tactic in tactics:
        if tactic not in TACTICS:
            yield f"tactic {tactic!r} is not known; use names such as InitialAccess"
    for technique in techniques:
        if not _TECHNIQUE.fullmatch(str(technique)):
            yield f"technique {technique!r} is not valid; write it as T1078 or T1078.004"
    if techniques and not tactics:
        yield "relevantTechniques need tactics; name the tactic of each technique"


def _entity_problems(mappings: object) -> Iterator[str]:
    entities = _list(mappings)
    if len(entities) > MAXIMUM_ENTITIES:
        yield f"{len(entities)} entity mappings; the limit is {MAXIMUM_ENTITIES}"
    for entity in entities:
        fields = _list(entity.get("fieldMappings")) if isinstance(entity, Mapping) else []
        if not 1 <= len(fields) <= MAXIMUM_IDENTIFIERS:
            yield f"an entity has {len(fields)} identifiers; use 1 to {MAXIMUM_IDENTIFIERS}"


def _detail_problems(details: object) -> Iterator[str]:
    if not isinstance(details, Mapping):
        yield "customDetails is no mapping; write key: column"
        return
    if len(details) > MAXIMUM_DETAILS:
        yield f"{len(details)} custom details; the limit is {MAXIMUM_DETAILS}"
    for key, column in details.items():
        if not _DETAIL_KEY.fullmatch(str(key)):
            yield f"custom detail {key!r} is not valid; use at most 20 letters, digits and _"
        if not _COLUMN.fullmatch(str(column)):
            yield f"custom detail {key!r} names the column {column!r}; project it to a plain name"


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _is_uuid(value: object) -> bool:
    try:
        return str(UUID(str(value))) == str(value).lower()
    except ValueError:
        return False


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
