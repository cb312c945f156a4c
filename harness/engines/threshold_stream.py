"""Streams documents through a threshold plan, run by run, as time passes them.

A run takes place once the newest time is further ahead of its end than events may be out of order. Only
base events that a later run can still count are held: those of one window and of the allowed disorder.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from converter.ir import Schedule, Threshold
from harness.events.event import Document
from harness.schedule.window import EPOCH, Run

from .compiled import compile_predicate
from .stream_reader import Found, Reader, matching_event
from .terms import term_key, terms_of
from .threshold import Carrier, ThresholdCounter


class ThresholdStream:
    """One pass: which events are held, and how far the runs have come."""

    def __init__(
        self, plan: Threshold, schedule: Schedule, max_disorder: timedelta, reader: Reader
    ) -> None:
        self._plan = plan
        self._schedule = schedule
        self._disorder = max_disorder
        self._reader = reader
        self._counter = ThresholdCounter(plan)
        self._held: list[Carrier] = []
        """In order of time."""
        self._end = EPOCH
        """End of the next run."""

    def alerts(self, documents: Iterable[Document]) -> Iterator[Found]:
        """Yield the alerts in order of their runs."""
        newest = EPOCH
        for document in filter(compile_predicate(self._plan.base), documents):
            carrier = self._carrier(document)
            if carrier is None:
                continue
            newest = max(newest, carrier.event.time)
            yield from self._runs_before(newest - self._disorder)
            self._hold(carrier)
        yield from self._runs_before(newest + self._schedule.lookback + self._schedule.interval)

    def _carrier(self, document: Document) -> Carrier | None:
        event = matching_event(document, self._schedule, self._reader)
        if event is None:
            return None
        terms = {term_key(term): term for term in terms_of(self._plan.terms, document)}
        return Carrier(event, terms) if terms else None

    def _hold(self, carrier: Carrier) -> None:
        if self._first_run(max(carrier.event.time, carrier.event.visible)) < self._end:
            self._reader.name_late(carrier.event.document)
        insort(self._held, carrier, key=_time)

    def _runs_before(self, limit: datetime) -> Iterator[Found]:
        """Let every run take place whose end lies before a time; runs that count nothing are skipped."""
        while self._end < limit:
            run = Run(self._end, self._end - self._schedule.lookback)
            del self._held[: bisect_left(self._held, run.start, key=_time)]
            if not self._held:
                self._end = self._first_run(limit)
                return
            yield from self._alerts_of(run)
            self._end += self._schedule.interval

    def _alerts_of(self, run: Run) -> Iterator[Found]:
        inside = self._held[: bisect_right(self._held, run.end, key=_time)]
        events = {carrier.event.id: carrier.event for carrier in inside}
        for alert in self._counter.alerts_of(run, inside):
            counted = (events[one] for one in alert.ids)
            yield alert, max(counted, key=lambda event: (event.time, event.id)).document

    def _first_run(self, time: datetime) -> datetime:
        """Return the end of the first run that is not before a time."""
        return EPOCH - (EPOCH - time) // self._schedule.interval * self._schedule.interval


def _time(carrier: Carrier) -> datetime:
    return carrier.event.time
