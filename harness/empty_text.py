"""The reference as a Kusto `string` column has it, where the empty text and no value are the same.

A text that compares with the empty text must do just that on such a column: find the rows without a value as
well, and under `not` keep them. What Sigma makes of it differs, which is what `Approximate` reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from converter.ir import (
    NEVER,
    And,
    AnyField,
    Atom,
    Constant,
    Exists,
    FieldComparison,
    IsTrue,
    Nested,
    Not,
    OneOf,
    Or,
    Predicate,
    View,
)
from converter.layout import CellPlace, EventsLayout, Layout, TableLayout

from .reference import Reference, with_changed_bases


def with_empty_as_missing(reference: Reference, layouts: Sequence[Layout]) -> Reference:
    """Return the reference that takes the empty text for no value, in the columns that cannot tell them apart."""
    arrays = frozenset().union(*map(_arrays, layouts))
    return with_changed_bases(reference, lambda base: _read(base, arrays, is_negated=False))


def _arrays(layout: Layout) -> frozenset[str]:
    """Return the fields whose elements are texts of their own."""
    if isinstance(layout, EventsLayout):
        return frozenset(name for name, kind in layout.types.items() if kind == "dynamic")
    return frozenset(
        field.name
        for field in layout.fields
        if any(one.is_array or _is_whole_array(layout, one) for one in field.places)
    )


def _is_whole_array(layout: TableLayout, place: CellPlace) -> bool:
    return not place.path and layout.columns[place.column] == "dynamic"


def _read(predicate: Predicate, arrays: frozenset[str], *, is_negated: bool) -> Predicate:
    match predicate:
        case Atom(field=field, test=OneOf(values)) if "" in values and field not in arrays:
            return _empty(predicate, is_negated)
        case Atom() | AnyField() | FieldComparison() | Constant():
            return predicate
        case And(operands) | Or(operands):
            read = tuple(_read(one, arrays, is_negated=is_negated) for one in operands)
            return replace(predicate, operands=read)
        case Not(operand):
            return Not(_read(operand, arrays, is_negated=not is_negated))
        case IsTrue(operand) | Nested(operand=operand):
            return replace(predicate, operand=_read(operand, arrays, is_negated=is_negated))
        case _:
            assert_never(predicate)


def _empty(atom: Atom, is_negated: bool) -> Predicate:
    assert isinstance(atom.test, OneOf)
    others = tuple(value for value in atom.test.values if value != "")
    found: Predicate = replace(atom, test=replace(atom.test, values=others)) if others else NEVER
    return found if is_negated else Or((found, Not(Atom(atom.field, View.RAW, Exists()))))
