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

from sigma.sigmaproof.kusto_names import name
from sigma.sigmaproof.tables import Column, EcsTable, Table

from . import comparison
from .event_data import json_value_test, xml_value_test
from .expression import Expression, Refused, some
from .strings import any_column_test, expression_anywhere, is_cased, parts_of

Note = Callable[[str, str], None]
"""Takes the code and message of a diagnostic."""

_TEXT_TYPES = frozenset({"string", "dynamic", "guid"})


def keyword_test(value: SigmaType, table: Table, note: Note) -> Expression:
    """Look for a keyword in the columns that are known of the table, or in all of one that has any."""
    try:
        if isinstance(table, EcsTable) or (table.stored and not table.data):
            return _in_any_column(value, table, note)
        return _in_known_columns(value, table, note)
    except SigmaError as error:
        return Refused(str(error), type(error))


def _in_any_column(value: SigmaType, table: Table, note: Note) -> Expression:
    match value:
        case SigmaString():
            found = any_column_test(parts_of(_contained(value)), is_cased(value))
        case SigmaNumber() if not isinstance(value, SigmaTimestampPart):
            found = any_column_test(parts_of(_contained(SigmaString(str(value)))), cased=False)
        case SigmaRegularExpression():
            found = expression_anywhere(value)
        case _:
            raise _needs_field(value)
    columns = (
        "every column, arrays as their JSON"
        if isinstance(table, EcsTable)
        else f"every column of {table.name}, also of those that are not of the event, such as Type"
    )
    note("keyword-columns", f"{_what(value)} is looked for in the text of {columns}")
    return found


def _in_known_columns(value: SigmaType, table: Table, note: Note) -> Expression:
    is_text = isinstance(value, SigmaString | SigmaNumber | SigmaRegularExpression)
    if isinstance(value, SigmaTimestampPart) or not (
        is_text or isinstance(value, SigmaCIDRExpression)
    ):
        raise _needs_field(value)
    columns = _columns(table, is_number=isinstance(value, SigmaNumber))
    if not (columns or table.data):
        raise SigmaFeatureNotSupportedByBackendError(
            f"{_what(value)} has no column of {table.name} to be looked for in; name the field"
        )
    found = [_in_column(column, value, table) for column in columns]
    if table.data:
        found.append(_in_data(value, table))
    note(*_note(_what(value), len(columns), table))
    return some(found)


def _columns(table: Table, is_number: bool) -> list[Column]:
    """Return what can hold a keyword: what fields are read by, or what is stored beside an event's data."""
    columns = {
        column.expression: column
        for column in table.columns.values()
        if column.constant is None and not column.known
    }
    if table.data:
        stored = ((name(one), kind) for one, kind in table.stored.items() if one != table.data)
        columns = {one: Column(one, kind) for one, kind in stored}
    return [one for one in columns.values() if is_number or _holds_text(one)]


def _in_data(value: SigmaType, table: Table) -> Expression:
    """Look for a keyword in the values of an event's data."""
    match value:
        case SigmaString():
            parts, cased = parts_of(_contained(value)), is_cased(value)
        case SigmaNumber():
            parts, cased = parts_of(_contained(SigmaString(str(value)))), False
        case _:
            raise SigmaFeatureNotSupportedByBackendError(
                f"{_what(value)} without a field cannot be looked for in {table.name}.{table.data}, which"
                " holds names and values in one text; name the field"
            )
    is_json = table.stored[table.data] == "dynamic"
    test = json_value_test if is_json else xml_value_test
    return test(name(table.data), parts, cased)


def _note(what: str, count: int, table: Table) -> tuple[str, str]:
    """Return where a keyword is looked for, and what is left out."""
    columns = f"{what} is looked for in {count} column{'' if count == 1 else 's'} of {table.name}"
    if table.data:
        return "keyword-columns", f"{columns} and in the values of {table.data}"
    return (
        "keyword-partly",
        f"{columns} that the mapping pack knows, not in others, nor in what else stands inside columns",
    )


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
