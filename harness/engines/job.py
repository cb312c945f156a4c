"""What an engine is given: a text, and the events and runs to execute it on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from converter.diagnostic import Diagnostic
from converter.ir import Schema, Threshold
from harness.events.event import Dataset
from harness.events.looked_up import StandIn
from harness.events.rows import Rows
from harness.schedule.window import Run


@dataclass(frozen=True, slots=True)
class Job:
    """A text to execute as the platform would."""

    text: str
    dataset: Dataset
    runs: tuple[Run, ...]
    """Empty for a rule without windows."""
    terms: tuple[str, ...]
    """The term's fields or columns as the text names them; empty for a filter."""
    history: timedelta | None
    schema: Schema
    tables: tuple[Rows, ...] = ()
    """Rows for a text that reads tables; their events are those of the dataset."""
    lookups: tuple[StandIn, ...] = ()
    """What looking addresses up answers for the events."""
    counting: Threshold | None = None
    """What a threshold rule counts, for a text that is only its base query."""
    wants_second_opinion: bool = False
    """Whether a second engine is asked where there is one."""
    has_instants: bool = False
    """A row of the result is a group and an instant."""


@dataclass(frozen=True, slots=True)
class Step:
    """A condition or operator of a text, and what it made of one event."""

    condition: str
    fields: frozenset[str]
    outcome: str


class RefusedText(Exception):
    """Report that the platform itself refuses the text before it runs."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
