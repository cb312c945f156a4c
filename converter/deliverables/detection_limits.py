"""What Microsoft Graph takes of a custom detection of Defender XDR."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from converter.errors import InputError
from converter.languages.kusto import TokenKind, tokens

from .attack_techniques import belongs, techniques_by_tactic
from .detection_entities import entity_problems
from .rule_durations import iso_duration
from .sentinel_limits import (
    LONGEST_DETAIL_KEY,
    MAXIMUM_DESCRIPTION,
    MAXIMUM_DETAILS,
    MAXIMUM_NAME,
    MAXIMUM_QUERY,
)

FREQUENCIES = tuple(timedelta(hours=hours) for hours in (0, 1, 3, 12, 24))
"""How often a detection runs; zero for one that runs continuously."""
LONGEST_LOOKBACK = timedelta(days=30)
SEVERITIES = ("informational", "low", "medium", "high")
STATUSES = ("enabled", "disabled")
MAXIMUM_TACTICS = 1

_DEMANDED = (
    "displayName",
    "status",
    "queryCondition.queryText",
    "schedule.frequency",
    "detectionAction.alertTemplate.title",
    "detectionAction.alertTemplate.description",
    "detectionAction.alertTemplate.severity",
)
_SEVERAL_TABLES = ("externaldata", "join", "union")
"""Operators that a continuous detection may not have."""
_WATCHLIST = "_GetWatchlist"
_TECHNIQUE = re.compile(r"T\d{4}")
_SUB_TECHNIQUE = re.compile(r"T\d{4}\.\d{3}")
_DETAIL_KEY = re.compile(r"[a-zA-Z]\w*", re.ASCII)


def problems(body: Mapping[str, object]) -> list[str]:
    """Return what keeps a detection from being created, each with what to do."""
    for path in _DEMANDED:
        if _at(body, path) is None:
            return [f"key {path} is missing; add it"]
    return [
        *_header_problems(body),
        *_query_problems(str(_at(body, "queryCondition.queryText"))),
        *_schedule_problems(body),
        *_alert_problems(_mapping(_at(body, "detectionAction.alertTemplate"))),
    ]


def _header_problems(body: Mapping[str, object]) -> Iterator[str]:
    identity = body.get("id")
    if identity is not None and not str(identity)[:1].isalpha():
        yield f"id {identity!r} does not begin with a letter; put one in front"
    if body["status"] not in STATUSES:
        yield f"status {body['status']!r} is not known; use {' or '.join(STATUSES)}"
    name = str(body["displayName"])
    if not 1 <= len(name) <= MAXIMUM_NAME:
        yield f"displayName has {len(name)} characters; use 1 to {MAXIMUM_NAME}"


def _query_problems(query: str) -> Iterator[str]:
    if len(query) > MAXIMUM_QUERY:
        yield (
            f"queryText has {len(query)} characters, the limit is {MAXIMUM_QUERY}; split the rule's values over"
            " several rules, as a custom detection cannot look up a watchlist"
        )
    if not query.strip():
        yield "queryText is empty; write one"
    if any(one.text == _WATCHLIST for one in tokens(query)):
        yield f"queryText calls {_WATCHLIST}, which a custom detection lacks; write the values into the rule"


def _schedule_problems(body: Mapping[str, object]) -> Iterator[str]:
    schedule = _mapping(body["schedule"])
    if "period" in schedule:
        yield "schedule has the key period, which Graph no longer takes; write frequency, as PT1H"
    try:
        frequency = iso_duration(schedule["frequency"])
        lookback = iso_duration(schedule["lookback"]) if "lookback" in schedule else None
    except InputError as error:
        yield f"schedule: {error}"
        return
    if frequency not in FREQUENCIES:
        yield (
            f"frequency {schedule['frequency']} is not offered; use PT1H, PT3H, PT12H or P1D, or PT0S for a"
            " detection that runs continuously"
        )
    if frequency == FREQUENCIES[0]:
        if lookback is not None:
            yield "lookback is not for a detection that runs continuously; leave it out"
        yield from _continuous_problems(str(_at(body, "queryCondition.queryText")))
    elif lookback is not None and not frequency <= lookback <= LONGEST_LOOKBACK:
        yield f"lookback {schedule['lookback']} is out of bounds; use the frequency to P30D"


def _continuous_problems(query: str) -> Iterator[str]:
    found = list(tokens(query))
    if any(one.kind is TokenKind.COMMENT for one in found):
        yield "a query that runs continuously has no comments; leave them out, or run it every PT1H"
    words = {one.text for one in found if one.kind is TokenKind.WORD}
    for word in _SEVERAL_TABLES:
        if word in words:
            yield f"a query that runs continuously reads one table and has no {word}; run it every PT1H"


def _alert_problems(alert: Mapping[str, object]) -> Iterator[str]:
    for key, limit in (("title", MAXIMUM_NAME), ("description", MAXIMUM_DESCRIPTION)):
        length = len(str(alert[key]))
        if not 1 <= length <= limit:
            yield f"{key} has {length} characters; use 1 to {limit}"
    if alert["severity"] not in SEVERITIES:
        yield f"severity {alert['severity']!r} is not known; use {', '.join(SEVERITIES)}"
    for old, new in (
        ("category", "tactics"),
        ("mitreTechniques", "tactics"),
        ("impactedAssets", "entityMappings"),
    ):
        if old in alert:
            yield f"alertTemplate has the key {old}, which Graph no longer takes; write {new}"
    yield from _attack_problems(alert.get("tactics", []))
    yield from entity_problems(alert.get("entityMappings"))
    yield from _detail_problems(_mapping(alert.get("customDetails")))


def _attack_problems(tactics: object) -> Iterator[str]:
    entries = [_mapping(one) for one in _list(tactics)]
    if len(entries) > MAXIMUM_TACTICS:
        yield f"{len(entries)} tactics; Defender takes {MAXIMUM_TACTICS}, keep the one that matters most"
    for entry in entries:
        tactic = str(entry.get("tactic"))
        if tactic not in techniques_by_tactic():
            yield f"tactic {tactic!r} is not known; use names such as InitialAccess"
            continue
        for technique in map(_mapping, _list(entry.get("techniques"))):
            yield from _technique_problems(technique, tactic)


def _technique_problems(entry: Mapping[str, object], tactic: str) -> Iterator[str]:
    technique = str(entry.get("technique"))
    if not _TECHNIQUE.fullmatch(technique):
        yield f"technique {technique!r} is not valid; write it as T1078, sub-techniques below it"
    elif not belongs(technique, tactic):
        yield f"technique {technique} does not belong to {tactic}; leave it out or change the tactic"
    for inner in map(str, _list(entry.get("subTechniques"))):
        if not _SUB_TECHNIQUE.fullmatch(inner) or not inner.startswith(technique):
            yield f"sub-technique {inner!r} is not one of {technique}; write it as {technique}.001"


def _detail_problems(details: Mapping[str, object]) -> Iterator[str]:
    if len(details) > MAXIMUM_DETAILS:
        yield f"{len(details)} custom details; the limit is {MAXIMUM_DETAILS}"
    for key, column in details.items():
        if not _DETAIL_KEY.fullmatch(key) or len(key) > LONGEST_DETAIL_KEY:
            yield (
                f"custom detail {key!r} is not valid; use at most {LONGEST_DETAIL_KEY} letters, digits"
                " and _, a letter first"
            )
        if not str(column).isidentifier():
            yield f"custom detail {key!r} names the column {column!r}; project it to a plain name"


def _at(body: Mapping[str, object], path: str) -> object:
    """Return what stands under a path of keys; None where nothing does."""
    found: object = body
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
