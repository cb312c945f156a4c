"""The reference as Kusto compares without case: all letters, where Sigma means those of A to Z.

A text that compares a value with letters outside ASCII has no other operator; what Sigma makes of these letters
differs, which is what `Approximate` reports.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from converter.ir import (
    AnyField,
    Atom,
    Case,
    Glob,
    OneOf,
    Predicate,
    Test,
)
from converter.ir.leaves import Leaf, with_leaves

from .reference import Reference, with_changed_bases


def with_letters_folded(reference: Reference) -> Reference:
    """Return the reference that ignores the case of every letter in values with letters outside ASCII."""
    return with_changed_bases(reference, lambda base: with_leaves(base, _folded))


def _folded(leaf: Leaf) -> Predicate:
    return replace(leaf, test=_test(leaf.test)) if isinstance(leaf, Atom | AnyField) else leaf


def _test(test: Test) -> Test:
    if isinstance(test, OneOf | Glob) and test.case is Case.ASCII and any(_letters(test)):
        return replace(test, case=Case.UNICODE)
    return test


def _letters(test: OneOf | Glob) -> Iterator[bool]:
    """Yield whether each text holds a letter outside ASCII that has another case."""
    for part in test.values if isinstance(test, OneOf) else test.parts:
        if isinstance(part, str):
            yield not part.isascii() and part.lower() != part.upper()
