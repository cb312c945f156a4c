"""Lowers an event query to a predicate.

Conditions on one field become atoms, as Elasticsearch compiles them to queries. What it runs as a script becomes
a computed boolean field, named by the script's own text, that the engine adds to each event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from converter.errors import Unsupported
from converter.ir import (
    And as AndPredicate,
)
from converter.ir import (
    Atom,
    Constant,
    OneOf,
    Predicate,
    Schema,
    View,
)
from converter.ir import (
    Not as NotPredicate,
)
from converter.ir import (
    Or as OrPredicate,
)
from converter.ir.located import check_readable, located

from .checking import check_script
from .folding import folded
from .pushed import pushed
from .scripts import fields_of
from .showing import show_expression
from .syntax import (
    And,
    Arithmetic,
    Call,
    Comparison,
    EventQuery,
    Expression,
    FieldName,
    Literal,
    Match,
    Membership,
    Negative,
    Not,
    Operator,
    Or,
)

CATEGORY = "event.category"


@dataclass(frozen=True, slots=True)
class Computed:
    """A boolean field that is computed from an event before the predicate is asked."""

    name: str
    script: Expression


@dataclass(frozen=True, slots=True)
class Lowered:
    """The predicate of an event query, and the fields that must be computed for it."""

    predicate: Predicate
    computed: tuple[Computed, ...]


def lower(query: EventQuery, schema: Schema, category: str = CATEGORY) -> Predicate:
    """Return what the query means on documents with these field types; refuses scripts."""
    lowered = lower_with_scripts(query, schema, category)
    if lowered.computed:
        raise Unsupported(
            f"the computed condition {lowered.computed[0].name}",
            hint="compare a field with constants, by operators or startsWith, endsWith, stringContains, cidrMatch",
        )
    return lowered.predicate


def lower_with_scripts(query: EventQuery, schema: Schema, category: str = CATEGORY) -> Lowered:
    """Return the predicate and the computed fields that it asks."""
    lowering = _Lowering(schema)
    condition = lowering.condition(folded(query.condition))
    if query.category is not None:
        # EQL-4: the category is compared with case.
        is_category = Atom(category, View.KEYWORD, OneOf((query.category,)))
        condition = AndPredicate((is_category, condition))
    computed = tuple(lowering.computed.values())
    for field in computed:
        _check_script_fields(field.script, schema)
    return Lowered(located(condition, schema), computed)


def _check_script_fields(script: Expression, schema: Schema) -> None:
    for field in fields_of(script):
        check_readable(field.name, schema)
        if field.name in schema.lower_case:
            raise Unsupported(
                f"field {field.name} in a script: its values are put into lower case",
                field.span,
                "ask the field beside it",
            )


class _Lowering:
    """Collects the scripts of one query."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.computed: dict[str, Computed] = {}

    def condition(self, expression: Expression) -> Predicate:
        match expression:
            case And(operands):
                return AndPredicate(tuple(map(self.condition, operands)))
            case Or(operands):
                return OrPredicate(tuple(map(self.condition, operands)))
            case Not(operand):
                return NotPredicate(self.condition(operand))  # EQL-15
            case Literal(value):
                return _constant(expression, value)
            case Comparison(Operator.NOT_EQUAL, left, right, span):
                equality = Comparison(Operator.EQUAL, left, right, span)
                if isinstance(left, FieldName) or _is_null(right):
                    return NotPredicate(self.condition(equality))
                return self._leaf(expression)
            case FieldName() | Call() | Comparison() | Match() | Membership():
                return self._leaf(expression)
            case Arithmetic() | Negative():
                raise Unsupported(
                    f"{show_expression(expression)} as a condition",
                    expression.span,
                    "compare the number with something",
                )
            case _:
                assert_never(expression)

    def _leaf(self, leaf: FieldName | Call | Comparison | Match | Membership) -> Predicate:
        predicate = pushed(leaf, self._schema)
        if predicate is not None:
            return predicate
        check_script(leaf, self._schema)
        name = show_expression(leaf)
        self.computed.setdefault(name, Computed(name, leaf))
        return Atom(name, View.BOOLEAN, OneOf((True,)))


def _constant(expression: Literal, value: object) -> Predicate:
    if value is None or isinstance(value, bool):
        return Constant(value)
    raise Unsupported(
        f"{show_expression(expression)} as a condition", expression.span, "compare it with a field"
    )


def _is_null(expression: Expression) -> bool:
    return isinstance(expression, Literal) and expression.value is None
