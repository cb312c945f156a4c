"""CASE, COALESCE and their like."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..compiled import Compiled, Evaluate, Row
from ..operators import IMPLICIT, cast_literal
from ..types import STRING, Cell, Scalar, Type, common
from .signature import Function, Request


def _unified(request: Request, indexes: Sequence[int]) -> tuple[Request, Type] | None:
    """Bring arguments to one type; string literals follow the others (ESQL-10)."""
    arguments = list(request.arguments)
    kinds = [arguments[index].type for index in indexes]
    target = next((kind for kind in kinds if kind in IMPLICIT), None)
    if target is not None:
        for index in indexes:
            one = arguments[index]
            if one.type is Type.KEYWORD and one.is_constant and not one.reads_now:
                place = request.call.arguments[index].span
                arguments[index] = cast_literal(request.context, one, target, place)
    kind = common([arguments[index].type for index in indexes])
    if kind is None:
        names = ", ".join(sorted({arguments[index].type.value for index in indexes}))
        request.problem(
            f"arguments of [{request.context.source(request.span)}] must have one type,"
            f" but have [{names}]"
        )
        return None
    if kind is Type.DOUBLE:
        for index in indexes:
            arguments[index] = _as_double(arguments[index])
    kind = Type.KEYWORD if kind in STRING else kind
    return Request(request.context, request.call, tuple(arguments)), kind


def _as_double(argument: Compiled) -> Compiled:
    if argument.type not in (Type.INTEGER, Type.LONG):
        return argument
    inner = argument.evaluate

    def evaluate(row: Row) -> Cell:
        cell = inner(row)
        if isinstance(cell, tuple):
            return tuple(float(value) for value in cell)
        return None if cell is None else float(cell)

    return Compiled(Type.DOUBLE, evaluate, argument.is_constant, argument.reads_now)


def _broken() -> Compiled:
    return Compiled(Type.BROKEN, lambda row: None)


def _coalesce(request: Request) -> Compiled:
    unified = _unified(request, range(len(request.arguments)))
    if unified is None:
        return _broken()
    checked, kind = unified
    evaluates = [argument.evaluate for argument in checked.arguments]
    if len(evaluates) == 2:
        return checked.compiled(kind, _first_of_two(*evaluates))

    def evaluate(row: Row) -> Cell:
        for one in evaluates:
            cell = one(row)
            if cell is not None:
                return cell
        return None

    return checked.compiled(kind, evaluate)


def _first_of_two(first: Evaluate, second: Evaluate) -> Evaluate:
    def evaluate(row: Row) -> Cell:
        cell = first(row)
        return second(row) if cell is None else cell

    return evaluate


def _case(request: Request) -> Compiled:
    """Compile CASE(condition, value, …, otherwise): the first condition that is true decides."""
    count = len(request.arguments)
    conditions = range(0, count - 1, 2)
    for index in conditions:
        kind = request.arguments[index].type
        if kind not in (Type.BOOLEAN, Type.NULL, Type.BROKEN):
            text = request.context.source(request.call.arguments[index].span)
            return request.problem(
                f"a condition of CASE must be [boolean], found [{text}] type [{kind.value}]"
            )
    values = [index for index in range(count) if index not in conditions]
    unified = _unified(request, values)
    if unified is None:
        return _broken()
    checked, kind = unified
    evaluates = [argument.evaluate for argument in checked.arguments]
    branches = [(evaluates[index], evaluates[index + 1]) for index in conditions]
    otherwise: Evaluate = evaluates[-1] if count % 2 else lambda row: None

    def evaluate(row: Row) -> Cell:
        for condition, value in branches:
            # A null or multi-valued condition is not true (ESQL-8).
            if condition(row) is True:
                return value(row)
        return otherwise(row)

    return checked.compiled(kind, evaluate)


def _extreme(choose: Callable[..., Scalar]) -> Callable[[Request], Compiled]:
    """Compile GREATEST or LEAST: null if an argument is null, over all values of each."""

    def build(request: Request) -> Compiled:
        unified = _unified(request, range(len(request.arguments)))
        if unified is None:
            return _broken()
        checked, kind = unified
        evaluates = [argument.evaluate for argument in checked.arguments]

        def evaluate(row: Row) -> Cell:
            cells = [one(row) for one in evaluates]
            if None in cells:
                return None
            return choose(choose(cell) if isinstance(cell, tuple) else cell for cell in cells)

        return checked.compiled(kind, evaluate)

    return build


FUNCTIONS = {
    "CASE": Function(2, None, _case),
    "COALESCE": Function(1, None, _coalesce),
    "GREATEST": Function(1, None, _extreme(max)),
    "LEAST": Function(1, None, _extreme(min)),
}
