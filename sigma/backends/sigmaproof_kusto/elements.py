"""Comparisons with the elements of an array that no function of Kusto makes.

They are asked in a query of its own over the same table, which puts each element into a row of its own and
returns the keys of the rows that fit (KUSTO-5).
"""

from __future__ import annotations

from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.types import SigmaFieldReference

from sigma.sigmaproof.tables import Column, Table

from .expression import Expression, RowsWith, atom, every
from .strings import present, reference_operator

_ELEMENT = "_element"
_OTHER = "_other"
ELEMENT_TEXT = Column(_ELEMENT, "string")
"""An element read as text: a number in decimal form, the empty text where it has none."""
ELEMENT_STRING = f"tostring({_ELEMENT})"
"""An element that is known to be a string."""


def rows_with_text(column: Column, condition: Expression, table: Table) -> RowsWith:
    """Find rows by `ELEMENT_TEXT` of any element."""
    step = f"{_expansion(_ELEMENT, column)} to typeof(string)"
    return RowsWith(table.name, _key(column, table), (step,), condition)


def rows_with_string(column: Column, condition: Expression, table: Table) -> RowsWith:
    """Find rows by `ELEMENT_STRING` of any element that is a string."""
    steps = (_expansion(_ELEMENT, column), f"where {_is_string(_ELEMENT)}")
    return RowsWith(table.name, _key(column, table), steps, condition)


def rows_with_pair(
    left: Column, value: SigmaFieldReference, right: Column, table: Table
) -> RowsWith:
    """Find rows in which some value of `left` relates to one of `right`; one of them is an array."""
    operator = reference_operator(value)
    steps: list[str] = []
    guards: list[Expression] = []
    sides: list[str] = []
    for column, name in ((left, _ELEMENT), (right, _OTHER)):
        if column.type != "dynamic":
            sides.append(column.expression)
            guards.append(present(column.expression))
            continue
        steps.append(_expansion(name, column))
        sides.append(f"tostring({name})")
        guards.append(atom(_is_string(name)))
    if operator == "=~":
        # Values of any type are compared, those of one type with each other.
        same_type = f"gettype({_ELEMENT}) == gettype({_OTHER})"
        guards = [atom(f"isnotnull({_ELEMENT})"), atom(same_type)]
    compared = atom(f"{sides[0]} {operator} {sides[1]}")
    array = left if left.type == "dynamic" else right
    condition = every((*guards, compared))
    return RowsWith(table.name, _key(array, table), tuple(steps), condition)


def _expansion(name: str, column: Column) -> str:
    return f"mv-expand {name} = {column.expression}"


def _is_string(name: str) -> str:
    return f'gettype({name}) == "string"'


def _key(column: Column, table: Table) -> tuple[str, ...]:
    if not table.row_key:
        raise SigmaFeatureNotSupportedByBackendError(
            f"the elements of the array {column.expression} can only be reached through the identity of"
            f" rows, and {table.name} has no column that tells its rows apart; compare whole values"
        )
    return table.row_key
