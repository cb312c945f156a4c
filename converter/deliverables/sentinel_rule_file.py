"""Reads scheduled analytics rules of Microsoft Sentinel in their YAML form.

Knows nothing of what wrote the file, so that an engine may read it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

import yaml

from converter.errors import InputError

from .rule_durations import duration
from .sentinel_limits import problems

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


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
