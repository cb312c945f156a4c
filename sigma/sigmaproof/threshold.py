"""Counts with Elastic's runs: a standard count correlation, and what Sigma has no key for beside it.

A count of Sigma slides over the events. With the custom attribute `sigmaproof: {threshold: {...}}` it
counts in each run of a schedule instead, over the last `timespan`, as Elastic's threshold rules do. The
document stays one that every Sigma tool reads; `docs/threshold.md` specifies the attribute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sigma.correlations import (
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaCorrelationType,
)

from .errors import ThresholdError
from .new_terms import ATTRIBUTE, refuse_lossy_mapping
from .new_terms_section import (
    DEFAULT_INTERVAL,
    DEFAULT_TIMESTAMP,
    duration,
    read_own_values,
)

SECTION = "threshold"
COUNT = "count"
_KEYS = (COUNT, "interval", "timestamp", "timestamp-fallback")
_MAXIMUM_FIELDS = 5
_LEAST = {SigmaCorrelationConditionOperator.GTE: 0, SigmaCorrelationConditionOperator.GT: 1}
"""What is added to a number to make it a least number, by operator."""


@dataclass(frozen=True, slots=True)
class DistinctSpec:
    """A least number of different values of a field."""

    field: str
    count: int


@dataclass(frozen=True, slots=True)
class ThresholdSpec:
    """What a count with Elastic's runs asks for."""

    fields: tuple[str, ...]
    """Up to five fields that events are grouped by, as they stand after the pipeline."""
    count: int
    """Least number of events of a group, at least 1."""
    distinct: DistinctSpec | None
    """What else must hold of a group."""
    window: timedelta
    """A run at `end` counts the events of [end - window, end]."""
    interval: timedelta = DEFAULT_INTERVAL
    """Time between the ends of two runs."""
    timestamp: str = DEFAULT_TIMESTAMP
    """Event field that holds the primary time; pipelines do not map it."""
    timestamp_fallback: bool = True
    """Whether an event without the primary time is judged by `@timestamp`."""


def threshold_of(rule: SigmaCorrelationRule) -> ThresholdSpec | None:
    """Return what a correlation counts in runs; None for a correlation without our section.

    Raises `ExtensionError` when the section contradicts the correlation around it, or when a pipeline
    did not map its fields one to one.
    """
    section = _section(rule)
    if section is None:
        return None
    least = _least(rule)
    own = read_own_values(section)
    field = _counted_field(rule)
    return ThresholdSpec(
        fields=_fields(rule),
        count=_count(section, field, least),
        distinct=DistinctSpec(field, least) if field else None,
        window=duration(rule.timespan.spec, "timespan"),  # pySigma also has months and years
        interval=own.interval,
        timestamp=own.timestamp,
        timestamp_fallback=own.timestamp_fallback,
    )


def _section(rule: SigmaCorrelationRule) -> Mapping[str, object] | None:
    attribute = rule.custom_attributes.get(ATTRIBUTE)
    if not isinstance(attribute, Mapping) or SECTION not in attribute:
        return None
    section = attribute[SECTION]
    if section is None:
        section = {}
    if not isinstance(section, Mapping):
        raise ThresholdError(
            f"{ATTRIBUTE}.{SECTION} is no mapping", f"write `{SECTION}: {{}}` or keys below it"
        )
    if "new_terms" in attribute:
        raise ThresholdError(
            f"{ATTRIBUTE}.{SECTION} stands beside {ATTRIBUTE}.new_terms", "keep one of the two"
        )
    _refuse_other_correlations(rule)
    if unknown := [str(key) for key in section if key not in _KEYS]:
        raise ThresholdError(
            f"{ATTRIBUTE}.{SECTION} does not know {unknown[0]!r}", f"use only {', '.join(_KEYS)}"
        )
    return section


def _refuse_other_correlations(rule: SigmaCorrelationRule) -> None:
    if rule.type not in (SigmaCorrelationType.EVENT_COUNT, SigmaCorrelationType.VALUE_COUNT):
        raise ThresholdError(
            f"{ATTRIBUTE}.{SECTION} stands in a correlation of type {rule.type}",
            "write `type: event_count` or `type: value_count`, or remove the section",
            "type",
        )
    if len(rule.aliases):
        raise ThresholdError(
            f"{ATTRIBUTE}.{SECTION} stands in a correlation with aliases",
            "use the same field names in all referenced rules instead",
            "aliases",
        )


def _least(rule: SigmaCorrelationRule) -> int:
    """Return the least number that the condition asks for."""
    condition = rule.condition
    if not isinstance(condition, SigmaCorrelationCondition) or condition.op not in _LEAST:
        raise ThresholdError(
            f"{ATTRIBUTE}.{SECTION} stands beside a condition that is no least number",
            "write gte or gt, or remove the section",
            "condition",
        )
    least = condition.count + _LEAST[condition.op]
    if least < 1:
        raise ThresholdError(
            "the condition asks for no event at all", "write `gte: 1` or more", "condition"
        )
    return least


def _counted_field(rule: SigmaCorrelationRule) -> str:
    """Return the field whose values are counted; empty for a count of events."""
    if rule.type is not SigmaCorrelationType.VALUE_COUNT:
        return ""
    field = rule.condition.fieldref if isinstance(rule.condition, SigmaCorrelationCondition) else ""
    if not isinstance(field, str) or not field:
        raise ThresholdError(
            f"the condition counts the values of {field!r}", "name one field", "condition"
        )
    return field


def _count(section: Mapping[str, object], field: str, least: int) -> int:
    """Return the least number of events, which a value_count can only say in our section."""
    if COUNT not in section:
        return 1 if field else least
    count = section[COUNT]
    if not field:
        raise ThresholdError(
            f"{ATTRIBUTE}.{SECTION}.{COUNT} stands in a correlation that counts events",
            "write the number in its condition",
        )
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ThresholdError(
            f"{COUNT} {count!r} is no number of events", "write a whole number from 1 up"
        )
    return count


def _fields(rule: SigmaCorrelationRule) -> tuple[str, ...]:
    fields = tuple(rule.group_by or ())
    if len(fields) > _MAXIMUM_FIELDS:
        raise ThresholdError(
            f"group-by has {len(fields)} fields",
            f"list at most {_MAXIMUM_FIELDS} beside {ATTRIBUTE}.{SECTION}",
            "group-by",
        )
    refuse_lossy_mapping(rule, fields)
    return fields
