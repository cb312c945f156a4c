"""A Sigma condition as an expression on one table, folded where the table answers for all rows."""

from __future__ import annotations

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
    SigmaBool,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from sigma.sigmaproof.tables import Column, Table, UnmappedError

from . import comparison, strings
from .constants import holds_for, holds_without_value
from .expression import ALWAYS, NEVER, Expression, Refused, Truth, every, negated, some
from .keywords import Note, keyword_test
from .literals import constant_literal

NEVER_HOLDS = "never-holds"


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
            _note_boundary("", value, scope)
            return keyword_test(value, scope.table, scope.note)
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
    if _is_elsewhere(field, value, scope.table):
        return NEVER
    if column.known:
        return _known(any(holds_for(value, one) for one in column.known))
    if column.always and (known := _always(column, value)) is not None:
        return known
    if column.enrichment:
        scope.note("mapping-enrichment", column.enrichment)
    if column.values is not None:
        if not isinstance(value, SigmaString) or _is_any_value(value):
            raise UnmappedError(
                "only values of the mapping pack's value table can be compared; whether the field has a"
                " value at all is not in the table"
            )
        return comparison.translated(column, value, scope.table)
    if _is_time_part(value):
        scope.note("time-zone", f"{field}: the time is taken in UTC; Sigma names no time zone")
    _note_boundary(f"{field}: ", value, scope)
    if isinstance(value, SigmaString):
        _note_text(field, value, column, scope)
        if _is_empty_text(value) and column.type == "string" and scope.is_negated:
            # A row without the field must stay, and Kusto holds both for the same: keep all.
            return NEVER
        if (found := comparison.by_base(column, value)) is not None:
            if found == NEVER and column.is_open:
                scope.note(
                    "value-unknown",
                    f"{field}: the mapping pack does not know by what {column.base} tells {str(value)!r}, so no"
                    " event is taken to have it; add it to the mapping pack",
                )
            return found
    return _noted(comparison.compare(column, value, scope.table), field, value, column, scope)


def _is_elsewhere(field: str, value: SigmaType, table: Table) -> bool:
    """Say whether only rows satisfy the comparison that are not meant."""
    only, never = table.only.get(field), table.never.get(field, ())
    if only is not None and all(holds_for(value, one) is False for one in only):
        return True
    is_text = isinstance(value, SigmaString) and not value.contains_special()
    is_exact = is_text or type(value) is SigmaNumber
    return is_exact and any(holds_for(value, one) for one in never)


def _noted(
    found: Expression, field: str, value: SigmaType, column: Column, scope: Scope
) -> Expression:
    """Say so where no value that the column's type has can satisfy the comparison."""
    if found == NEVER:
        scope.note(
            NEVER_HOLDS,
            f"{field}: the column {column.expression} is of type {column.type}, of which no value satisfies"
            f" {_shown(value)}",
        )
    return found


def _shown(value: SigmaType) -> str:
    """Write a value of the rule for people."""
    match value:
        case SigmaString():
            return repr(str(value))
        case SigmaFieldReference(field=field):
            return f"a comparison with {field}"
        case SigmaCompareExpression():
            return f"{value.op.name.lower()} {value.number}"
        case SigmaRegularExpression():
            return f"the regular expression {value.regexp.to_plain_regex()!r}"
        case SigmaCIDRExpression():
            return f"the network {value.network}"
        case _:
            return str(value)


def _is_time_part(value: SigmaType) -> bool:
    part = value.number if isinstance(value, SigmaCompareExpression) else value
    return isinstance(part, SigmaTimestampPart)


def _always(column: Column, value: SigmaType) -> Expression | None:
    """Compare with the values that the field has in every row; None where a column tells the others."""
    if any(holds_for(value, one) for one in column.always):
        return ALWAYS
    if column.meant_by:
        return None
    raise UnmappedError(
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
    if other.constant is not None:
        wanted = _value_of(other.constant, value)
        if column.constant is not None:
            return _known(holds_for(wanted, column.constant))
        return comparison.compare(column, wanted, scope.table)
    if column.constant is not None:
        literal = constant_literal(column.constant, column.type)
        column = replace(column, expression=literal, constant=None)
    found = comparison.compare_fields(column, value, other, scope.table)
    return _noted(found, value.field, value, other, scope)


def _value_of(constant: str | bool | float, reference: SigmaFieldReference) -> SigmaType:
    """Return what the reference compares with, where the field is a constant."""
    match constant:
        case bool():
            return SigmaBool(constant)
        case str():
            text, many = SigmaString(), (SpecialChars.WILDCARD_MULTI,)
            before, after = many * reference.ends_with, many * reference.starts_with
            text.s = [*before, constant, *after]
            return text
        case _:
            return SigmaNumber(constant)


def _known(holds: bool | None) -> Truth:
    if holds is None:
        raise SigmaFeatureNotSupportedByBackendError(
            "this kind of comparison is not known for a field that is the same in all rows"
        )
    return Truth(holds)


def _note_boundary(place: str, value: SigmaType, scope: Scope) -> None:
    if isinstance(value, SigmaRegularExpression) and (found := strings.boundaries_in(value)):
        scope.note(
            "kusto-regex-unicode",
            f"{place}{' and '.join(found)} in {_shown(value)} knows the letters of ASCII in RE2, as in Sigma,"
            " and those of every alphabet in the dialect that Kusto documents now",
        )


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
    if column.type == "datetime" and text:
        scope.note(
            "instant-not-text",
            f"{field}: Kusto compares the instant {text!r}, however an event writes it, Sigma the text",
        )
    has_letter = any(not part.isascii() and part.lower() != part.upper() for part in text)
    if has_letter and not strings.is_cased(value):
        scope.note(
            "non-ascii-case",
            f"{field}: Kusto ignores the case of all letters in {text!r}, Sigma only that of A to Z",
        )
