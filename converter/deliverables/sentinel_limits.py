"""What Microsoft Sentinel takes of a scheduled analytics rule, by the template validator of its repository.

Rules are checked in the words of the YAML form; `sentinel_arm` reads its own form back into them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from uuid import UUID

from converter.errors import InputError
from sigma.sigmaproof.mapping_entities import (
    MAXIMUM_ENTITIES,
    MAXIMUM_IDENTIFIERS,
    STRONG,
    WEAK,
    is_told,
)

from .attack_techniques import belongs, techniques_by_tactic
from .incidents import incident_problems
from .rule_durations import duration

MAXIMUM_QUERY = 10_000
MAXIMUM_NAME = 256
MAXIMUM_DESCRIPTION = 5_000
MAXIMUM_DETAILS = 20
MAXIMUM_PLACEHOLDERS = 3
MAXIMUM_VERSION = 20
MAXIMUM_THRESHOLD = 10_000
LONGEST_DETAIL_KEY = 20
LONGEST_COLUMN = 500
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=14)
LONG_PERIOD = timedelta(days=2)
LONG_PERIOD_FREQUENCY = timedelta(hours=1)

SEVERITIES = ("Informational", "Low", "Medium", "High")
TACTICS = (
    *techniques_by_tactic(),
    "PreAttack",
    "ImpairProcessControl",
    "InhibitResponseFunction",
)
OPERATORS = ("gt", "lt", "eq", "ne")
GROUPINGS = ("AlertPerResult", "SingleAlert")
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

_TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?")
_DETAIL_KEY = re.compile(r"[a-zA-Z]\w*", re.ASCII)
_COLUMN = re.compile(r"[a-zA-Z_]\w*", re.ASCII)
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")
_READS_ALL = re.compile(r"^\s*(search|union)\s+\*", re.MULTILINE)
_FORMATS = {
    "alertDisplayNameFormat": MAXIMUM_NAME,
    "alertDescriptionFormat": MAXIMUM_DESCRIPTION,
}
_ADVICE = (
    "convert with --watchlist, which moves its longest list to a watchlist, or split the rule's values"
    " over several rules"
)


def problems(rule: Mapping[str, object]) -> list[str]:
    """Return what keeps a rule from being deployed, each with what to do."""
    if missing := [key for key in REQUIRED if key not in rule]:
        return [f"key {missing[0]} is missing; add it"]
    return [
        *_header_problems(rule),
        *_query_problems(str(rule["query"])),
        *_connector_problems(rule["requiredDataConnectors"]),
        *_schedule_problems(rule),
        *_attack_problems(rule),
        *_entity_problems(rule.get("entityMappings", [])),
        *_detail_problems(rule.get("customDetails", {})),
        *_override_problems(rule.get("alertDetailsOverride", {})),
        *incident_problems(rule),
    ]


def _header_problems(rule: Mapping[str, object]) -> Iterator[str]:
    for key, limit in (("name", MAXIMUM_NAME), ("description", MAXIMUM_DESCRIPTION)):
        length = len(str(rule[key]))
        if length > limit:
            yield f"{key} has {length} characters; shorten it to {limit}"
        if not str(rule[key]).strip():
            yield f"{key} is empty; write one"
    if rule["severity"] not in SEVERITIES:
        yield f"severity {rule['severity']!r} is not known; use {', '.join(SEVERITIES)}"
    if not _is_uuid(rule["id"]):
        yield f"id {rule['id']!r} is no GUID; give the rule one of its own"
    version = str(rule["version"])
    if not _VERSION.fullmatch(version) or len(version) > MAXIMUM_VERSION:
        yield (
            f"version {version!r} is not valid; write three numbers in at most {MAXIMUM_VERSION}"
            " characters, as in 1.0.0"
        )
    if rule["kind"] != "Scheduled":
        yield f"kind {rule['kind']!r} is not Scheduled; only scheduled rules see more than a minute"
    grouping = _mapping(rule.get("eventGroupingSettings")).get("aggregationKind", GROUPINGS[0])
    if grouping not in GROUPINGS:
        yield f"aggregationKind {grouping!r} is not known; use {' or '.join(GROUPINGS)}"


def _query_problems(query: str) -> Iterator[str]:
    if len(query) > MAXIMUM_QUERY:
        yield f"query has {len(query)} characters, the limit is {MAXIMUM_QUERY}; {_ADVICE}"
    if not query.strip():
        yield "query is empty; write one"
    if found := _READS_ALL.search(query):
        yield f"query reads every table by {found[0].strip()!r}; name the tables"


def _connector_problems(connectors: object) -> Iterator[str]:
    for connector in connectors if isinstance(connectors, list) else [None]:
        match connector:
            case {"connectorId": str(), "dataTypes": [_, *_]}:
                pass
            case _:
                yield (
                    f"requiredDataConnectors has {connector!r}; write a list of connectorId and dataTypes,"
                    " which may be empty"
                )


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
    if rule["triggerOperator"] not in OPERATORS:
        yield f"triggerOperator {rule['triggerOperator']!r} is not known; use gt, lt, eq or ne"
    threshold = rule["triggerThreshold"]
    is_number = isinstance(threshold, int) and not isinstance(threshold, bool)
    if not is_number or not 0 <= int(str(threshold)) <= MAXIMUM_THRESHOLD:
        yield f"triggerThreshold {threshold!r} is out of bounds; use 0 to {MAXIMUM_THRESHOLD}"


def _attack_problems(rule: Mapping[str, object]) -> Iterator[str]:
    tactics = [str(one) for one in _list(rule.get("tactics"))]
    for tactic in tactics:
        if tactic not in TACTICS:
            yield f"tactic {tactic!r} is not known; use names such as InitialAccess"
    for technique in map(str, _list(rule.get("relevantTechniques"))):
        if not _TECHNIQUE.fullmatch(technique):
            yield f"technique {technique!r} is not valid; write it as T1078 or T1078.004"
        elif not any(belongs(technique, tactic) for tactic in tactics):
            yield f"technique {technique} belongs to no tactic of the rule; add its tactic or leave it out"


def _entity_problems(mappings: object) -> Iterator[str]:
    entities = _list(mappings)
    if len(entities) > MAXIMUM_ENTITIES:
        yield f"{len(entities)} entity mappings; the limit is {MAXIMUM_ENTITIES}"
    for entity in map(_mapping, entities):
        kind = str(entity.get("entityType", ""))
        fields = [_mapping(one) for one in _list(entity.get("fieldMappings"))]
        if kind not in STRONG:
            yield f"entity type {kind!r} is not known; use one of {', '.join(STRONG)}"
            continue
        if not 1 <= len(fields) <= MAXIMUM_IDENTIFIERS:
            yield f"entity {kind} has {len(fields)} identifiers; use 1 to {MAXIMUM_IDENTIFIERS}"
        yield from _identifier_problems(kind, fields)


def _identifier_problems(kind: str, fields: list[Mapping[str, object]]) -> Iterator[str]:
    known = (*STRONG[kind], *WEAK.get(kind, ()))
    identifiers = {str(one.get("identifier")): one.get("columnName") for one in fields}
    for identifier, column in identifiers.items():
        if identifier not in known:
            yield f"entity {kind} has no identifier {identifier!r}; use one of {', '.join(known)}"
        if not _COLUMN.fullmatch(str(column)):
            yield f"entity {kind} names the column {column!r}; project it to a plain name"
    if not is_told(kind, identifiers):
        yield f"entity {kind} is not told by its identifiers; add one of {', '.join(STRONG[kind])}"


def _detail_problems(details: object) -> Iterator[str]:
    if not isinstance(details, Mapping):
        yield "customDetails is no mapping; write key: column"
        return
    if len(details) > MAXIMUM_DETAILS:
        yield f"{len(details)} custom details; the limit is {MAXIMUM_DETAILS}"
    for key, column in details.items():
        if not _DETAIL_KEY.fullmatch(str(key)) or len(str(key)) > LONGEST_DETAIL_KEY:
            yield (
                f"custom detail {key!r} is not valid; use at most {LONGEST_DETAIL_KEY} letters, digits"
                " and _, a letter first"
            )
        if not _COLUMN.fullmatch(str(column)) or len(str(column)) > LONGEST_COLUMN:
            yield f"custom detail {key!r} names the column {column!r}; project it to a plain name"


def _override_problems(override: object) -> Iterator[str]:
    for key, limit in _FORMATS.items():
        text = _mapping(override).get(key)
        if text is None:
            continue
        if not 1 <= len(str(text)) <= limit:
            yield f"{key} has {len(str(text))} characters; use 1 to {limit}"
        columns = _PLACEHOLDER.findall(str(text))
        if len(columns) > MAXIMUM_PLACEHOLDERS:
            yield f"{key} has {len(columns)} placeholders; the limit is {MAXIMUM_PLACEHOLDERS}"
        for column in columns:
            if not _COLUMN.fullmatch(column):
                yield f"{key} names the column {column!r}; project it to a plain name"


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _is_uuid(value: object) -> bool:
    try:
        return str(UUID(str(value))) == str(value).lower()
    except ValueError:
        return False
