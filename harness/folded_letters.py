"""The reference as Kusto compares without case: all letters, where Sigma means those of A to Z.

A text that compares a value with letters outside ASCII has no other operator; what Sigma makes of these letters
differs, which is what `Approximate` reports.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from converter.ir import (
    And,
    AnyField,
    Atom,
    Case,
    Constant,
    FieldComparison,
    Glob,
    IsTrue,
    Nested,
    Not,
    OneOf,
    Or,
    Predicate,
    Test,
)
from converter.ir.plan import with_bases

from .engines.plan import execute_plan
from .reference import Reference


def with_letters_folded(reference: Reference) -> Reference:
    """Return the reference that ignores the case of every letter in values with letters outside ASCII."""
    plan = with_bases(reference.plan, _folded)
    execution = execute_plan(plan, reference.dataset, reference.runs)
    return replace(reference, plan=plan, execution=execution)


def _folded(predicate: Predicate) -> Predicate:
    match predicate:
        case Atom(test=test) | AnyField(test=test):
            return replace(predicate, test=_test(test))
        case FieldComparison() | Constant():
            return predicate
        case And(operands) | Or(operands):
            return replace(predicate, operands=tuple(map(_folded, operands)))
        case Not(operand) | IsTrue(operand) | Nested(operand=operand):
            return replace(predicate, operand=_folded(operand))
        case _:
            assert_never(predicate)


def _test(test: Test) -> Test:
    if isinstance(test, OneOf | Glob) and test.case is Case.ASCII and any(_letters(test)):
        return replace(test, case=Case.UNICODE)
    return test


def _letters(test: OneOf | Glob) -> Iterator[bool]:
    """Yield whether each text holds a letter outside ASCII that has another case."""
    for part in test.values if isinstance(test, OneOf) else test.parts:
        if isinstance(part, str):
            yield not part.isascii() and part.lower() != part.upper()
