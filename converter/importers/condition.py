"""The condition of a rule between a query language and Sigma: and, or, not over field tests.

Truth has two values here, as in Kibana and in Sigma (SIGMA-3): `Negation` is the complement.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import assert_never

from .shapes import Shape


class Kind(Enum):
    """What a test compares, by the Sigma modifier that says it."""

    TEXT = "cased"
    FOLDED_TEXT = ""
    LOWER_TEXT = "lower case"
    """Text in lower case, which Sigma does not have; the import turns it into folded text."""
    PLAIN = "plain"
    """Numbers and booleans."""
    NETWORK = "cidr"
    PLACEHOLDER = "cased|expand"
    """A list of texts that is to be filled in, by its name between percent signs."""
    FOLDED_PLACEHOLDER = "expand"
    EXISTS = "exists"
    LESS = "lt"
    LESS_OR_EQUAL = "lte"
    GREATER = "gt"
    GREATER_OR_EQUAL = "gte"


TestValue = Shape | str | bool | int | float
"""A shape for text kinds, a network as text, else the value itself."""


@dataclass(frozen=True, slots=True)
class Match:
    """Some value of the field passes the test with one of these values, or with each of them."""

    field: str
    kind: Kind
    values: tuple[TestValue, ...]
    is_all: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Conjunction; true when empty."""

    operands: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Disjunction; false when empty."""

    operands: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """Complement."""

    operand: Condition


Condition = Match | AllOf | AnyOf | Negation

EVERYTHING = AllOf(())
"""True of every event."""
NOTHING = AnyOf(())


def simplify(condition: Condition) -> Condition:
    """Flatten nested connectives, remove double negation, and gather values of one field."""
    match condition:
        case Match():
            return condition
        case Negation(operand):
            return _negation(simplify(operand))
        case AllOf(operands):
            return _all_of([simplify(operand) for operand in operands])
        case AnyOf(operands):
            return _any_of([simplify(operand) for operand in operands])
        case _:
            assert_never(condition)


def _negation(operand: Condition) -> Condition:
    match operand:
        case Negation(inner):
            return inner
        case Match(kind=Kind.EXISTS, values=(value,)):
            return replace(operand, values=(not value,))
        case AllOf(()):
            return NOTHING
        case AnyOf(()):
            return EVERYTHING
        case _:
            return Negation(operand)


def _all_of(operands: list[Condition]) -> Condition:
    flat: list[Condition] = []
    for operand in operands:
        flat += operand.operands if isinstance(operand, AllOf) else (operand,)
    if NOTHING in flat:
        return NOTHING
    gathered = _gather(flat, is_all=True)
    return gathered[0] if len(gathered) == 1 else AllOf(tuple(gathered))


def _any_of(operands: list[Condition]) -> Condition:
    flat: list[Condition] = []
    for operand in operands:
        flat += operand.operands if isinstance(operand, AnyOf) else (operand,)
    if EVERYTHING in flat:
        return EVERYTHING
    gathered = _gather(flat, is_all=False)
    return gathered[0] if len(gathered) == 1 else AnyOf(tuple(gathered))


def _gather(operands: Iterable[Condition], *, is_all: bool) -> list[Condition]:
    """Join single-field tests of the same field and kind into one with several values."""
    gathered: list[Condition] = []
    places: dict[tuple[str, Kind], int] = {}
    for operand in operands:
        if not isinstance(operand, Match) or not _joins(operand, is_all):
            if operand not in gathered:
                gathered.append(operand)
            continue
        key = (operand.field, operand.kind)
        known = gathered[places[key]] if key in places else None
        if isinstance(known, Match):
            values = _each_once((*known.values, *operand.values))
            gathered[places[key]] = replace(known, values=values, is_all=is_all and len(values) > 1)
        else:
            places[key] = len(gathered)
            gathered.append(operand)
    return gathered


def _each_once(values: Iterable[TestValue]) -> tuple[TestValue, ...]:
    """Drop repeated values; 1 and true are two."""
    return tuple({(type(value), value): value for value in values}.values())


def _joins(match: Match, is_all: bool) -> bool:
    """Say whether a test can take more values under the connective."""
    if is_all:
        # Comparisons stay one to a key, since `lt` and `gt` of one field are keys of their own.
        return match.kind in (Kind.TEXT, Kind.FOLDED_TEXT) and (
            match.is_all or len(match.values) == 1
        )
    return match.kind in _LISTS and (not match.is_all)


_LISTS = (Kind.TEXT, Kind.FOLDED_TEXT, Kind.PLAIN, Kind.NETWORK)
