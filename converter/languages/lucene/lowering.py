"""Lowers a query_string to a predicate: the flat levels here, the leaves by field type.

A clause whose text is analysed away takes no part (LUCENE-9); that is what None means below.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import assert_never

from converter.errors import Unsupported
from converter.ir import (
    ALWAYS,
    NEVER,
    And,
    AnyField,
    Atom,
    Exists,
    FieldType,
    Not,
    Or,
    Predicate,
    Schema,
    View,
)
from converter.ir.located import located

from .free_text import lower_free_text
from .syntax import Clause, Everything, Group, Leaf, Nothing, Occur, Present, Query
from .typed import lower_leaf


def lower(query: Query, schema: Schema) -> Predicate:
    """Return what the query means on documents with these field types; errors are lenient."""
    return located(_lower(query, schema) or NEVER, schema)


def _lower(query: Query, schema: Schema) -> Predicate | None:
    match query:
        case Nothing():
            return NEVER  # LUCENE-3
        case Everything():
            return ALWAYS
        case Group(clauses):
            return _level(clauses, schema)
        case _:
            return _leaf(query, schema)


def _level(clauses: tuple[Clause, ...], schema: Schema) -> Predicate | None:
    """Return the meaning of one flat level (LUCENE-2)."""
    lowered: dict[Occur, list[Predicate]] = {occur: [] for occur in Occur}
    last = None
    for clause, following in zip_longest(clauses, clauses[1:]):
        if (predicate := _lower(clause.query, schema)) is not None:
            lowered[clause.occur].append(predicate)
            last = clause.occur
        elif last is Occur.SHOULD and following and _may_stand_at_and(clause, following):
            raise Unsupported(
                "a text of which the analyzer leaves nothing, with an operator beside it",
                hint="remove the text",
            )
    if not any(lowered.values()):
        return None
    required = lowered[Occur.MUST]
    if not required and lowered[Occur.SHOULD]:
        required = [_one_or(Or, lowered[Occur.SHOULD])]
    return _one_or(And, required + [Not(predicate) for predicate in lowered[Occur.MUST_NOT]])


def _may_stand_at_and(dropped: Clause, following: Clause) -> bool:
    """Say whether an AND may stand between them: the parser lets it reach over a dropped clause (LUCENE-9)."""
    if dropped.occur is Occur.MUST_NOT:
        return following.occur is not Occur.SHOULD
    return dropped.occur is Occur.MUST


def _one_or(connective: type[And | Or], operands: list[Predicate]) -> Predicate:
    return operands[0] if len(operands) == 1 else connective(tuple(operands))


def _leaf(leaf: Leaf, schema: Schema) -> Predicate | None:
    if leaf.field is None:
        return lower_free_text(leaf, schema)
    if "*" not in leaf.field:
        return _on_field(leaf, leaf.field, schema)
    names = schema.matching(leaf.field)
    if not names:
        raise Unsupported(
            f"field pattern {leaf.field!r} fits no known field", leaf.span, "name the fields"
        )
    each = [_on_field(leaf, name, schema) for name in names]
    present = [predicate for predicate in each if predicate is not None]
    return _one_or(Or, present) if present else None


def _on_field(leaf: Leaf, field: str, schema: Schema) -> Predicate | None:
    if _is_inside_nested(field, schema):
        return NEVER  # LUCENE-16
    if not isinstance(leaf, Present):
        return lower_leaf(leaf, field, schema.type_of(field))
    match schema.type_of(field):
        case FieldType.OBJECT | FieldType.NESTED:
            inner = schema.matching(f"{field}.*")
            return _one_or(
                Or, [_on_field(leaf, name, schema) or NEVER for name in inner] or [NEVER]
            )
        case FieldType.FLATTENED:
            return AnyField(View.RAW, Exists(), inside=field)
        case (
            FieldType.KEYWORD
            | FieldType.WILDCARD
            | FieldType.CONSTANT_KEYWORD
            | FieldType.TEXT
            | FieldType.LONG
            | FieldType.DOUBLE
            | FieldType.BOOLEAN
            | FieldType.IP
            | FieldType.DATE
        ):
            return Atom(field, View.RAW, Exists())
        case other:
            assert_never(other)


def _is_inside_nested(field: str, schema: Schema) -> bool:
    """Say whether an object above the field is mapped as nested."""
    parts = field.split(".")
    parents = (".".join(parts[:length]) for length in range(1, len(parts)))
    return any(schema.type_of(parent) is FieldType.NESTED for parent in parents)
