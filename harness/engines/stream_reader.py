"""What streams over several events ask of whoever reads the documents."""

from __future__ import annotations

from typing import Protocol

from converter.ir import Schedule
from harness.events.errors import UndatedEvent
from harness.events.event import Document, Event
from harness.events.time import moment_of, times_of

from .execution import Alert

Found = tuple[Alert, Document]
"""An alert, and the last event that it counted."""


class Reader(Protocol):
    """What the stream tells about its documents."""

    def matched(self, document: Document) -> str:
        """Note a matching event and return its id."""
        ...

    def refuse(self, undated: UndatedEvent) -> None:
        """Report an event without a time, or raise."""
        ...

    def name_late(self, document: Document) -> None:
        """Report an event that came after what should have counted it."""
        ...


def matching_event(document: Document, schedule: Schedule, reader: Reader) -> Event | None:
    """Tell the reader of a matching document, and return its event; None for one without a time."""
    identity = reader.matched(document)
    try:
        found = times_of(document, schedule)
    except UndatedEvent as undated:
        reader.refuse(undated)
        return None
    return Event(identity, moment_of(found.time), moment_of(found.visible), document)
