"""Streams documents through a correlation, as time passes them.

An instant is judged once the newest time is further ahead than events may be out of order. Held are the events
of the allowed disorder and, in `CorrelationState`, those of one timespan.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby

from converter.ir import Correlation, Schedule
from converter.ir.plan import base_of
from harness.events.event import Document, Event
from harness.events.time import EPOCH

from .compiled import compile_predicate
from .correlation import CorrelationState, Membership, memberships_of
from .stream_reader import Found, Reader, matching_event


class CorrelationStream:
    """One pass: which events wait, and how far time has come."""

    def __init__(
        self, plan: Correlation, schedule: Schedule, max_disorder: timedelta, reader: Reader
    ) -> None:
        self._plan = plan
        self._schedule = schedule
        self._disorder = max_disorder
        self._reader = reader
        self._state = CorrelationState(plan)
        self._waiting: list[Event] = []
        """In order of time."""

    def alerts(self, documents: Iterable[Document]) -> Iterator[Found]:
        """Yield the alerts in order of time; a late event is named and counts nowhere."""
        newest = judged = EPOCH
        for document in filter(compile_predicate(base_of(self._plan)), documents):
            event = matching_event(document, self._schedule, self._reader)
            if event is None:
                continue
            if event.time < judged:
                self._reader.name_late(document)
                continue
            insort(self._waiting, event, key=_time)
            newest = max(newest, event.time)
            judged = max(judged, newest - self._disorder)
            yield from self._judge_before(judged)
        yield from self._judge_before(newest + timedelta.resolution)

    def _judge_before(self, limit: datetime) -> Iterator[Found]:
        """Judge every instant before a time."""
        behind = bisect_left(self._waiting, limit, key=_time)
        due = self._waiting[:behind]
        del self._waiting[:behind]
        for time, events in groupby(due, key=_time):
            documents: dict[str, Document] = {}
            found: list[Membership] = []
            for event in events:
                documents[event.id] = event.document
                found += memberships_of(self._plan, event)
            for alert in self._state.alerts_at(time, found):
                yield alert, documents[max(alert.ids)]


def _time(event: Event) -> datetime:
    return event.time
