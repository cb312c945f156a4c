"""The conditions of a predicate as the search sees them: leaves, each with its way from the root."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from converter.ir import (
    And,
    AnyField,
    Atom,
    Constant,
    FieldComparison,
    IsTrue,
    Nested,
    Not,
    Or,
    Predicate,
    Truth,
    Words,
)

Leaf = Atom | Nested | AnyField | FieldComparison
Goal = frozenset[Truth]
"""The truths that a predicate may have."""

TRUE: Goal = frozenset({True})
FALSE: Goal = frozenset({False})
NOT_TRUE: Goal = frozenset({False, None})
NOT_FALSE: Goal = frozenset({True, None})
_NEGATED: dict[Goal, Goal] = {
    TRUE: FALSE,
    FALSE: TRUE,
    NOT_TRUE: NOT_FALSE,
    NOT_FALSE: NOT_TRUE,
}
FREE_TEXT = "event.reason"
FREE_WORDS = "message"
"""Fields that stand for any field in tests on every value: one of whole values, one of analysed text."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A predicate and the truths that it must have."""

    predicate: Predicate
    goal: Goal


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One leaf at one place, and what makes it decide the truth of the whole predicate."""

    leaf: Leaf
    demands: tuple[Demand, ...]
    """What the conditions beside it must be."""


def occurrences(predicate: Predicate) -> Iterator[Occurrence]:
    """Yield each leaf of a predicate in order."""
    yield from _walk(predicate, (), is_positive=True)


def _walk(
    predicate: Predicate, demands: tuple[Demand, ...], *, is_positive: bool
) -> Iterator[Occurrence]:
    match predicate:
        case Constant():
            return
        case And(operands):
            # Beside a leaf that decides, a conjunct must not be what makes the whole fail.
            goal = TRUE if is_positive else NOT_FALSE
            yield from _children(operands, goal, demands, is_positive=is_positive)
        case Or(operands):
            goal = NOT_TRUE if is_positive else FALSE
            yield from _children(operands, goal, demands, is_positive=is_positive)
        case Not(operand):
            yield from _walk(operand, demands, is_positive=not is_positive)
        case IsTrue(operand):
            # Below, only true and not true can be told apart, whatever stands above.
            yield from _walk(operand, demands, is_positive=True)
        case Atom() | Nested() | AnyField() | FieldComparison():
            yield Occurrence(predicate, demands)
        case _:
            assert_never(predicate)


def _children(
    operands: tuple[Predicate, ...],
    goal: Goal,
    demands: tuple[Demand, ...],
    *,
    is_positive: bool,
) -> Iterator[Occurrence]:
    for place, operand in enumerate(operands):
        beside = (*operands[:place], *operands[place + 1 :])
        wanted = tuple(Demand(other, goal) for other in beside)
        yield from _walk(operand, (*demands, *wanted), is_positive=is_positive)


def reduced(demand: Demand) -> tuple[list[Demand], bool] | Leaf | bool:
    """Take a demand one level apart.

    Returns demands and whether all of them must be met (else one), a leaf, or whether it is met.
    """
    goal = demand.goal
    match demand.predicate:
        case Constant(truth):
            return truth in goal
        case Not(operand):
            return [Demand(operand, _NEGATED[goal])], True
        case IsTrue(operand):
            return [Demand(operand, TRUE if True in goal else NOT_TRUE)], True
        case And(operands):
            return [Demand(operand, goal) for operand in operands], True in goal
        case Or(operands):
            return [Demand(operand, goal) for operand in operands], False in goal
        case Atom() | Nested() | AnyField() | FieldComparison() as leaf:
            return leaf
        case _:
            assert_never(demand.predicate)


def leaves(predicate: Predicate) -> list[Leaf]:
    """Return the distinct leaves of a predicate in order."""
    return list(dict.fromkeys(found.leaf for found in occurrences(predicate)))


def fields_read(leaf: Leaf) -> tuple[str, ...]:
    """Return the fields that decide a leaf; the first one is where it is met and missed."""
    match leaf:
        case Atom(field=field):
            return (field,)
        case Nested(path=path):
            return (path,)
        case AnyField(inside=inside, test=Words()):
            return (inside or FREE_WORDS,)
        case AnyField(inside=inside):
            return (inside or FREE_TEXT,)
        case FieldComparison(left=left, right=right):
            return (left, right)
        case _:
            assert_never(leaf)
