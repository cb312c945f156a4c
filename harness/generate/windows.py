"""Events of a correlation: windows that just satisfy it, and windows that just do not.

Each situation has a group of its own and, where the rule has no groups, a time of its own. A case is put beside
the events that it lacks, so that it decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from converter.ir import (
    Correlation,
    EventCount,
    FieldType,
    NumberStatistic,
    RuleCount,
    RulesInOrder,
    Schema,
    TermField,
    ValueCount,
)
from harness.engines.correlation import holds
from harness.engines.predicate import evaluate

from .cases import Case
from .clock import TICK, Clock
from .fields import ABSENT, Fields, can_hold_several, holds_text, with_field
from .terms import own_value, with_own_terms
from .timeline import Timed

_BUDGET = 900
"""About how many events the cases may have together."""
_FIRST_NUMBER = 20_000
_MOST_COUNTED = 2_000
"""Above this a count is left to logs."""
_FEW = 100
"""Up to this many events every situation is made."""
_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class _Member:
    """One event of a group in the making."""

    rule: int
    ago: timedelta
    """How long before the end of the situation."""
    fields: Fields
    value: object = None
    """What is measured of it; None for a value of its own."""
    kept: str = ""
    """A field that must not change."""


@dataclass(slots=True)
class Windows:
    """Makes groups of events; `examples` has an event of each rule."""

    plan: Correlation
    clock: Clock
    schema: Schema
    examples: Sequence[Fields]
    number: int = _FIRST_NUMBER

    @property
    def size(self) -> int:
        """Return how many events the smallest window has that satisfies the condition."""
        match self.plan.measure:
            case EventCount() | ValueCount() | RuleCount():
                counts = range(1, self.plan.condition.number + 2)
                return next((n for n in counts if holds(self.plan.condition, n)), 1)
            case RulesInOrder():
                return len(self.plan.rules)
            case NumberStatistic():
                return 1

    def cases(self, cases: Sequence[Case]) -> Iterator[Timed]:
        """Yield each case as the last event that a window needs, in the place of each rule."""
        if self.size > _MOST_COUNTED:
            return
        for case in cases[: max(_BUDGET // self.size, 2)]:
            for rule in self._roles(case):
                members = self._complete(_NONE)
                place = next((n for n, one in enumerate(members) if one.rule == rule), 0)
                members[place] = replace(
                    members[place], rule=rule, fields=case.fields, kept=case.probed
                )
                yield from self._group(members)

    def situations(self) -> Iterator[Timed]:
        """Yield windows on the limit of the condition and of time, and events without a group."""
        if self.size > _MOST_COUNTED:
            return
        yield from self._group(self._complete(_NONE)[1:])
        yield from self._group([*self._complete(_NONE), *self._complete(TICK)[:1]])
        if self.size > _FEW:
            return
        yield from self._edges()
        yield from self._repetitions()
        match self.plan.measure:
            case RuleCount() | RulesInOrder():
                yield from self._orders()
            case NumberStatistic():
                yield from self._numbers()
            case EventCount() | ValueCount():
                pass
        yield from self._without_values()
        yield from self._late()

    def _roles(self, case: Case) -> list[int]:
        """Return the rules in whose place a case tells something: that which it satisfies, else all.

        Where rules are not told apart, those do that make their groups of the same fields.
        """
        rules = self.plan.rules
        met = [n for n, rule in enumerate(rules) if evaluate(rule.base, case.fields) is True]
        if met:
            return met[:1]
        listed = {member.rule for member in self._complete(_NONE)}
        by_group = {rule.group: n for n, rule in reversed(list(enumerate(rules)))}
        return sorted(listed.union(by_group.values()))

    def _complete(self, shift: timedelta) -> list[_Member]:
        """Return the events of a window that satisfies the condition, the last one `shift` before the end."""
        step = min(self.plan.timespan / (2 * self.size), timedelta(seconds=1))
        step -= step % TICK
        tells_rules = isinstance(self.plan.measure, RuleCount | RulesInOrder)
        rules = [place if tells_rules else 0 for place in range(self.size)]
        return [
            _Member(
                rule,
                shift + (self.size - 1 - place) * step,
                self.examples[rule],
                self._satisfying,
            )
            for place, rule in enumerate(rules)
        ]

    @property
    def _satisfying(self) -> object:
        """Return a number that satisfies the condition alone; None where events have values of their own."""
        if not isinstance(self.plan.measure, NumberStatistic):
            return None
        limit = self.plan.condition.number
        return next(n for n in (limit, limit + 1, limit - 1) if holds(self.plan.condition, n))

    def _edges(self) -> Iterator[Timed]:
        """Yield windows whose first event lies on, before and behind the start of the window."""
        for first in (-TICK, _NONE, TICK):
            members = self._complete(_NONE)
            ago = self.plan.timespan + first
            yield from self._group([replace(members[0], ago=ago), *members[1:]])
            if self.size == 1:
                yield from self._group([replace(members[0], ago=ago), members[0]])
        tied = [replace(member, ago=_NONE) for member in self._complete(_NONE)]
        yield from self._group(tied)
        apart = self.plan.timespan + TICK
        yield from self._group(
            [replace(one, ago=place * apart) for place, one in enumerate(self._complete(_NONE))]
        )

    def _repetitions(self) -> Iterator[Timed]:
        """Yield the same event as often as the rule counts, and a window that goes on."""
        first = self._complete(_NONE)[0]
        alike = [replace(one, value=7) for one in self._complete(_NONE)]
        if not isinstance(self.plan.measure, NumberStatistic):
            yield from self._group([replace(one, rule=0, fields=first.fields) for one in alike])
        later = self.plan.timespan // 2
        yield from self._group([*self._complete(later), first, replace(first, ago=later // 2)])

    def _late(self) -> Iterator[Timed]:
        """Yield windows of which one event arrives some runs after it happened."""
        for place in (0, -1):
            group = list(self._group(self._complete(_NONE)))
            late = group[place].time + 3 * self.clock.schedule.interval
            group[place] = replace(group[place], visible=late)
            yield from group

    def _orders(self) -> Iterator[Timed]:
        """Yield the rules in reverse, one of them missing, and each instant with two of them."""
        members = self._complete(_NONE)
        agos = [member.ago for member in members]
        turned = [replace(one, ago=ago) for one, ago in zip(members, reversed(agos), strict=True)]
        yield from self._group(turned)
        yield from self._group([*members[:-1], members[0]])
        for place in range(1, len(members)):
            tied = replace(members[place], ago=members[place - 1].ago)
            yield from self._group([*members[:place], tied, *members[place + 1 :]])
        yield from self._group([*members, replace(members[0], ago=-TICK)])
        yield from self._two_starts()
        for place, example in enumerate(self.examples):
            yield from self._group([_Member(place, _NONE, example)])

    def _two_starts(self) -> Iterator[Timed]:
        """Yield the rules in order with an earlier start that the end of the situation does not see."""
        early = replace(self._complete(_NONE)[0], ago=self.plan.timespan + TICK)
        yield from self._group([early, *self._complete(_NONE)])
        shifted = self._complete(timedelta(seconds=1))
        yield from self._group([early, *shifted, replace(shifted[0], ago=_NONE)])

    def _numbers(self) -> Iterator[Timed]:
        """Yield one and several numbers around the limit."""
        limit = self.plan.condition.number
        several = (
            (limit - 1,),
            (limit,),
            (limit + 1,),
            (limit - 1, limit + 1),
            (limit - 2, limit + 1),
            (limit - 1, limit + 2),
            (limit - 1, 1),
            (limit, 1),
            (limit, -1),
            (limit + 5, limit, limit - 5),
            (limit - 9, limit - 8, limit + 1, limit + 1),
            (0, 0, limit, 3 * limit),
            tuple(range(limit - 19, limit + 1)),
        )
        for numbers in several:
            yield from self._valued(numbers)
        if self.plan.counted and self.schema.type_of(self.plan.counted.field) is FieldType.DOUBLE:
            yield from self._valued((limit - 0.5,))
            yield from self._valued((limit - 0.5, limit + 0.5))
            yield from self._valued((limit - 0.25, limit + 0.5))

    def _valued(self, numbers: Sequence[float]) -> Iterator[Timed]:
        second = timedelta(seconds=1)
        step = min(self.plan.timespan / (2 * len(numbers)), second)
        example = self.examples[0]
        yield from self._group(
            [
                _Member(0, place * (step - step % TICK), example, one)
                for place, one in enumerate(numbers)
            ]
        )

    def _without_values(self) -> Iterator[Timed]:
        """Yield windows in which an event lacks a field, has several values or another case."""
        grouped = {term for rule in self.plan.rules for term in rule.group}
        counted = [self.plan.counted] if self.plan.counted else []
        for term in (*sorted(grouped, key=lambda one: one.field), *counted):
            for raw in (ABSENT, None, *([""] if holds_text(term.field, self.schema) else [])):
                yield from self._changed_first(term, raw)
            yield from self._all_without(term)
            if can_hold_several(term.field, self.schema):
                values = [own_value(term.field, 50_000 + n, self.schema) for n in range(2)]
                group = list(self._group(self._complete(_NONE)))
                yield from (
                    replace(one, fields=with_field(one.fields, term.field, values)) for one in group
                )
                yield from self._same_value_twice(term)
            yield from self._other_case(term)

    def _changed_first(self, term: TermField, raw: object) -> Iterator[Timed]:
        first, *others = self._group(self._complete(_NONE))
        yield replace(first, fields=with_field(first.fields, term.field, raw))
        yield from others

    def _all_without(self, term: TermField) -> Iterator[Timed]:
        for one in self._group(self._complete(_NONE)):
            yield replace(one, fields=with_field(one.fields, term.field, ABSENT))

    def _same_value_twice(self, term: TermField) -> Iterator[Timed]:
        """Yield an event less than the condition asks for, with its value twice."""
        members = self._complete(_NONE)
        for one in self._group(members[1:] or members):
            value = one.fields.get(term.field)
            yield replace(one, fields=with_field(one.fields, term.field, [value, value]))

    def _other_case(self, term: TermField) -> Iterator[Timed]:
        """Yield a value that differs from that of the next event in case alone."""
        first, *others = self._group(self._complete(_NONE))
        value = (others or [first])[0].fields.get(term.field)
        if isinstance(value, str) and holds_text(term.field, self.schema):
            yield replace(first, fields=with_field(first.fields, term.field, value.swapcase()))
            yield from others

    def _group(self, members: Sequence[_Member]) -> Iterator[Timed]:
        """Yield the events of one group."""
        self.number += 1
        end = self.clock.end
        if not self.plan.names:
            end += (self.number - _FIRST_NUMBER) * (3 * self.plan.timespan + timedelta(seconds=1))
        for place, member in enumerate(members):
            fields = self._measured(
                member, self._own(member, self.plan.rules[member.rule].group), place
            )
            yield Timed(end - member.ago, fields)

    def _measured(self, member: _Member, fields: Fields, place: int) -> Fields:
        counted = self.plan.counted
        if counted is None or counted.field == member.kept:
            return fields
        if isinstance(self.plan.measure, NumberStatistic):
            changed = with_field(fields, counted.field, member.value)
            base = self.plan.rules[member.rule].base
            return changed if evaluate(base, changed) is evaluate(base, fields) else fields
        number = 100_000 + self.number * 1000 + (place if member.value is None else 0)
        return self._own(replace(member, fields=fields), [counted], number)

    def _own(
        self, member: _Member, terms: Sequence[TermField], number: int | None = None
    ) -> dict[str, object]:
        base = self.plan.rules[member.rule].base
        number = self.number if number is None else number
        return with_own_terms(
            member.fields, terms, number, member.kept, base, self.schema, self.written_as
        )

    @property
    def written_as(self) -> dict[str, FieldType]:
        """Return the texts that are one group with addresses or whole numbers of another rule's events."""
        found: dict[str, FieldType] = {}
        for fields in zip(*(rule.group for rule in self.plan.rules), strict=True):
            types = [self.schema.type_of(one.field) for one in fields]
            strict = next((one for one in types if one in (FieldType.IP, FieldType.LONG)), None)
            if strict is not None:
                texts = (
                    one.field for one, own in zip(fields, types, strict=True) if own is not strict
                )
                found |= dict.fromkeys(texts, strict)
        return found
