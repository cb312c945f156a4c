"""Events on which nobody can say what Kusto does: letters that some foldings take for ASCII ones.

Kusto's documentation does not say whether the Kelvin sign is a `k` where case is ignored; Sigma says that it
is not (SIGMA-4). Such an event judges nothing and is left out on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    Regex,
    Test,
    View,
)

from .events.event import Document, values_of

_LETTERS = {"\u0130": "i", "\u0131": "i", "\u017f": "s", "\u212a": "k"}
EVERY_FIELD = ""
"""Stands among fields for all of them."""


def caseless_fields(predicate: Predicate) -> frozenset[str]:
    """Return the fields of which some comparison ignores case."""
    match predicate:
        case Atom(field=field, view=view, test=test):
            return _if(view is View.LENIENT_BOOLEAN or _ignores_case(test), field)
        case AnyField(test=test, inside=inside):
            return _if(_ignores_case(test), inside or EVERY_FIELD)
        case FieldComparison(left=left, right=right, case=case):
            return _if(case is not Case.EXACT, left, right)
        case And(operands) | Or(operands):
            return frozenset().union(*map(caseless_fields, operands))
        case Not(operand) | IsTrue(operand) | Nested(operand=operand):
            return caseless_fields(operand)
        case Constant():
            return frozenset()
        case _:
            assert_never(predicate)


def undecided(document: Document, fields: frozenset[str]) -> str:
    """Say why nothing can be said about an event; empty where something can."""
    for name in sorted(fields):
        texts = _texts(document) if name == EVERY_FIELD else map(str, values_of(document, name))
        for text in texts:
            letter = next((one for one in text if one in _LETTERS), "")
            if letter:
                return (
                    f"Kusto does not say whether {letter} is {_LETTERS[letter]} where case is ignored:"
                    f" {name or 'the event has'} {text!r}"
                )
    return ""


def _texts(node: object) -> Iterator[str]:
    match node:
        case str():
            yield node
        case Mapping():
            for inner in node.values():
                yield from _texts(inner)
        case list():
            for inner in node:
                yield from _texts(inner)
        case _:
            pass


def _if(holds: bool, *fields: str) -> frozenset[str]:
    return frozenset(fields) if holds else frozenset()


def _ignores_case(test: Test) -> bool:
    match test:
        case OneOf(case=case) | Glob(case=case):
            return case is not Case.EXACT
        case Regex(case=case, flags=flags):
            return case is not Case.EXACT or "i" in flags
        case _:
            return False
