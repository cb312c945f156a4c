"""The MV_… functions, which see all values of a cell (ESQL-15)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median

from ..compiled import Compiled, Evaluate, Row
from ..lifting import cell_of, values_in
from ..operators import IMPLICIT, cast_literal
from ..types import NUMERIC, STRING, Cell, Scalar, Type, common
from .signature import ANY, WHOLE_ONLY, Function, Request, accepted, type_of_first, whole

Values = tuple[Scalar, ...]
_BROKEN = Compiled(Type.BROKEN, lambda row: None)


def _same_for_all(function: Callable[[Values], Cell]) -> Callable[[Type], Callable[[Values], Cell]]:
    return lambda kind: function


def _median_of(kind: Type) -> Callable[[Values], Cell]:
    """Return the median; of whole numbers its fraction is cut off towards the smaller one."""

    def of(values: Values) -> Cell:
        middle = median(float(value) if kind is Type.DOUBLE else int(value) for value in values)
        return middle if kind is Type.DOUBLE else math.floor(middle)

    return of


def _sum_of(values: Values) -> Cell:
    numbers = [value for value in values if not isinstance(value, str)]
    return math.fsum(numbers) if isinstance(numbers[0], float) else sum(numbers)


def _average(values: Values) -> Cell:
    return math.fsum(float(value) for value in values) / len(values)


def _contains(request: Request) -> Compiled:
    """Compile MV_CONTAINS: all values of the second are among the first's; null has none."""
    unified = _alike(request, (0, 1))
    if unified is None:
        return _BROKEN
    superset, subset = (argument.evaluate for argument in unified.arguments)
    constant = unified.arguments[1]
    if constant.is_constant and not constant.reads_now:
        wanted = values_in(constant.evaluate(()))
        if len(wanted) == 1:
            return unified.compiled(Type.BOOLEAN, _contains_one(superset, wanted[0]))

    def evaluate(row: Row) -> Cell:
        present = values_in(superset(row))
        return all(value in present for value in values_in(subset(row)))

    return unified.compiled(Type.BOOLEAN, evaluate)


def _contains_one(superset: Evaluate, wanted: Scalar) -> Evaluate:
    def evaluate(row: Row) -> Cell:
        cell = superset(row)
        return wanted in cell if isinstance(cell, tuple) else cell == wanted

    return evaluate


def _alike(request: Request, indexes: Sequence[int]) -> Request | None:
    """Check that arguments have one type, numbers included: 1 is no long here."""
    arguments = list(request.arguments)
    target = next((arguments[i].type for i in indexes if arguments[i].type in IMPLICIT), None)
    for index in indexes:
        one = arguments[index]
        if target is not None and one.type is Type.KEYWORD and one.is_constant:
            place = request.call.arguments[index].span
            arguments[index] = cast_literal(request.context, one, target, place)
    kinds = [arguments[index].type for index in indexes]
    known = {Type.KEYWORD if kind in STRING else kind for kind in kinds if kind is not Type.NULL}
    if Type.BROKEN in known:
        return None
    if len(known) > 1 or not known <= ANY:
        request.problem(
            f"arguments of [{request.context.source(request.span)}] must have one type,"
            f" but have [{', '.join(kind.value for kind in kinds)}]"
        )
        return None
    return Request(request.context, request.call, tuple(arguments))


def _append(request: Request) -> Compiled:
    """Compile MV_APPEND, which is null if a side is."""
    unified = _alike(request, (0, 1))
    if unified is None:
        return _BROKEN
    first, second = (argument.evaluate for argument in unified.arguments)

    def evaluate(row: Row) -> Cell:
        left, right = first(row), second(row)
        if left is None or right is None:
            return None
        return cell_of((*values_in(left), *values_in(right)))

    kind = common([argument.type for argument in unified.arguments]) or Type.NULL
    return unified.compiled(kind, evaluate)


def _concat(request: Request) -> Compiled:
    checked = accepted(request, (STRING,))
    if checked is None:
        return _BROKEN
    values, separator = (argument.evaluate for argument in checked.arguments)
    several = checked.several()

    def evaluate(row: Row) -> Cell:
        cell, between = values(row), separator(row)
        if isinstance(between, tuple):
            several()
            return None
        if cell is None or between is None:
            return None
        return str(between).join(map(str, values_in(cell)))

    return checked.compiled(Type.KEYWORD, evaluate)


