"""A boolean expression of Kusto between the Sigma condition and the text.

Negation is pushed to the atoms as it is built, so that a null can only matter in a negated atom, and
that atom carries its own `coalesce` (KUSTO-3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from sigma.exceptions import SigmaError


@dataclass(frozen=True, slots=True)
class Truth:
    """The same answer for every row."""

    holds: bool


@dataclass(frozen=True, slots=True)
class Atom:
    """An atom, and its complement."""

    text: str
    complement: str


@dataclass(frozen=True, slots=True)
class Membership:
    """The value of `subject` equals one of the literals; total, as no literal is null (KUSTO-2)."""

    subject: str
    operator: Literal["==", "=~"]
    literals: tuple[str, ...]
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class RowsWith:
    """The row is among those of its table that have elements which satisfy the condition.

    Rows are told apart by their key; total, as a text made of columns is never null.
    """

    table: str
    key: tuple[str, ...]
    """Expressions that together tell rows apart."""
    steps: tuple[str, ...]
    """Operators after which each row has one element of every array."""
    condition: Expression
    is_negated: bool = False
    within: tuple[Expression, ...] = ()
    """Conditions on stored columns that only rows which satisfy them are asked for."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An atom that cannot be rendered; stops the rendering unless folding removes it."""

    message: str
    kind: type[SigmaError]

    def error(self) -> SigmaError:
        """Return the reason as an exception."""
        return self.kind(self.message)


@dataclass(frozen=True, slots=True)
class Every:
    """All operands hold."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one operand holds."""

    operands: tuple[Expression, ...]


Expression = Truth | Atom | Membership | RowsWith | Refused | Every | Some

ALWAYS = Truth(True)
NEVER = Truth(False)


def atom(text: str, complement: str = "", may_be_null: bool = False) -> Atom:
    """Build an atom; without a complement of its own it is negated by `not()`."""
    if not complement:
        complement = f"not(coalesce({text}, false))" if may_be_null else f"not({text})"
    return Atom(text, complement)


def negated(expression: Expression) -> Expression:
    """Return the complement, with the negation at the atoms."""
    match expression:
        case Truth(holds):
            return Truth(not holds)
        case Atom(text, complement):
            return Atom(complement, text)
        case Membership(is_negated=is_negated) | RowsWith(is_negated=is_negated):
            return replace(expression, is_negated=not is_negated)
        case Refused():
            return expression
        case Every(operands):
            return some(map(negated, operands))
        case Some(operands):
            return every(map(negated, operands))
        case _:
            assert_never(expression)


def every(operands: Iterable[Expression]) -> Expression:
    """Build a conjunction: flat, without repetition, folded where the answer is known."""
    flat: dict[Expression, None] = {}
    for operand in operands:
        if operand == NEVER:
            return NEVER
        parts = operand.operands if isinstance(operand, Every) else (operand,)
        flat.update(dict.fromkeys(part for part in parts if part != ALWAYS))
    return _joined(Every, _merged(flat, is_negated=True), ALWAYS)


def some(operands: Iterable[Expression]) -> Expression:
    """Build a disjunction: flat, without repetition, folded where the answer is known."""
    flat: dict[Expression, None] = {}
    for operand in operands:
        if operand == ALWAYS:
            return ALWAYS
        parts = operand.operands if isinstance(operand, Some) else (operand,)
        flat.update(dict.fromkeys(part for part in parts if part != NEVER))
    return _joined(Some, _merged(flat, is_negated=False), NEVER)


def refusals_in(expression: Expression) -> Iterator[SigmaError]:
    """Yield every reason why the expression cannot be rendered, in order."""
    match expression:
        case Refused():
            yield expression.error()
        case Every(operands) | Some(operands):
            for operand in operands:
                yield from refusals_in(operand)
        case Truth() | Atom() | Membership() | RowsWith():
            return
        case _:
            assert_never(expression)


def searches_rows(expression: Expression) -> bool:
    """Say whether some rows are found through their key."""
    match expression:
        case RowsWith():
            return True
        case Every(operands) | Some(operands):
            return any(map(searches_rows, operands))
        case Truth() | Atom() | Membership() | Refused():
            return False
        case _:
            assert_never(expression)


def conjuncts(expression: Expression) -> tuple[Expression, ...]:
    """Split into the conditions that must all hold."""
    if isinstance(expression, Every):
        return expression.operands
    return () if expression == ALWAYS else (expression,)


def _joined(kind: type[Every | Some], operands: list[Expression], empty: Truth) -> Expression:
    match operands:
        case []:
            return empty
        case [only]:
            return only
        case _:
            return kind(tuple(operands))


def _merged(operands: Iterable[Expression], is_negated: bool) -> list[Expression]:
    """Put lists on the same subject together: `or` of `in`, or `and` of `!in`."""
    merged: dict[Expression, Expression] = {}
    for operand in operands:
        if not isinstance(operand, Membership | RowsWith) or operand.is_negated is not is_negated:
            merged[operand] = operand
            continue
        key = _without_alternatives(operand)
        merged[key] = _with_alternatives(merged[key], operand) if key in merged else operand
    return list(merged.values())


def _without_alternatives(operand: Membership | RowsWith) -> Membership | RowsWith:
    if isinstance(operand, Membership):
        return replace(operand, literals=())
    return replace(operand, condition=NEVER)


def _with_alternatives(first: Expression, other: Membership | RowsWith) -> Expression:
    match first, other:
        case Membership(literals=known), Membership(literals=more):
            return replace(first, literals=tuple(dict.fromkeys(known + more)))
        case RowsWith(condition=known), RowsWith(condition=more):
            return replace(first, condition=some((known, more)))
        case _:
            raise TypeError("only lists on the same subject can be put together")
