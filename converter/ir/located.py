"""Predicates on fields as a query names them -> predicates on fields as events hold them."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from converter.errors import Unsupported

from .predicate import (
    And,
    AnyField,
    Atom,
    Constant,
    Exists,
    FieldComparison,
    IsTrue,
    Nested,
    Not,
    Or,
    Predicate,
)
from .schema import Schema

READABLE_HINT = "correct the schema, or narrow it to the indices of the rule"


def located(predicate: Predicate, schema: Schema, *, folds: bool = False) -> Predicate:
    """Let multi-fields and aliases read the values that they stand for.

    Raises `Unsupported` for a field that the schema says cannot be read, and, unless the caller `folds`
    case itself, for one that is compared in lower case.
    """
    if not (schema.values or schema.unreadable or schema.lower_case):
        return predicate
    return _located(predicate, schema, folds)


def check_readable(field: str, schema: Schema) -> None:
    """Raise `Unsupported` where no condition on a field can be read."""
    if reason := schema.refusal_of(field):
        raise Unsupported(f"field {field}: {reason}", hint=READABLE_HINT)


def _located(predicate: Predicate, schema: Schema, folds: bool) -> Predicate:
    match predicate:
        case Atom(field=field, test=test):
            check_readable(field, schema)
            if not folds and field in schema.lower_case and not isinstance(test, Exists):
                raise Unsupported(
                    f"field {field}: it is compared in lower case, which this language's reader does"
                    " not know",
                    hint="ask the field beside it, or write the rule in kuery",
                )
            return replace(predicate, field=schema.path_of(field))
        case FieldComparison(left=left, right=right):
            check_readable(left, schema)
            check_readable(right, schema)
            return replace(predicate, left=schema.path_of(left), right=schema.path_of(right))
        case And(operands) | Or(operands):
            inner = tuple(_located(operand, schema, folds) for operand in operands)
            return replace(predicate, operands=inner)
        case Not(operand) | IsTrue(operand) | Nested(operand=operand):
            return replace(predicate, operand=_located(operand, schema, folds))
        case AnyField(inside=inside):
            check_readable(inside, schema)
            return predicate
        case Constant():
            return predicate
        case _:
            assert_never(predicate)
