"""Events of a threshold rule: as many of a kind as make it alert, and one less.

A case is repeated as often as the rule counts, with a term of its own, so that each copy decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from converter.ir import Schema, TermField, Threshold

from .cases import Case
from .clock import TICK, Clock
from .fields import ABSENT, Fields, can_hold_several, with_field
from .terms import own_value, with_own_terms
from .timeline import Timed

_BUDGET = 900
"""About how many events the cases may have together."""
_FIRST_NUMBER = 20_000


@dataclass(slots=True)
class Groups:
    """Makes groups of events; each has a term of its own and, without terms, a window of its own."""

    plan: Threshold
    clock: Clock
    schema: Schema
    number: int = _FIRST_NUMBER

    @property
    def size(self) -> int:
        """Return how many events make the rule alert, each with another value of what is counted."""
        return max(self.plan.count, self.plan.distinct.count if self.plan.distinct else 1)

    def cases(self, cases: Sequence[Case]) -> Iterator[Timed]:
        """Yield as many copies of each case as make it alert; few cases where the rule counts far."""
        for case in cases[: max(_BUDGET // self.size, 2)]:
            yield from self._group(case.fields, self._moments(self.size), case.probed)

    def situations(self, met: Fields) -> Iterator[Timed]:
        """Yield groups around one run: too small, on its borders, in two windows, without a value."""
        yield from self._group(met, self._moments(self.size - 1))
        yield from self._group(met, self._moments(self.size + 1))
        for first in (self.clock.start - TICK, self.clock.start, self.clock.start + TICK):
            moments = self._moments(self.size)[1:]
            yield from self._group(met, [self._shifted(first), *moments])
        earlier = self.clock.schedule.lookback + self.clock.schedule.interval
        half = self.size // 2
        moments = self._moments(self.size)
        yield from self._group(met, [m - earlier for m in moments[:half]] + moments[half:])
        yield from self._without_values(met)

    def _without_values(self, met: Fields) -> Iterator[Timed]:
        counted = [self.plan.distinct.field] if self.plan.distinct else []
        for field in (*self.plan.terms, *counted):
            for raw in (ABSENT, None):
                group = list(self._group(met, self._moments(self.size)))
                yield from (
                    Timed(one.time, with_field(one.fields, field.field, raw)) for one in group[:1]
                )
                yield from group[1:]
            if can_hold_several(field.field, self.schema):
                values = [own_value(field.field, 50_000 + n, self.schema) for n in range(2)]
                for one in self._group(met, self._moments(self.size)):
                    yield Timed(one.time, with_field(one.fields, field.field, values))

    def _moments(self, size: int) -> list[datetime]:
        """Return moments shortly before the run's end."""
        space = min(self.clock.schedule.lookback / (2 * max(size, 1)), timedelta(seconds=1))
        space = max(space - space % TICK, timedelta(0))
        return [self._shifted(self.clock.end) - (size - place) * space for place in range(size)]

    def _shifted(self, moment: datetime) -> datetime:
        """Move a moment into the window of the group, where groups cannot have terms of their own."""
        if self.plan.terms:
            return moment
        schedule = self.clock.schedule
        steps = 2 * (schedule.lookback // schedule.interval + 1)
        return moment + (self.number - _FIRST_NUMBER) * steps * schedule.interval

    def _group(
        self, fields: Fields, moments: Sequence[datetime], kept: str = ""
    ) -> Iterator[Timed]:
        """Yield one event a moment, with one term and different values of what is counted."""
        self.number += 1
        base = self._own(fields, self.plan.terms, self.number, kept)
        counted = [self.plan.distinct.field] if self.plan.distinct else []
        for place, moment in enumerate(moments):
            number = 100_000 + self.number * 1000 + place
            yield Timed(moment, self._own(base, counted, number, kept))

    def _own(
        self, fields: Fields, of: Sequence[TermField], number: int, kept: str
    ) -> dict[str, object]:
        return with_own_terms(fields, of, number, kept, self.plan.base, self.schema)
