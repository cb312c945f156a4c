"""How often a scheduled analytics rule of Microsoft Sentinel may run, and what it then sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from sigma.sigmaproof.new_terms import NewTermsSpec
from sigma.sigmaproof.threshold import ThresholdSpec

from .literals import timespan_literal

SHORTEST = timedelta(minutes=5)
LONGEST_PERIOD = timedelta(days=14)
LONG_PERIOD = timedelta(days=2)
LONG_PERIOD_FREQUENCY = timedelta(hours=1)
DELAY = timedelta(days=2)
"""The longest time from an event to its ingestion that a text query allows for."""


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """`queryFrequency` and `queryPeriod` of a rule."""

    frequency: timedelta
    period: timedelta


FILTER_RUN = ScheduledRun(timedelta(hours=1), timedelta(hours=2))
"""Of a rule without history: an hour's rows by ingestion, with an hour for late ones."""


LATE = timedelta(hours=1)
"""How long before a counting window an event may have happened that was ingested in it."""


def scheduled_run(spec: NewTermsSpec | ThresholdSpec) -> ScheduledRun:
    """Return the closest schedule that the platform allows.

    The period is the history, or the window of a count and an hour for late events, at most 14 days. The
    frequency is the interval, at least 5 minutes, and at least an hour when the period is 2 days or more.
    """
    wanted = spec.history if isinstance(spec, NewTermsSpec) else spec.window + LATE
    period = min(max(wanted, SHORTEST), LONGEST_PERIOD)
    least = LONG_PERIOD_FREQUENCY if period >= LONG_PERIOD else SHORTEST
    frequency = min(max(spec.interval, least), period)
    return ScheduledRun(frequency, period)


def schedule_change(spec: NewTermsSpec | ThresholdSpec, scheduled: ScheduledRun) -> str:
    """Say how the schedule of the analytics rule differs from the rule's own, and what follows."""
    match spec:
        case NewTermsSpec():
            return _new_terms_change(spec, scheduled)
        case ThresholdSpec():
            return _count_change(spec, scheduled)
        case _:
            assert_never(spec)


def _count_change(spec: ThresholdSpec, scheduled: ScheduledRun) -> str:
    window = timespan_literal(spec.window)
    text = (
        f"the rule runs every {timespan_literal(spec.interval)} over {window}, the analytics rule every"
        f" {timespan_literal(scheduled.frequency)} over {window}; it keeps nothing from run to run, so"
        " that events of an earlier alert count again"
    )
    if spec.timestamp == "event.ingested":
        text += ", and an event that arrives more than an hour after it happened may be missed"
    return text


def _new_terms_change(spec: NewTermsSpec, scheduled: ScheduledRun) -> str:
    own = (
        f"every {timespan_literal(spec.interval)} over {timespan_literal(spec.lookback)} with"
        f" {timespan_literal(spec.history)} of history"
    )
    new = (
        f"every {timespan_literal(scheduled.frequency)} over {timespan_literal(scheduled.frequency)}"
        f" with {timespan_literal(scheduled.period)} of history"
    )
    text = f"the rule runs {own}, the analytics rule {new}: its windows do not overlap"
    if scheduled.frequency > spec.interval:
        text += (
            ", and alerts come later, as a scheduled rule that reads 2 days or more may run once an hour"
            " at most"
            if scheduled.period >= LONG_PERIOD
            else ", and alerts come later, as a scheduled rule may run every 5 minutes at most"
        )
    if scheduled.period < spec.history:
        text += (
            f"; a scheduled rule reads {timespan_literal(LONGEST_PERIOD)} at most, so that combinations"
            " last seen before that count as new again"
        )
    return text
