"""The rows that a search through keys reads: no others than the query around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from sigma.sigmaproof.tables import Table

from .expression import Every, Expression, Membership, RowsWith, Some, atom, conjuncts


def narrowed(condition: Expression, table: Table) -> Expression:
    """Have searches through keys ask for what the condition asks of stored columns anyway."""
    later = table.added_later
    within = [
        one
        for one in conjuncts(condition)
        if isinstance(one, Membership)
        and not one.is_negated
        and later.isdisjoint(re.findall(r"\w+", one.subject))
    ]
    return _within(condition, within)


def bounded(condition: Expression, bounds: Sequence[str]) -> Expression:
    """Have searches through keys read no other time than the query around them."""
    return _within(condition, [atom(bound) for bound in bounds])


def _within(condition: Expression, within: Sequence[Expression]) -> Expression:
    match condition:
        case RowsWith():
            return replace(condition, within=(*within, *condition.within))
        case Every(operands):
            return Every(tuple(_within(one, within) for one in operands))
        case Some(operands):
            return Some(tuple(_within(one, within) for one in operands))
        case _:
            return condition
