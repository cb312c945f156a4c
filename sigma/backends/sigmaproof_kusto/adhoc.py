"""What to say of a text that no rule of its platform can run as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sigma.sigmaproof.new_terms import NewTermsSpec
from sigma.sigmaproof.tables import Table

from .detection_schedule import RUNS
from .literals import timespan_literal
from .schedule import DELAY, LONG_PERIOD, LONG_PERIOD_FREQUENCY, LONGEST_PERIOD, SHORTEST
from .terms import uses_ingestion_time

AD_HOC = "ad-hoc"
"""Code of a text whose schedule the platform does not offer."""


def ad_hoc_use(spec: NewTermsSpec, tables: Sequence[Table], platform: str) -> str:
    """Say which schedule a text of new terms needs and why none is offered; empty where one is."""
    late = DELAY if uses_ingestion_time(tables, spec.timestamp) else timedelta()
    interval, period = spec.interval, spec.history + late
    match platform:
        case "sentinel":
            stops, instead = (
                _stops_analytics(interval, period),
                "sentinel-yaml for a scheduled rule",
            )
        case "xdr":
            stops, instead = _stops_detection(interval, period), "xdr-json for a custom detection"
        case _:
            return ""
    if not stops:
        return ""
    return (
        f"this text is for ad-hoc use as it stands: to run it as the rule does needs a run every"
        f" {timespan_literal(interval)} over {timespan_literal(period)} of events, but {stops}; use -f"
        f" {instead}"
    )


def _stops_analytics(interval: timedelta, period: timedelta) -> str:
    found = []
    if period > LONGEST_PERIOD:
        found.append(f"reads {timespan_literal(LONGEST_PERIOD)} at most")
    if period >= LONG_PERIOD and interval < LONG_PERIOD_FREQUENCY:
        found.append(
            f"runs at intervals of {timespan_literal(LONG_PERIOD_FREQUENCY)} or more where it reads"
            f" {timespan_literal(LONG_PERIOD)} or more"
        )
    elif interval < SHORTEST:
        found.append(f"runs at intervals of {timespan_literal(SHORTEST)} or more")
    return f"a scheduled rule of Sentinel {' and '.join(found)}" if found else ""


def _stops_detection(interval: timedelta, period: timedelta) -> str:
    longest = RUNS[-1].period
    if period > longest:
        return f"a custom detection of Defender reads {timespan_literal(longest)} at most"
    run = next(run for run in RUNS if run.period >= period)
    if interval >= run.frequency:
        return ""
    return f"a custom detection of Defender that reads so far runs every {timespan_literal(run.frequency)}"
