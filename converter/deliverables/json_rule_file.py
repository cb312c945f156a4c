"""Reads the rules of JSON files that deploy a Kusto query: ARM templates and custom detections of Defender XDR."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

from converter.errors import InputError

from .deployed_rule import DeployedRule
from .detection_limits import problems as detection_problems
from .rule_durations import duration, iso_duration
from .sentinel_arm_file import read_template
from .sentinel_limits import problems

_LOOKBACK = {1: 4, 3: 12, 12: 48, 24: 30 * 24}
"""Hours that a detection looks back, by the hours between its runs."""


def read_json_rule(text: str) -> DeployedRule | None:
    """Read a file; None where the text is none. Raises InputError for a rule that is not valid."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    match found:
        case {"resources": _}:
            return _analytics_rule(found)
        case {"queryCondition": {"queryText": str(query)}, "schedule": {"frequency": frequency}}:
            return _detection(found, query, frequency)
        case _:
            return None


def _analytics_rule(template: Mapping[str, object]) -> DeployedRule:
    rule = read_template(template)
    if wrong := problems(rule):
        raise InputError(f"ARM template: {wrong[0]}")
    frequency, period = duration(rule["queryFrequency"]), duration(rule["queryPeriod"])
    return DeployedRule(str(rule["query"]), frequency, period)


def _detection(body: Mapping[str, object], query: str, frequency: object) -> DeployedRule:
    if wrong := detection_problems(body):
        raise InputError(f"custom detection: {wrong[0]}")
    length = iso_duration(frequency)
    hours = _LOOKBACK.get(int(length.total_seconds()) // 3600)
    if hours is None:
        raise InputError(
            "custom detection: one that runs continuously has no runs to execute; give it PT1H"
        )
    return DeployedRule(query, length, timedelta(hours=hours))
