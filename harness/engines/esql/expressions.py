"""Compiles expressions against the columns of a command."""

from __future__ import annotations

from operator import itemgetter
from typing import assert_never, cast

from converter.errors import Unsupported
from converter.languages.esql.syntax import (
    Arithmetic,
    Boolean,
    Call,
    Cast,
    Column,
    Comparison,
    Connective,
    Decimal,
    Expression,
    In,
    Integer,
    IsNull,
    ListLiteral,
    Literal,
    Logical,
    Matches,
    Negative,
    Not,
    Null,
    Search,
    Star,
    Text,
    TimeSpan,
)

from . import operators
from .aggregates import AGGREGATES
from .arithmetic import amount_of, arithmetic, negative
from .compiled import Compiled, Context, Evaluate, constant
from .functions import FUNCTIONS, Request
from .functions.cast import cast_to
from .lifting import cell_of
from .operators import IMPLICIT, cast_literal
from .scope import Place, Scope
from .types import Type, fits
from .versions import NEWER, NOT_EXECUTED, PROFILE


def literal(value: Literal) -> Compiled:
    """Compile a constant."""
    match value:
        case Text(text):
            return constant(Type.KEYWORD, text)
        case Integer(number):
            return constant(_whole_type(number, value), number)
        case Decimal(number):
            return constant(Type.DOUBLE, number)
        case Boolean(truth):
            return constant(Type.BOOLEAN, truth)
        case Null():
            return constant(Type.NULL, None)
        case TimeSpan():
            return amount_of(value)
        case ListLiteral(items):
            return _list(items)
        case _:
            assert_never(value)


def _whole_type(number: int, value: Integer) -> Type:
    for kind in (Type.INTEGER, Type.LONG):
        if fits(kind, number):
            return kind
    raise Unsupported(f"number {number}", value.span, "it does not fit into 64 bits")


def _list(items: tuple[Text | Integer | Decimal | Boolean, ...]) -> Compiled:
    parts = [literal(item) for item in items]
    order = (Type.INTEGER, Type.LONG, Type.DOUBLE)
    kinds = {part.type for part in parts}
    kind = max(kinds, key=order.index) if kinds <= set(order) else parts[0].type
    values = [item.value for item in items]
    return constant(kind, cell_of([float(v) for v in values] if kind is Type.DOUBLE else values))


