"""How often the deployed form of a rule without history runs: as its Elastic rule did, where that is allowed."""

from __future__ import annotations

from datetime import timedelta

from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule

from sigma.sigmaproof.new_terms_section import duration

from .literals import timespan_literal
from .schedule import (
    FILTER_RUN,
    LATE,
    LONG_PERIOD,
    LONG_PERIOD_FREQUENCY,
    LONGEST_PERIOD,
    SHORTEST,
    ScheduledRun,
)


def own_interval(rule: SigmaRule | SigmaCorrelationRule) -> timedelta | None:
    """Return how often the Elastic rule ran that a rule was made from; None for any other rule."""
    match rule.custom_attributes.get("elastic"):
        case {"rule": {"interval": str(interval)}}:
            return duration(interval, "elastic.rule.interval")
        case _:
            return None


def filter_run(interval: timedelta | None) -> ScheduledRun:
    """Return the closest schedule that Sentinel allows; an hour's where the rule names none."""
    if interval is None:
        return FILTER_RUN
    frequency = min(max(interval, SHORTEST), LONGEST_PERIOD)
    period = min(frequency + LATE, LONGEST_PERIOD)
    if period >= LONG_PERIOD:
        frequency = max(frequency, LONG_PERIOD_FREQUENCY)
    return ScheduledRun(frequency, period)


def filter_change(interval: timedelta | None, scheduled: ScheduledRun) -> str:
    """Say how often the deployed rule runs where that is not its own interval; empty where it is."""
    if interval is None or interval == scheduled.frequency:
        return ""
    return (
        f"the rule runs every {timespan_literal(interval)}, which the platform does not take; the deployed"
        f" rule runs every {timespan_literal(scheduled.frequency)}"
    )
