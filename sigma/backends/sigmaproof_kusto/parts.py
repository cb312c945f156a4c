"""The rows of a table that one search means, where the table holds others too and the rule does not say which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sigma.sigmaproof.tables import Column, Table

from .expression import Expression, Membership, conjuncts
from .literals import text_literal

_NUMBERS = ("int", "long")


def meant_rows(table: Table, condition: Expression) -> Iterator[Expression]:
    """Yield the conditions that tell these rows from others, where the condition does not say more."""
    said = [one for one in conjuncts(condition) if isinstance(one, Membership)]
    for is_negated, values_by_field in ((False, table.only), (True, table.never)):
        for name, values in values_by_field.items():
            column = table.column(name)
            if column is None:
                raise TypeError(
                    f"table {table.name} has no column for {name}, which tells its rows"
                )
            meant = _one_of(column, values, is_negated)
            if not any(_implies(one, meant) for one in said):
                yield meant


def _one_of(column: Column, values: Sequence[str], is_negated: bool) -> Membership:
    """Compare with values, by what stands in the column where only texts of it mean them."""
    keys = [column.meant_by.get(value, ()) for value in values]
    if column.base and all(keys):
        literals = tuple(text_literal(key) for some in keys for key in some)
        return Membership(column.base, "==", literals, is_negated)
    return Membership(
        column.expression, "==", tuple(_literal(value, column) for value in values), is_negated
    )


def _implies(said: Membership, meant: Membership) -> bool:
    if said.is_negated or (said.subject, said.operator) != (meant.subject, meant.operator):
        return False
    values = set(said.literals)
    return values.isdisjoint(meant.literals) if meant.is_negated else values <= {*meant.literals}


def _literal(value: str, column: Column) -> str:
    return value if column.type in _NUMBERS else text_literal(value)