class Compiler:
    """Compiles expressions of one command."""

    def __init__(self, context: Context, scope: Scope) -> None:
        self._context = context
        self._scope = scope

    def special_call(self, call: Call) -> Compiled | None:
        """Compile a call that means something in one command only; None for any other."""
        return None

    def search(self, search: Search) -> Compiled:
        """Compile `column : value`."""
        return self._context.problem(
            f"[{self._context.source(search.span)}] is allowed in WHERE only", search.span
        )

    def condition(self, expression: Expression) -> Compiled:
        """Compile an expression that must be boolean."""
        compiled = self.compile(expression)
        if compiled.type not in (Type.BOOLEAN, Type.NULL, Type.BROKEN):
            return self._context.problem(
                f"condition [{self._context.source(expression.span)}] needs to be boolean,"
                f" found [{compiled.type.value}]",
                expression.span,
            )
        return compiled

    def compile(self, expression: Expression) -> Compiled:
        """Compile an expression."""
        match expression:
            case Column():
                return self._column(expression)
            case Not() | Logical() | IsNull():
                return self._logic(expression)
            case Comparison() | In() | Matches() | Search():
                return self._predicate(expression)
            case Arithmetic(operator, left, right, span):
                return arithmetic(
                    self._context, operator, self.compile(left), self.compile(right), span
                )
            case Negative(operand, span):
                return negative(self._context, self.compile(operand), span)
            case Cast(operand, type_name, span):
                return cast_to(self._context, self.compile(operand), type_name, operand.span, span)
            case Call():
                return self._call(expression)
            case Star():
                return self._context.problem("'*' stands in COUNT(*) only", expression.span)
            case _:
                return literal(expression)

    def _column(self, column: Column) -> Compiled:
        place = self._scope.find(column.name)
        if place is None:
            return self.unknown_column(column)
        if place.type is Type.UNSUPPORTED:
            return self._context.problem(
                f"cannot use field [{column.name}] with unsupported type [{place.detail}]",
                column.span,
            )
        return read(place)

    def unknown_column(self, column: Column) -> Compiled:
        """Report a column that is not there."""
        return unknown_column(self._context, self._scope, column)

    def _logic(self, expression: Not | Logical | IsNull) -> Compiled:
        match expression:
            case Not(operand):
                return operators.negation(self._truth(operand, "NOT"))
            case IsNull(operand):
                return operators.nullness(self.compile(operand))
            case Logical(connective, operands):
                truths = [self._truth(operand, connective.value) for operand in operands]
                return operators.connection(connective, truths)
            case _:
                assert_never(expression)

    def _truth(self, operand: Expression, operator: str) -> Compiled:
        compiled = self.compile(operand)
        if compiled.type not in (Type.BOOLEAN, Type.NULL, Type.BROKEN):
            self._context.problem(
                f"argument of [{operator}] must be [boolean], found value"
                f" [{self._context.source(operand.span)}] type [{compiled.type.value}]",
                operand.span,
            )
        return compiled

    def _predicate(self, expression: Comparison | In | Matches | Search) -> Compiled:
        match expression:
            case Comparison(comparator, left, right, span):
                first, second = self._alike([left, right])
                return operators.comparison(self._context, comparator, first, second, span)
            case In(operand, items, span):
                first, *rest = self._alike([operand, *items])
                return operators.membership(self._context, first, rest, span)
            case Matches(pattern, operand, texts, span):
                return operators.matching(
                    self._context,
                    pattern,
                    self.compile(operand),
                    [text.value for text in texts],
                    span,
                )
            case Search():
                return self.search(expression)
            case _:
                assert_never(expression)

    def _alike(self, expressions: list[Expression]) -> list[Compiled]:
        """Compile operands; string literals become the type of the others (ESQL-10)."""
        compiled = [self.compile(one) for one in expressions]
        target = next((one.type for one in compiled if one.type in IMPLICIT), None)
        if target is None:
            return compiled
        return [
            cast_literal(self._context, one, target, expression.span)
            if isinstance(expression, Text)
            else one
            for one, expression in zip(compiled, expressions, strict=True)
        ]

    def _call(self, call: Call) -> Compiled:
        special = self.special_call(call)
        if special is not None:
            return special
        function = FUNCTIONS.get(call.function)
        if function is None:
            return self._unknown(call)
        count = len(call.arguments)
        if count < function.minimum or (function.maximum is not None and count > function.maximum):
            return self._context.problem(
                f"{call.function} takes {_arity(function.minimum, function.maximum)}, not {count}",
                call.span,
            )
        arguments = tuple(self.compile(argument) for argument in call.arguments)
        if any(argument.type is Type.BROKEN for argument in arguments):
            return Compiled(Type.BROKEN, lambda row: None)
        return function.build(Request(self._context, call, arguments))

    def _unknown(self, call: Call) -> Compiled:
        if call.function in AGGREGATES:
            return self._context.problem(
                f"aggregate function [{self._context.source(call.span)}] is not allowed here,"
                " outside or inside another aggregate function of STATS",
                call.span,
            )
        if call.function in ("KQL", "MATCH", "QSTR"):
            return self._context.problem(f"[{call.function}] is allowed in WHERE only", call.span)
        if call.function in NOT_EXECUTED:
            raise Unsupported(
                f"function {call.function}", call.span, "it is not among those executed here"
            )
        if call.function in NEWER:
            return self._context.problem(
                f"function [{call.function}] is newer than {PROFILE}",
                call.span,
                "esql-newer-function",
            )
        return self._context.problem(
            f"unknown function [{call.function}]", call.span, "esql-unknown-function"
        )


def unknown_column(context: Context, scope: Scope, column: Column) -> Compiled:
    """Report a column that is not there."""
    similar = scope.similar(column.name)
    hint = f", did you mean [{similar}]?" if similar else ""
    return context.problem(
        f"unknown column [{column.name}]{hint}", column.span, "esql-unknown-column"
    )


def read(place: Place) -> Compiled:
    """Return what reads a column."""
    assert place.slot is not None, "a column that is read is loaded"
    # Row cells are typed by the column, which a tuple of objects cannot say.
    return Compiled(place.type, cast(Evaluate, itemgetter(place.slot)))


def conjuncts(expression: Expression) -> list[Expression]:
    """Return the conditions that must all be true for an expression to be true."""
    if isinstance(expression, Logical) and expression.connective is Connective.AND:
        return [part for operand in expression.operands for part in conjuncts(operand)]
    return [expression]


def _arity(minimum: int, maximum: int | None) -> str:
    if maximum is None:
        return f"at least {minimum} arguments"
    if minimum == maximum:
        return f"{minimum} argument{'' if minimum == 1 else 's'}"
    return f"{minimum} to {maximum} arguments"
