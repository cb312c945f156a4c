"""What decides about the alerts of a deployed rule that holds a Kusto query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class DeployedRule:
    """A query, how often it runs, and how far back it sees."""

    query: str
    frequency: timedelta
    period: timedelta
