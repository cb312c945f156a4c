"""Functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from ..casting import Unconvertible
from ..compiled import Compiled, constant
from ..lifting import lifted
from ..types import NUMERIC, WHOLE, Scalar, Type
from .signature import Function, Request, accepted, scalar, type_of_first

_ONE = (NUMERIC,)


def _real(calculate: Callable[..., float]) -> Callable[..., Scalar]:
    """Make a result that is no finite number null."""

    def calculated(*values: Scalar) -> float:
        try:
            result = calculate(*map(float, values))
        except (ValueError, OverflowError, ZeroDivisionError):
            raise Unconvertible("the result is no finite number") from None
        if isinstance(result, complex) or not math.isfinite(result):
            raise Unconvertible("the result is no finite number")
        return result

    return calculated


def _round(request: Request) -> Compiled:
    """Compile ROUND(number, digits), half up; whole numbers stay whole."""
    checked = accepted(request, (NUMERIC, WHOLE))
    if checked is None:
        return Compiled(Type.BROKEN, lambda row: None)
    kind = checked.arguments[0].type
    evaluates = [argument.evaluate for argument in checked.arguments]
    evaluate = lifted(_rounded, evaluates, checked.several(), checked.failed)
    return checked.compiled(kind, evaluate)


def _rounded(number: Scalar, digits: Scalar = 0) -> Scalar:
    step = Decimal(1).scaleb(-int(digits))
    exact = Decimal(repr(number)) if isinstance(number, float) else Decimal(int(number))
    if isinstance(number, int) and int(digits) >= 0:
        return number
    rounded = exact.quantize(step, rounding=ROUND_HALF_UP)
    return float(rounded) if isinstance(number, float) else int(rounded)


def _toward(rounding: Callable[[float], int]) -> Callable[[Scalar], Scalar]:
    """Round to a whole number, which stays a double where it was one."""
    return lambda value: float(rounding(value)) if isinstance(value, float) else value


def _number(value: float) -> Function:
    return Function(0, 0, lambda request: constant(Type.DOUBLE, value))


def _magnitude(value: Scalar) -> Scalar:
    return abs(value) if not isinstance(value, str) else value


FUNCTIONS = {
    "ABS": scalar(_ONE, type_of_first, _magnitude),
    "CEIL": scalar(_ONE, type_of_first, _toward(math.ceil)),
    "E": _number(math.e),
    "EXP": scalar(_ONE, Type.DOUBLE, _real(math.exp)),
    "FLOOR": scalar(_ONE, type_of_first, _toward(math.floor)),
    "LOG10": scalar(_ONE, Type.DOUBLE, _real(math.log10)),
    "PI": _number(math.pi),
    "POW": scalar((NUMERIC, NUMERIC), Type.DOUBLE, _real(math.pow)),
    "ROUND": Function(1, 2, _round),
    "SIGNUM": scalar(_ONE, Type.DOUBLE, lambda value: float((value > 0) - (value < 0))),
    "SQRT": scalar(_ONE, Type.DOUBLE, _real(math.sqrt)),
    "TAU": _number(math.tau),
}
