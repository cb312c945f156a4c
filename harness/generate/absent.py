"""Says what is left of a predicate for events that lack what no table holds.

A rule that asks for a signature or a name is met by the name alone where tables know no signature. Events that
put the whole predicate to the test have the signature first, and no row stands for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from converter.ir import Atom, Constant, Predicate
from converter.ir.leaves import Leaf, with_leaves
from converter.ir.show import fields_of
from converter.layout import FieldLayout, TableLayout


def without_absent(predicate: Predicate, layouts: Sequence[TableLayout]) -> Iterator[Predicate]:
    """Yield the predicate with false for each condition on a field that no table holds, if there is any."""
    if not layouts:
        return
    held = {field.name for layout in layouts for field in layout.fields if _is_held(field)}
    absent = fields_of(predicate) - held
    if absent:
        yield _with_false(predicate, absent)


def _is_held(field: FieldLayout) -> bool:
    return bool(field.places or field.known or field.always or field.constant is not None)


def _with_false(predicate: Predicate, absent: Collection[str]) -> Predicate:
    def change(leaf: Leaf) -> Predicate:
        return Constant(False) if isinstance(leaf, Atom) and leaf.field in absent else leaf

    return with_leaves(predicate, change)
