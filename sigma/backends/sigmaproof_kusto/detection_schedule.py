"""How often a custom detection of Microsoft Defender XDR may run, and how far back it then sees."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from sigma.exceptions import SigmaFeatureNotSupportedByBackendError

from sigma.sigmaproof.correlation import CorrelationSpec
from sigma.sigmaproof.new_terms import NewTermsSpec
from sigma.sigmaproof.threshold import ThresholdSpec

from .literals import timespan_literal
from .schedule import LATE, ScheduledRun

_WORDS = ("frequency", "lookback")
RUNS = tuple(
    ScheduledRun(timedelta(hours=frequency), timedelta(hours=lookback), _WORDS)
    for frequency, lookback in ((1, 4), (3, 12), (12, 48), (24, 30 * 24))
)
"""The frequencies that the platform offers, each with the only time that it then looks back."""
DETECTION_FILTER = RUNS[0]
"""Of a rule without history: the platform itself leaves out events that it has reported."""


def detection_run(spec: NewTermsSpec | ThresholdSpec | CorrelationSpec) -> ScheduledRun:
    """Return the most frequent run that sees far enough back.

    Raises where a count would miss events between its runs.
    """
    match spec:
        case NewTermsSpec():
            return _run_that_sees(spec.history)
        case CorrelationSpec():
            return _run_of_windows(spec)
        case ThresholdSpec():
            run = _run_that_sees(spec.window + LATE)
        case _:
            assert_never(spec)
    if spec.window < run.frequency:
        raise SigmaFeatureNotSupportedByBackendError(
            f"the rule counts the events of {timespan_literal(spec.window)}, and a detection of Defender that"
            f" sees them runs every {timespan_literal(run.frequency)}, so that most would never be counted;"
            " use the target sentinel, or count over a longer window"
        )
    return run


def _run_of_windows(spec: CorrelationSpec) -> ScheduledRun:
    """Return the most frequent run that sees the whole window of what it reports, and late events."""
    for run in RUNS:
        if run.period >= spec.timespan + run.frequency + LATE:
            return run
    raise SigmaFeatureNotSupportedByBackendError(
        f"a window of {timespan_literal(spec.timespan)} is longer than a detection of Defender sees; use a"
        " shorter timespan, or the target sentinel"
    )


def detection_change(
    spec: NewTermsSpec | ThresholdSpec | CorrelationSpec, run: ScheduledRun
) -> str:
    """Say how the schedule of the detection differs from the rule's own, and what follows."""
    frequency, lookback = timespan_literal(run.frequency), timespan_literal(run.period)
    if isinstance(spec, CorrelationSpec):
        return (
            f"the rule has no runs, the detection runs every {frequency} with {lookback} of events and"
            " reports the alerts of events that arrived since the run before; an event that arrives after"
            f" later ones of its window, or more than {timespan_literal(LATE)} after it happened, may be"
            " missed"
        )
    text = (
        f"the rule runs every {timespan_literal(spec.interval)}, the detection every {frequency} with"
        f" {lookback} of events"
    )
    match spec:
        case NewTermsSpec(history=history) if history > run.period:
            return (
                f"{text}; that is the longest there is, so that combinations last seen before it count as"
                " new again"
            )
        case NewTermsSpec() | ThresholdSpec():
            return f"{text}, and alerts come as much later"
        case _:
            assert_never(spec)


def _run_that_sees(length: timedelta) -> ScheduledRun:
    return next((run for run in RUNS if run.period >= length), RUNS[-1])
