"""What every engine returns, so that alerts of different engines compare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from converter.diagnostic import Diagnostic
from converter.ir import Value

Term = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert of one run, of a correlation that slides, or of a filter, which has no term and no time."""

    run_end: datetime | None
    """None where there are no runs."""
    term: Term
    time: datetime | None
    """Primary time of the event that raised it."""
    ids: frozenset[str]
    """The event; several where events of the term tie on the primary time."""


@dataclass(frozen=True, slots=True)
class Execution:
    """The alerts of all runs, in order of run, term and time."""

    alerts: tuple[Alert, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
