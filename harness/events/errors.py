"""Errors of log reading.

HarnessError
+-- LogError         a log cannot be read, or an event in it cannot be placed in time
    +-- UndatedEvent an event without a readable time; the message still lacks the place
        +-- UnseenEvent an event that a rule without fallback to `@timestamp` never finds
"""

from __future__ import annotations

from harness.errors import HarnessError


class LogError(HarnessError):
    """Report a log; the message has the form `file:line: what; what to do`."""


class UndatedEvent(LogError):
    """Report an event without a readable time; whoever knows the line puts it in front."""

    def at(self, place: str) -> LogError:
        """Return the error with the event's place in front, where that is known."""
        return LogError(f"{place}: {self}" if place else str(self))


class UnseenEvent(UndatedEvent):
    """Report an event that is dated, but not by the field that the rule goes by; it is left out."""
