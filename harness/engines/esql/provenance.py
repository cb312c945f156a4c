"""Where a row comes from: the first item of each row.

An event's number in its table, no event (a row made by ROW), or the rows that a group was made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from .compiled import Row

NO_EVENT = -1


def event_numbers(row: Row) -> Iterator[int]:
    """Yield the numbers of the events that a row was made of."""
    origin = row[0]
    if isinstance(origin, int):
        if origin != NO_EVENT:
            yield origin
        return
    for inner in cast(Sequence[Row], origin):
        yield from event_numbers(inner)
