"""How often a scheduled analytics rule of Microsoft Sentinel may run, and what it then sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from sigma.sigmaproof.correlation import CorrelationSpec
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
    words: tuple[str, str] = ("queryFrequency", "queryPeriod")
    """What the platform calls the two."""

    def lets(self, frequency: str, period: str) -> list[str]:
        """Write the statements that give both to a query under these names."""
        lengths = zip((frequency, period), (self.frequency, self.period), self.words, strict=True)
        return [
            f"let {name} = {timespan_literal(length)};  // {word} of the rule"
            for name, length, word in lengths
        ]


FILTER_RUN = ScheduledRun(timedelta(hours=1), timedelta(hours=2))
"""Of a rule without history: an hour's rows by ingestion, with an hour for late ones."""


LATE = timedelta(hours=1)
"""How long before a counting window an event may have happened that was ingested in it."""


Spec = NewTermsSpec | ThresholdSpec | CorrelationSpec


def scheduled_run(spec: Spec) -> ScheduledRun:
    """Return the closest schedule that the platform allows.

    The period is what a run must see, at most 14 days. The frequency is the interval, at least 5 minutes,
    and at least an hour when the period is 2 days or more.
    """
    wanted, interval = _wanted(spec)
    period = min(max(wanted, SHORTEST), LONGEST_PERIOD)
    least = LONG_PERIOD_FREQUENCY if period >= LONG_PERIOD else SHORTEST
    frequency = min(max(interval, least), period)
    return ScheduledRun(frequency, period)


def _wanted(spec: Spec) -> tuple[timedelta, timedelta]:
    """Return how far back a run sees, with an hour for late events where rows are counted, and its interval."""
    match spec:
        case NewTermsSpec():
            return spec.history, spec.interval
        case ThresholdSpec():
            return spec.window + LATE, spec.interval
        case CorrelationSpec():
            # A run looks a timespan back from the oldest event that it reports.
            is_short = spec.timespan + SHORTEST + LATE < LONG_PERIOD
            interval = SHORTEST if is_short else LONG_PERIOD_FREQUENCY
            return spec.timespan + interval + LATE, interval
        case _:
            assert_never(spec)


def schedule_change(spec: Spec, scheduled: ScheduledRun) -> str:
    """Say how the schedule of the analytics rule differs from the rule's own, and what follows."""
    match spec:
        case CorrelationSpec():
            return _correlation_change(spec, scheduled)
        case NewTermsSpec():
            return _new_terms_change(spec, scheduled)
        case ThresholdSpec():
            return _count_change(spec, scheduled)
        case _:
            assert_never(spec)


def _correlation_change(spec: CorrelationSpec, scheduled: ScheduledRun) -> str:
    text = (
        f"the rule has no runs, the analytics rule runs every {timespan_literal(scheduled.frequency)} and"
        " reports the alerts of events that arrived since the run before; an event that arrives after"
        f" later ones of its window, or more than {timespan_literal(LATE)} after it happened, may be missed"
    )
    if scheduled.period < spec.timespan + scheduled.frequency:
        text += (
            f"; a scheduled rule reads {timespan_literal(LONGEST_PERIOD)} at most, so that a window of"
            f" {timespan_literal(spec.timespan)} is cut"
        )
    return text


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
