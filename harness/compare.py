"""Compares what two sides alerted on.

An alert is (run end, term, event); an event is identified by its primary time, since events of one
term that tie on it are the same to a query that returns a time. Without a time on one side only
(run end, term) compare. Where there are no runs an alert is (term, time), or an event.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .engines.execution import Alert, Execution

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The alerts that only one side has, in order."""

    missed: tuple[Alert, ...]
    extra: tuple[Alert, ...]
    has_times: bool

    @property
    def is_equal(self) -> bool:
        """Say whether both sides alerted on the same."""
        return not self.missed and not self.extra


def compare(reference: Execution, target: Execution) -> Comparison:
    """Compare two executions of the same runs over the same events."""
    alerts = (*reference.alerts, *target.alerts)
    has_times = all(alert.time is not None or alert.run_end is None for alert in alerts)
    expected = _keyed(reference.alerts, has_times)
    found = _keyed(target.alerts, has_times)
    return Comparison(
        missed=tuple(alert for key, alert in expected.items() if key not in found),
        extra=tuple(alert for key, alert in found.items() if key not in expected),
        has_times=has_times,
    )


def pairs(execution: Execution) -> set[Key]:
    """Return the de-duplicated (term, event) pairs: what people see as alerts.

    An alert that stands for many events is one for each run.
    """
    return {
        (_term(alert), alert.time or alert.run_end)
        if alert.run_end or alert.time
        else (tuple(sorted(alert.ids)),)
        for alert in execution.alerts
    }


def _keyed(alerts: Iterable[Alert], has_times: bool) -> dict[Key, Alert]:
    return {_key(alert, has_times): alert for alert in alerts}


def _key(alert: Alert, has_times: bool) -> Key:
    if alert.run_end is None and alert.time is None:
        return tuple(sorted(alert.ids))
    return (alert.run_end, _term(alert), alert.time if has_times else None)


def _term(alert: Alert) -> Key:
    return tuple((type(value).__name__, value) for value in alert.term)
