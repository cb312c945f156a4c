"""Asks tables whether they have a counterpart for one comparison or field of a rule."""

from __future__ import annotations

from collections.abc import Sequence

from sigma.conditions import ConditionFieldEqualsValueExpression
from sigma.rule import SigmaDetectionItem
from sigma.types import SigmaNull

from sigma.sigmaproof.tables import Table, UnmappedError

from .condition import Scope, expression_of
from .expression import refusals_in


def why_item_is_unmapped(item: SigmaDetectionItem, tables: Sequence[Table]) -> str:
    """Return why some table has no counterpart for a comparison; empty where every table has one."""
    if item.field is None:
        return ""
    for value in item.value or [SigmaNull()]:
        comparison = ConditionFieldEqualsValueExpression(item.field, value)
        for table in tables:
            expression = expression_of(comparison, Scope(table, lambda _code, _message: None))
            for refusal in refusals_in(expression):
                if isinstance(refusal, UnmappedError):
                    return str(refusal)
    return ""


def why_field_is_unmapped(name: str, tables: Sequence[Table]) -> str:
    """Return why some table does not say what a field holds; empty where every table does."""
    for table in tables:
        try:
            table.column(name)
        except UnmappedError as error:
            return str(error)
    return ""
