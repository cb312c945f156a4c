"""What is left of a condition when comparisons are taken out, and whether it then matches more or less.

One rule holds this together: without one of several conditions that must all hold more events match,
without one of several alternatives fewer do, and every `not` around them turns that round. What is
taken out whole counts as one operand of what remains around it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")
S = TypeVar("S")


class Effect(Enum):
    """What a rule without a condition matches, compared with the rule."""

    WIDER = "wider"
    NARROWER = "narrower"

    @property
    def opposite(self) -> Effect:
        """The effect under one more `not`."""
        return Effect.NARROWER if self is Effect.WIDER else Effect.WIDER


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison that was taken out."""

    place: int
    """Its number among all comparisons of the rule."""
    field: str
    reason: str
    """Why it was taken out."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A part of a rule that was taken out, from a place where something else remains."""

    text: str
    clauses: tuple[Clause, ...]
    effect: Effect
    is_term: bool = False
    """Whether it is a field of the terms, of which fewer are new then, and no condition."""

    @property
    def reasons(self) -> str:
        """Why it was taken out, every reason once."""
        return "; ".join(dict.fromkeys(clause.reason for clause in self.clauses))


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """Something is left."""

    value: T
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing is left."""

    text: str
    clauses: tuple[Clause, ...]


def joined(
    parts: Sequence[Kept[T] | Gone], *, is_all: bool, build: Callable[[list[T]], S]
) -> Kept[S] | Gone:
    """Join what is left of operands that must all hold, or of alternatives."""
    kept = [part for part in parts if isinstance(part, Kept)]
    gone = [part for part in parts if isinstance(part, Gone)]
    if not kept:
        texts = [part.text for part in gone]
        text = (" and " if is_all else " or ").join(texts)
        clauses = tuple(clause for part in gone for clause in part.clauses)
        return Gone(f"({text})" if len(texts) > 1 else text, clauses)
    effect = Effect.WIDER if is_all else Effect.NARROWER
    inside = [loss for part in kept for loss in part.losses]
    losses = [Loss(part.text, part.clauses, effect) for part in gone]
    return Kept(build([part.value for part in kept]), (*inside, *losses))


def negated(part: Kept[T] | Gone, build: Callable[[T], T], text: str = "not {}") -> Kept[T] | Gone:
    """Negate what is left; `text` is how what is gone is written under the negation."""
    match part:
        case Kept(value, losses):
            turned = tuple(replace(loss, effect=loss.effect.opposite) for loss in losses)
            return Kept(build(value), turned)
        case Gone():
            return replace(part, text=text.format(part.text))