def _slice(request: Request) -> Compiled:
    checked = accepted(request, (ANY, WHOLE_ONLY))
    if checked is None:
        return _BROKEN
    evaluates = [argument.evaluate for argument in checked.arguments]

    def evaluate(row: Row) -> Cell:
        cell, *edges = [one(row) for one in evaluates]
        if cell is None or None in edges or any(isinstance(edge, tuple) for edge in edges):
            return None
        values = values_in(cell)
        first, last = (
            edge + len(values) if edge < 0 else edge
            for edge in (int(edges[0]), int(edges[-1]))  # type: ignore[arg-type] # null and tuples left above
        )
        return cell_of(values[max(first, 0) : max(last + 1, 0)])

    return checked.compiled(type_of_first(checked), evaluate)


def _sort(request: Request) -> Compiled:
    checked = accepted(request, (ANY, STRING))
    if checked is None:
        return _BROKEN
    descending = False
    if len(checked.arguments) == 2:
        order = checked.arguments[1].evaluate(()) if checked.arguments[1].is_constant else None
        if not isinstance(order, str) or order.upper() not in ("ASC", "DESC"):
            return request.problem("the order of MV_SORT must be the constant ASC or DESC")
        descending = order.upper() == "DESC"
    evaluate = checked.arguments[0].evaluate

    def ordered(row: Row) -> Cell:
        return cell_of(_in_order(values_in(evaluate(row)), descending))

    return checked.compiled(type_of_first(checked), ordered)


def _in_order(values: Values, descending: bool = False) -> list[Scalar]:
    texts = [value for value in values if isinstance(value, str)]
    if texts:
        return [*sorted(texts, reverse=descending)]
    return [*sorted((v for v in values if not isinstance(v, str)), reverse=descending)]


def _zip(request: Request) -> Compiled:
    checked = accepted(request, (STRING,))
    if checked is None:
        return _BROKEN
    evaluates = [argument.evaluate for argument in checked.arguments]

    def evaluate(row: Row) -> Cell:
        left, right, *more = [one(row) for one in evaluates]
        between = more[0] if more else ","
        if isinstance(between, tuple) or between is None:
            return None
        if left is None or right is None:
            return right if left is None else left
        pairs = _paired([*map(str, values_in(left))], [*map(str, values_in(right))], str(between))
        return cell_of(pairs)

    return checked.compiled(Type.KEYWORD, evaluate)


def _paired(left: list[str], right: list[str], between: str) -> list[str]:
    """Join pairs; where one side ends, the rest of the other follows alone."""
    shared = min(len(left), len(right))
    pairs = [f"{a}{between}{b}" for a, b in zip(left, right, strict=False)]
    return [*pairs, *left[shared:], *right[shared:]]


def _split(request: Request) -> Compiled:
    checked = accepted(request, (STRING,))
    if checked is None:
        return _BROKEN
    text, separator = (argument.evaluate for argument in checked.arguments)
    several = checked.several()

    def evaluate(row: Row) -> Cell:
        whole_text, between = text(row), separator(row)
        if isinstance(whole_text, tuple) or isinstance(between, tuple):
            several()
            return None
        if whole_text is None or between is None:
            return None
        return cell_of(_pieces(str(whole_text), str(between)))

    return checked.compiled(Type.KEYWORD, evaluate)


def _pieces(text: str, separator: str) -> list[str]:
    return text.split(separator) if separator else list(text) or [""]


def _sum_kind(request: Request) -> Type:
    return request.arguments[0].type


FUNCTIONS = {
    "MV_APPEND": Function(2, 2, _append),
    "MV_AVG": whole(NUMERIC, Type.DOUBLE, _same_for_all(_average)),
    "MV_CONCAT": Function(2, 2, _concat),
    "MV_CONTAINS": Function(2, 2, _contains),
    "MV_COUNT": whole(ANY, Type.INTEGER, _same_for_all(len)),
    "MV_DEDUPE": whole(
        ANY, type_of_first, _same_for_all(lambda values: cell_of([*dict.fromkeys(values)]))
    ),
    "MV_FIRST": whole(ANY, type_of_first, _same_for_all(lambda values: values[0])),
    "MV_LAST": whole(ANY, type_of_first, _same_for_all(lambda values: values[-1])),
    "MV_MAX": whole(ANY, type_of_first, _same_for_all(lambda values: _in_order(values)[-1])),
    "MV_MEDIAN": whole(NUMERIC, _sum_kind, _median_of),
    "MV_MIN": whole(ANY, type_of_first, _same_for_all(lambda values: _in_order(values)[0])),
    "MV_SLICE": Function(2, 3, _slice),
    "MV_SORT": Function(1, 2, _sort),
    "MV_SUM": whole(NUMERIC, _sum_kind, _same_for_all(_sum_of)),
    "MV_ZIP": Function(2, 3, _zip),
    "SPLIT": Function(2, 2, _split),
}
