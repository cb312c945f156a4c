"""Changes the conditions that a predicate is made of, and keeps how they are joined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from .predicate import (
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
)

Leaf = Atom | AnyField | FieldComparison | Constant
"""A predicate without others inside."""


def with_leaves(predicate: Predicate, change: Callable[[Leaf], Predicate]) -> Predicate:
    """Return the predicate with each leaf replaced."""
    match predicate:
        case Atom() | AnyField() | FieldComparison() | Constant():
            return change(predicate)
        case And(operands) | Or(operands):
            return replace(predicate, operands=tuple(with_leaves(one, change) for one in operands))
        case Not(operand) | IsTrue(operand) | Nested(operand=operand):
            return replace(predicate, operand=with_leaves(operand, change))
        case _:
            assert_never(predicate)
