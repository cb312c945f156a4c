"""Searches fields on which predicates have the truths that somebody wants.

A small search instead of a solver: predicates fall apart into leaves, the leaves of one field share a
set of values, and only disjunctions need a choice. It gives up after a fixed number of choices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, product

from converter.ir import AnyField, FieldComparison
from harness.engines.predicate import evaluate

from .domain import Domains
from .fields import ABSENT
from .leaves import Demand, Goal, Leaf, fields_read, reduced

_CHOICES = 2000
_TRIED_VALUES = 12


@dataclass(frozen=True, slots=True)
class _State:
    """What is settled in one branch of the search."""

    masks: Mapping[str, int] = field(default_factory=dict)
    """The values that each field may still have, as bits."""
    wanted: Mapping[str, tuple[tuple[Leaf, Goal], ...]] = field(default_factory=dict)
    loose: tuple[Demand, ...] = ()
    """Demands on leaves that read several fields."""


@dataclass(slots=True)
class _Search:
    domains: Domains
    choices: int = _CHOICES


def solve(demands: Sequence[Demand], domains: Domains) -> dict[str, object] | None:
    """Return fields on which all demands are met; None where none are found."""
    search = _Search(domains)
    for state in islice(_branches(list(demands), _State(), search), 8):
        fields = _with_loose(state, domains)
        if fields is not None:
            return fields
    return None


def _branches(pending: list[Demand], state: _State, search: _Search) -> Iterator[_State]:
    """Yield each state found in which the demands on single fields are met."""
    choices: list[list[Demand]] = []
    while pending:
        demand = pending.pop()
        parts = reduced(demand)
        if isinstance(parts, bool):
            if not parts:
                return
        elif isinstance(parts, tuple):
            operands, needs_all = parts
            if needs_all or len(operands) == 1:
                pending.extend(reversed(operands))
            else:
                choices.append(operands)
        else:
            narrowed = _narrowed(state, parts, demand, search.domains)
            if narrowed is None:
                return
            state = narrowed
    if choices:
        yield from _chosen(sorted(choices, key=len), state, search)
    else:
        yield state


def _chosen(choices: Sequence[list[Demand]], state: _State, search: _Search) -> Iterator[_State]:
    """Meet the first choice in each way that it can be, then the others."""
    for option in choices[0]:
        search.choices -= 1
        if search.choices < 0:
            return
        for found in _branches([option], state, search):
            if choices[1:]:
                yield from _chosen(choices[1:], found, search)
            else:
                yield found


def _narrowed(state: _State, leaf: Leaf, demand: Demand, domains: Domains) -> _State | None:
    """Take the values away on which a leaf has another truth; None where no value is left."""
    if isinstance(leaf, AnyField | FieldComparison):
        state = replace(state, loose=(*state.loose, demand))
    if isinstance(leaf, FieldComparison):
        return state
    # Other fields decide a test of any field too, so that it stays among the loose demands.
    (name,) = fields_read(leaf)
    wanted = (*state.wanted.get(name, ()), (leaf, demand.goal))
    left = state.masks.get(name, -1) & domains.mask(leaf, demand.goal)
    left = left or domains.add_value(name, wanted)
    if not left:
        return None
    return replace(state, masks={**state.masks, name: left}, wanted={**state.wanted, name: wanted})


def _with_loose(state: _State, domains: Domains) -> dict[str, object] | None:
    """Choose a value for each field; then meet the demands that read several fields, one by one."""
    fields = {
        name: raw
        for name, mask in state.masks.items()
        if (raw := next(_allowed(name, mask, domains))) is not ABSENT
    }
    met: list[Demand] = []
    for demand in state.loose:
        met.append(demand)
        if _all_met(met, fields):
            continue
        names = _names(demand)
        options = [list(islice(_options(n, state.masks, domains), _TRIED_VALUES)) for n in names]
        for values in product(*options):
            tried = _replaced(fields, dict(zip(names, values, strict=True)))
            if _all_met(met, tried):
                fields = tried
                break
        else:
            return None
    return fields


def _options(name: str, masks: Mapping[str, int], domains: Domains) -> Iterator[object]:
    return _allowed(name, masks.get(name, -1), domains)


def _allowed(name: str, mask: int, domains: Domains) -> Iterator[object]:
    for place, raw in enumerate(domains.values(name)):
        if mask >> place & 1:
            yield raw


def _names(demand: Demand) -> tuple[str, ...]:
    parts = reduced(demand)
    assert not isinstance(parts, tuple | bool)
    return fields_read(parts)


def _all_met(demands: Sequence[Demand], fields: Mapping[str, object]) -> bool:
    return all(evaluate(one.predicate, fields) in one.goal for one in demands)


def _replaced(fields: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    merged = {**fields, **changes}
    return {name: raw for name, raw in merged.items() if raw is not ABSENT}
