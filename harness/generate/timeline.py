"""Events around one run of a new-terms rule: on its borders, repeated, late, and without a term.

Each situation has terms of its own, so that none hides another; all events satisfy the base predicate but
for the one that shows that others do not count as seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from converter.ir import NewTerms, Schema

from .clock import TICK, Clock
from .fields import ABSENT, Fields, can_hold_several, holds_text, with_field
from .terms import own_value, with_own_terms

_FIRST_NUMBER = 20_000
"""Numbers of terms, apart from those of other events."""
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Timed:
    """Fields of an event with its times."""

    time: datetime
    fields: Fields
    visible: datetime | None = None
    """When it arrives; None for at once."""
    without: str = ""
    """A time field that the event lacks."""


@dataclass(slots=True)
class Timeline:
    """Makes the situations; `met` satisfies the base predicate, `missed` does not."""

    plan: NewTerms
    clock: Clock
    schema: Schema
    met: Fields
    missed: Fields | None
    number: int = field(default=_FIRST_NUMBER)

    def events(self) -> list[Timed]:
        """Return the events of all situations."""
        return [
            *self._borders(),
            *self._seen_before(),
            *self._repeated(),
            *self._without_a_term(),
            *self._arrays(),
            *self._other_case(),
            *self._late(),
        ]

    def _own(self, fields: Fields | None = None) -> dict[str, object]:
        """Return fields with the next term."""
        self.number += 1
        base = self.met if fields is None else fields
        return with_own_terms(base, self.plan.terms, self.number, "", self.plan.base, self.schema)

    def _borders(self) -> Iterator[Timed]:
        for border in (self.clock.start, self.clock.end):
            for step in (-TICK, timedelta(0), TICK):
                yield Timed(border + step, self._own())

    def _seen_before(self) -> Iterator[Timed]:
        """Yield terms that were seen around the start of the history, and come again in the window."""
        oldest = self.clock.end - self.plan.history
        for before in (oldest - TICK, oldest, oldest + TICK, self.clock.start - _DAY):
            fields = self._own()
            yield Timed(before, fields)
            yield Timed(self.clock.end - _SECOND, fields)
        if self.missed is not None:
            fields = self._own()
            terms = {term.field: fields.get(term.field, ABSENT) for term in self.plan.terms}
            yield Timed(self.clock.start - _DAY, _with_all(self.missed, terms))
            yield Timed(self.clock.end - _SECOND, fields)

    def _repeated(self) -> Iterator[Timed]:
        inside, again = self._own(), self._own()
        yield Timed(self.clock.end - 3 * _SECOND, inside)
        yield Timed(self.clock.end - 2 * _SECOND, inside)
        yield Timed(self.clock.end - 2 * _SECOND, inside)
        yield Timed(self.clock.end - 2 * _SECOND, again)
        yield Timed(self.clock.end + _DAY, again)
        yield Timed(self.clock.end + self.clock.schedule.interval - _SECOND, again)

    def _without_a_term(self) -> Iterator[Timed]:
        for term in self.plan.terms:
            empties: list[object] = [ABSENT, None]
            empties += [[]] if can_hold_several(term.field, self.schema) else []
            empties += [""] if holds_text(term.field, self.schema) else []
            for raw in empties:
                yield Timed(self.clock.end - 4 * _SECOND, with_field(self._own(), term.field, raw))

    def _arrays(self) -> Iterator[Timed]:
        """Yield arrays of terms, of which one was seen before and another comes again."""
        for term in self.plan.terms:
            if not can_hold_several(term.field, self.schema):
                continue
            fields = self._own()
            values = [own_value(term.field, self.number + n * 1000, self.schema) for n in range(3)]
            yield Timed(self.clock.start - _DAY, with_field(fields, term.field, values[0]))
            yield Timed(self.clock.end - 5 * _SECOND, with_field(fields, term.field, values[:2]))
            yield Timed(self.clock.end - 4 * _SECOND, with_field(fields, term.field, values[1:]))
            twice = [values[2], values[2]]
            yield Timed(self.clock.end - 3 * _SECOND, with_field(fields, term.field, twice))

    def _other_case(self) -> Iterator[Timed]:
        for term in self.plan.terms:
            if not holds_text(term.field, self.schema):
                continue
            fields = self._own()
            value = fields.get(term.field)
            if isinstance(value, str):
                yield Timed(self.clock.start - _DAY, fields)
                upper = with_field(fields, term.field, value.swapcase())
                yield Timed(self.clock.end - _SECOND, upper)

    def _late(self) -> Iterator[Timed]:
        """Yield events that arrive after the run, after every run, and without the primary time."""
        schedule = self.clock.schedule
        next_end = self.clock.end + schedule.interval
        late, hidden, never = self._own(), self._own(), self._own()
        yield Timed(self.clock.end - _SECOND, late, next_end)
        yield Timed(self.clock.end - _SECOND, never, self.clock.end + _DAY)
        yield Timed(self.clock.start - _DAY, hidden, next_end)
        yield Timed(self.clock.end - _SECOND, hidden)
        if schedule.has_fallback and schedule.timestamp != "@timestamp":
            yield Timed(self.clock.end - _SECOND, self._own(), without=schedule.timestamp)


def _with_all(fields: Fields, changes: Mapping[str, object]) -> Fields:
    changed: Fields = fields
    for name, raw in changes.items():
        changed = with_field(changed, name, raw)
    return changed


def apart(cases: Sequence[Fields], clock: Clock) -> Iterator[Timed]:
    """Put events one after the other in the middle of the window's day, a quarter second apart."""
    middle = clock.end + 10 * clock.schedule.interval
    for place, fields in enumerate(cases):
        yield Timed(middle + place * timedelta(milliseconds=250), fields)
