"""A Sigma condition as an expression on one table, folded where the table answers for all rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.exceptions import SigmaError, SigmaFeatureNotSupportedByBackendError
from sigma.types import (
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNumber,
    SigmaString,
    SigmaType,
    SpecialChars,
)

from sigma.sigmaproof.tables import Column, Table

from . import comparison, strings
from .constants import holds_for, holds_without_value
from .expression import ALWAYS, NEVER, Expression, Refused, Truth, every, negated, some

Note = Callable[[str, str], None]
"""Takes the code and message of a diagnostic."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The table that a condition is rendered for."""

    table: Table
    note: Note
    is_negated: bool = False
    """Whether an odd number of `not` stands around the condition."""

    def inside_not(self) -> Scope:
        """Return the scope of what stands behind a `not`."""
        return replace(self, is_negated=not self.is_negated)


def expression_of(condition: object, scope: Scope) -> Expression:
    """Render a condition of pySigma; what cannot be rendered becomes a `Refused` atom."""
    match condition:
        case ConditionAND(args=arguments):
            return every([expression_of(argument, scope) for argument in arguments])
        case ConditionOR(args=arguments):
            return some([expression_of(argument, scope) for argument in arguments])
        case ConditionNOT(args=[argument]):
            return negated(expression_of(argument, scope.inside_not()))
        case ConditionFieldEqualsValueExpression(field=field, value=value):
            return _field(field, value, scope)
        case ConditionValueExpression(value=value):
            return _keyword(value, scope)
        case None:
            return ALWAYS
        case _:
            raise TypeError(f"unexpected condition {type(condition).__name__}")


def _field(field: str, value: SigmaType, scope: Scope) -> Expression:
    if isinstance(value, SigmaExpansion):
        return some([_field(field, part, scope) for part in value.values])
    try:
        return _compare(field, value, scope)
    except SigmaError as error:
        message = str(error)
        is_placed = message.startswith(f"field {field} ")
        return Refused(message if is_placed else f"field {field}: {message}", type(error))


def _compare(field: str, value: SigmaType, scope: Scope) -> Expression:
    column = scope.table.column(field)
    if isinstance(value, SigmaFieldReference):
        return _field_reference(column, value, scope)
    if column is None:
        return _known(holds_without_value(value))
    if column.constant is not None:
        return _known(holds_for(value, column.constant))
    if column.always:
        return _always(column, value)
    if column.enrichment:
        scope.note("mapping-enrichment", column.enrichment)
    if column.values is not None:
        if not isinstance(value, SigmaString) or _is_any_value(value):
            raise SigmaFeatureNotSupportedByBackendError(
                "only values of the mapping pack's value table can be compared; whether the field has a"
                " value at all is not in the table"
            )
        return comparison.translated(column, value)
    if isinstance(value, SigmaString):
        _note_text(field, value, column, scope)
        if _is_empty_text(value) and column.type == "string" and scope.is_negated:
            # A row without the field must stay, and Kusto holds both for the same: keep all.
            return NEVER
    return comparison.compare(column, value)


def _always(column: Column, value: SigmaType) -> Expression:
    """Compare with the values that the field has in every row, beside others that nobody knows."""
    if any(holds_for(value, one) for one in column.always):
        return ALWAYS
    raise SigmaFeatureNotSupportedByBackendError(
        f"every row has {', '.join(sorted(column.always))}, but no column tells its other values; compare"
        " the fields that they are derived from"
    )


def _is_empty_text(value: SigmaString) -> bool:
    return not strings.parts_of(value)


def _is_any_value(value: SigmaString) -> bool:
    return not any(isinstance(part, str) for part in strings.parts_of(value))


def _field_reference(column: Column | None, value: SigmaFieldReference, scope: Scope) -> Expression:
    other = scope.table.column(value.field)
    if column is None or other is None:
        return NEVER
    if column.constant is not None or other.constant is not None:
        raise SigmaFeatureNotSupportedByBackendError(
            f"comparison with field {value.field}: one side is a constant of table {scope.table.name};"
            " compare with its value"
        )
    return comparison.compare_fields(column, value, other)


def _known(holds: bool | None) -> Truth:
    if holds is None:
        raise SigmaFeatureNotSupportedByBackendError(
            "this kind of comparison is not known for a field that is the same in all rows"
        )
    return Truth(holds)


def _note_text(field: str, value: SigmaString, column: Column, scope: Scope) -> None:
    text = "".join(part for part in strings.parts_of(value) if isinstance(part, str))
    if _is_empty_text(value) and column.type == "string":
        which = (
            "rows with the empty text stay" if scope.is_negated else "rows without the field match"
        )
        scope.note(
            "empty-is-missing",
            f"{field}: Kusto cannot tell the empty text from a missing value, so {which} as well",
        )
    has_letter = any(not part.isascii() and part.lower() != part.upper() for part in text)
    if has_letter and not strings.is_cased(value):
        scope.note(
            "non-ascii-case",
            f"{field}: Kusto ignores the case of all letters in {text!r}, Sigma only that of A to Z",
        )


def _keyword(value: SigmaType, scope: Scope) -> Expression:
    """Look for a keyword in every column that is known of the table (SIGMA-12)."""
    match value:
        case SigmaString():
            what, inside, is_number = f"the keyword {str(value)!r}", _contained(value), False
        case SigmaNumber():
            what, inside, is_number = (
                f"the keyword {value}",
                _contained(SigmaString(str(value))),
                True,
            )
        case _:
            return _no_keyword("a value that is no text, without a field,")
    columns = {
        column.expression: column
        for column in scope.table.columns.values()
        if column.constant is None and (column.type in _TEXT_TYPES or is_number)
    }
    if not columns:
        return _no_keyword(what)
    scope.note(
        "keyword-columns",
        f"{what} is looked for in {len(columns)} columns of {scope.table.name} that the mapping pack"
        " knows",
    )
    return some(
        [
            comparison.compare(column, inside if column.type in _TEXT_TYPES else value)
            for column in columns.values()
        ]
    )


_TEXT_TYPES = frozenset({"string", "dynamic", "guid"})


def _contained(value: SigmaString) -> SigmaString:
    many = SpecialChars.WILDCARD_MULTI
    return many + value + many


def _no_keyword(what: str) -> Refused:
    return Refused(
        f"{what} would search every column of the table, which no query on columns can; name the field",
        SigmaFeatureNotSupportedByBackendError,
    )
