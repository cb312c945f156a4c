"""The base of every query: one pipeline of operators for each table that can hold a match.

A table whose condition is false for all its rows is left out. Several tables are read by a union of
their pipelines, each projected to the columns that are needed, under the same names and types.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sigma.exceptions import SigmaError, SigmaFeatureNotSupportedByBackendError

from sigma.sigmaproof.kusto_names import name
from sigma.sigmaproof.tables import Column, Table, UnmappedError, bracketed

from .condition import NEVER_HOLDS, Scope, expression_of
from .expression import NEVER, Expression, every, refusals_in, searches_rows, some
from .keywords import Note
from .literals import constant_literal
from .narrowing import narrowed
from .parts import meant_rows
from .unmet import unmet

_UNKNOWN = "check the field values against the mapping"


@dataclass(frozen=True, slots=True)
class TableSearch:
    """The rows of a table that satisfy a condition."""

    table: Table
    condition: Expression


def searches(
    conditions: Sequence[object],
    tables: Sequence[Table],
    note: Note,
    grouped_by: Sequence[str] = (),
) -> list[TableSearch]:
    """Render the conditions, any of which may hold, for each table that can satisfy one.

    Raises, with every reason at once, when conditions cannot be rendered or a field cannot be grouped by,
    and when no table is left.
    """
    if not tables:
        raise SigmaFeatureNotSupportedByBackendError(
            "no table is known for this rule; use a pipeline that names one, for example"
            " entra_signin_sentinel or kusto_ecs"
        )
    reasons: list[str] = []

    def noted(code: str, message: str) -> None:
        note(code, message)
        if code == NEVER_HOLDS:
            reasons.append(message)

    found = []
    refusals: list[SigmaError] = []
    for table in tables:
        condition = some([expression_of(one, Scope(table, noted)) for one in conditions])
        refusals += refusals_in(condition)
        condition = _meant(condition, table, noted)
        if condition != NEVER:
            refusals += _unreadable(grouped_by, table)
            found.append(TableSearch(table, condition))
    if refusals:
        raise _all_in_one(refusals, tables)
    if not found:
        names = ", ".join(table.name for table in tables)
        raise SigmaFeatureNotSupportedByBackendError(
            f"no row of {names} can satisfy the condition; "
            + "; ".join(unmet(conditions, tables) or reasons[-1:] or [_UNKNOWN])
        )
    return found


def _meant(condition: Expression, table: Table, note: Note) -> Expression:
    """Return the condition for the rows of a table that the rule means."""
    if condition != NEVER and table.is_told:
        condition = every((*meant_rows(table, condition), condition))
    if not searches_rows(condition):
        return condition
    note(
        "array-by-identity",
        f"elements of arrays are asked in a query of their own, which tells the rows of {table.name}"
        f" apart by {_listed(table.row_key)}: rows that are alike in {_that(table.row_key)} count as one,"
        " found or, under not, left out where one of them has such an element",
    )
    return narrowed(condition, table)


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _that(names: Sequence[str]) -> str:
    return "all of them" if len(names) > 1 else "it"


def _unreadable(fields: Sequence[str], table: Table) -> Iterator[SigmaError]:
    for field in fields:
        try:
            table.column(field)
        except SigmaError as error:
            yield error


def _all_in_one(refusals: Sequence[SigmaError], tables: Sequence[Table]) -> SigmaError:
    """Join the reasons; the same one in several tables is one."""
    reasons: dict[str, SigmaError] = {}
    for refusal in refusals:
        text = str(refusal)
        for table in tables:
            text = text.replace(f"table {table.name}", "table")
        reasons.setdefault(text, refusal)
    first, *more = reasons.values()
    if not more:
        return first
    is_unmapped = all(isinstance(reason, UnmappedError) for reason in reasons.values())
    kind = UnmappedError if is_unmapped else SigmaFeatureNotSupportedByBackendError
    listed = "; ".join(f"({place}) {one}" for place, one in enumerate(reasons.values(), start=1))
    return kind(f"{len(reasons)} reasons: {listed}")


def reads(column: Column) -> str:
    """Return the expression that a column is read by; its literal where it is constant."""
    if column.constant is None:
        return column.expression
    return constant_literal(column.constant, column.type)


def assignment(output: str, expression: str) -> str:
    """Write `name = expression`; the name alone where the expression is that column."""
    return name(output) if is_column(output, expression) else f"{name(output)} = {expression}"


def is_column(output: str, expression: str) -> bool:
    """Say whether an expression reads the column of that name."""
    return expression in (output, bracketed(output))


def identity_names(identity: str | None) -> tuple[str, ...]:
    """Return the names under which the identity's column may be listed among a rule's fields."""
    if identity is None:
        return ()
    return (identity, identity.removeprefix("['").removesuffix("']"))


def union_of(pipelines: Sequence[Sequence[str]]) -> list[str]:
    """Write the union of pipelines; one pipeline stands alone."""
    if len(pipelines) == 1:
        return list(pipelines[0])
    lines = ["union"]
    for number, pipeline in enumerate(pipelines):
        end = ")" + ("," if number < len(pipelines) - 1 else "")
        lines.append(f"    ({pipeline[0]}")
        lines.extend(f"    {line}" for line in pipeline[1:])
        lines[-1] += end
    return lines
