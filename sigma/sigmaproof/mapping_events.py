"""Which events a log source or a field stands for, by the channel and the code of the event.

Windows is one product with many channels, and one Sigma category may be fed by several of them. No codes
stand for every event of a channel, no channels for every event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Events = Mapping[str, tuple[str, ...]]
"""Event codes by channel."""


@dataclass(frozen=True, slots=True)
class PackLogSource:
    """One Sigma log source of a pack that has several."""

    section: Mapping[str, str]
    """`product`, `service` and `category`, as far as the rule must name them."""
    events: Events
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """ECS fields that tell the log source's events from others of the same code, to their values."""
    condition: Mapping[str, str] = field(default_factory=dict)
    """ECS fields and values that tell its events, where neither channel nor code does."""
    tables: tuple[str, ...] = ()
    """The tables that hold its events; empty for all."""
    implied: Mapping[str, str] = field(default_factory=dict)
    """Conditions that say the same as `condition`, which importers drop."""

    def covers(self, given: Mapping[str, str]) -> bool:
        """Say whether a rule's log source is this one."""
        return all(given.get(key) == value for key, value in self.section.items())


@dataclass(frozen=True, slots=True)
class EventFields:
    """The ECS fields by which the events of a pack are told apart."""

    channel: str
    code: str


def overlap(one: Events, other: Events) -> bool:
    """Say whether some event belongs to both."""
    if not one or not other:
        return True
    return any(
        not codes or not other[channel] or not set(codes).isdisjoint(other[channel])
        for channel, codes in one.items()
        if channel in other
    )


def includes(events: Events, channel: str, code: str) -> bool:
    """Say whether one event belongs to the events."""
    return overlap(events, {channel: (code,)})
