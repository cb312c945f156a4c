"""Values without a field: looked for in every column that can hold them (SIGMA-12)."""

from __future__ import annotations

from collections.abc import Callable

from sigma.exceptions import SigmaError, SigmaFeatureNotSupportedByBackendError
from sigma.types import (
    SigmaCIDRExpression,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from sigma.sigmaproof.tables import Column, EcsTable, Table

from . import comparison
from .expression import Expression, Refused, some
from .strings import any_column_test, expression_anywhere, is_cased, parts_of

Note = Callable[[str, str], None]
"""Takes the code and message of a diagnostic."""

_TEXT_TYPES = frozenset({"string", "dynamic", "guid"})


def keyword_test(value: SigmaType, table: Table, note: Note) -> Expression:
    """Look for a keyword in the columns that are known of the table, or in all of one that has any."""
    try:
        if isinstance(table, EcsTable):
            return _in_any_column(value, note)
        return _in_known_columns(value, table, note)
    except SigmaError as error:
        return Refused(str(error), type(error))


def _in_any_column(value: SigmaType, note: Note) -> Expression:
    match value:
        case SigmaString():
            found = any_column_test(parts_of(_contained(value)), is_cased(value))
        case SigmaNumber() if not isinstance(value, SigmaTimestampPart):
            found = any_column_test(parts_of(_contained(SigmaString(str(value)))), cased=False)
        case SigmaRegularExpression():
            found = expression_anywhere(value)
        case _:
            raise _needs_field(value)
    note(
        "keyword-columns",
        f"{_what(value)} is looked for in the text of every column, arrays as their JSON",
    )
    return found


def _in_known_columns(value: SigmaType, table: Table, note: Note) -> Expression:
    is_number = isinstance(value, SigmaNumber)
    is_text = isinstance(value, SigmaString | SigmaRegularExpression | SigmaCIDRExpression)
    if isinstance(value, SigmaTimestampPart) or not (is_number or is_text):
        raise _needs_field(value)
    columns = {
        column.expression: column
        for column in table.columns.values()
        if column.constant is None and (is_number or _holds_text(column))
    }
    if not columns:
        raise SigmaFeatureNotSupportedByBackendError(
            f"{_what(value)} has no column of {table.name} to be looked for in; name the field"
        )
    note(
        "keyword-columns",
        f"{_what(value)} is looked for in {len(columns)} columns of {table.name} that the mapping pack"
        " knows",
    )
    return some([_in_column(column, value, table) for column in columns.values()])


def _holds_text(column: Column) -> bool:
    return column.type in _TEXT_TYPES and column.element in _TEXT_TYPES


def _in_column(column: Column, value: SigmaType, table: Table) -> Expression:
    match value:
        case SigmaString():
            return comparison.compare(column, _contained(value), table)
        case SigmaNumber() if column.type == "dynamic":
            text = _contained(SigmaString(str(value)))
            return some(comparison.compare(column, one, table) for one in (text, value))
        case SigmaNumber() if column.type in _TEXT_TYPES:
            return comparison.compare(column, _contained(SigmaString(str(value))), table)
        case _:
            return comparison.compare(column, value, table)


def _contained(value: SigmaString) -> SigmaString:
    many = SpecialChars.WILDCARD_MULTI
    return many + value + many


def _what(value: SigmaType) -> str:
    match value:
        case SigmaString():
            return f"the keyword {str(value)!r}"
        case SigmaRegularExpression():
            return f"the regular expression {value.regexp.to_plain_regex()!r}"
        case SigmaCIDRExpression():
            return f"the network {value.network}"
        case _:
            return f"the keyword {value}"


def _needs_field(value: SigmaType) -> SigmaFeatureNotSupportedByBackendError:
    what = "network" if isinstance(value, SigmaCIDRExpression) else "value that is no text"
    return SigmaFeatureNotSupportedByBackendError(
        f"a {what} without a field cannot be looked for in every column; name the field"
    )
