"""Logs as a data set in memory, for verification.

Every event has a unique id and a time; an event without a time is an error, or counted and left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from converter.ir import Schedule, Schema
from converter.layout import DocumentLayout

from .errors import UndatedEvent, UnseenEvent
from .event import Dataset, Document, Event
from .log import Log, SkippedLines, read_log
from .time import EventTimes, moment_of, times_of
from .vendor_documents import document_of


class _Read(NamedTuple):
    id: str
    place: str
    times: EventTimes
    document: Document


def load_dataset(
    paths: Sequence[str | Path],
    schedule: Schedule,
    schema: Schema,
    skipped: SkippedLines | None = None,
    layout: DocumentLayout | None = None,
) -> Dataset:
    """Read logs into memory, as a rule with this schedule sees their events.

    An event's id is the `_id` of a search hit, else `event.id`, where that is unique; else its file
    and line. With `skipped`, bad lines and events without a time are counted there; without, the
    first one raises LogError. With `layout`, the vendor's own events become ECS documents.
    """
    reads = list(_events(read_log(*paths, skipped=skipped), schedule, skipped, layout))
    uses = Counter(read.id for read in reads)
    events = [
        Event(
            id=read.id if uses[read.id] == 1 else read.place,
            time=moment_of(read.times.time),
            visible=moment_of(read.times.visible),
            document=read.document,
        )
        for read in reads
    ]
    return Dataset(tuple(sorted(events, key=lambda event: (event.time, event.id))), schema)


def retimed(dataset: Dataset, schedule: Schedule) -> Dataset:
    """Return the events on the clock of another schedule; those that it cannot date are left out."""
    events = []
    for event in dataset.events:
        try:
            times = times_of(event.document, schedule)
        except UndatedEvent:
            continue
        events.append(replace(event, time=moment_of(times.time), visible=moment_of(times.visible)))
    return Dataset(tuple(sorted(events, key=lambda event: (event.time, event.id))), dataset.schema)


def _events(
    log: Log, schedule: Schedule, skipped: SkippedLines | None, layout: DocumentLayout | None
) -> Iterator[_Read]:
    for read in log:
        document = document_of(layout, read) if layout else read
        try:
            times = times_of(document, schedule)
        except UnseenEvent:
            continue  # the platform does not find it either
        except UndatedEvent as undated:
            error = undated.at(log.place())
            if skipped is None:
                raise error from undated
            skipped.add(error)
        else:
            yield _Read(log.identify(read), log.place(), times, document)
