"""Says which fields of a condition ask for values that no table ever has, so that people know what to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sigma.conditions import ConditionFieldEqualsValueExpression, ConditionItem
from sigma.exceptions import SigmaError
from sigma.types import SigmaString

from sigma.sigmaproof.tables import Column, Table

from .strings import is_like, is_pattern


def unmet(conditions: Sequence[object], tables: Sequence[Table]) -> list[str]:
    """Return a reason for each field of which no table has any of the values that are asked for."""
    asked: dict[str, list[SigmaString]] = {}
    for condition in conditions:
        for field, value in _comparisons(condition):
            asked.setdefault(field, []).append(value)
    return [
        _reason(field, " or ".join(dict.fromkeys(map(str, values))), tables)
        for field, values in asked.items()
        if not any(_can_be(table, field, value) for table in tables for value in values)
    ]


def _reason(field: str, values: str, tables: Sequence[Table]) -> str:
    if any((column := _column(table, field)) and column.is_open for table in tables):
        return f"the mapping pack does not know by what the tables tell {field} {values}; add it to the mapping pack"
    return f"field {field} is never {values}"


def _comparisons(condition: object) -> Iterator[tuple[str, SigmaString]]:
    if isinstance(condition, ConditionItem):
        for one in condition.args:
            yield from _comparisons(one)
    elif isinstance(condition, ConditionFieldEqualsValueExpression):
        value = condition.value
        if isinstance(value, SigmaString) and (is_pattern(value) or not value.contains_special()):
            yield condition.field, value


def _can_be(table: Table, field: str, value: SigmaString) -> bool:
    try:
        column = table.column(field)
    except SigmaError:
        return True
    return column is not None and _can_read_as(column, value)


def _column(table: Table, field: str) -> Column | None:
    try:
        return table.column(field)
    except SigmaError:
        return None


def _can_read_as(column: Column, value: SigmaString) -> bool:
    if column.constant is not None:
        return is_like(str(column.constant), value)
    if column.base and column.meant_by:
        return any(is_like(one, value) for one in column.meant_by)
    return True
