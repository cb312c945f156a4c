"""Compiles arithmetic on numbers and on dates (ESQL-13)."""

from __future__ import annotations

import math
import operator
from calendar import monthrange
from collections.abc import Callable
from datetime import datetime, timedelta

from converter.diagnostic import Span
from converter.languages.esql.syntax import Operator, TimeSpan, Unit
from harness.events.time import microseconds, moment_of

from .casting import Unconvertible
from .compiled import SINGLE, Amount, Compiled, Context, folded
from .lifting import lifted
from .types import AMOUNT, NUMERIC, Scalar, Type, fits

_MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
_LENGTHS = {
    Unit.MILLISECOND: timedelta(milliseconds=1),
    Unit.SECOND: timedelta(seconds=1),
    Unit.MINUTE: timedelta(minutes=1),
    Unit.HOUR: timedelta(hours=1),
    Unit.DAY: timedelta(days=1),
    Unit.WEEK: timedelta(weeks=1),
}
_PERIODS = frozenset({Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR})

Calculate = Callable[[Scalar, Scalar], Scalar]


def amount_of(literal: TimeSpan) -> Compiled:
    """Compile a time span."""
    return amount_of_unit(literal.amount, literal.unit)


def amount_of_unit(count: int, unit: Unit) -> Compiled:
    """Return a time span: days and longer are periods, shorter ones durations."""
    months = count * _MONTHS.get(unit, 0)
    length = count * _LENGTHS.get(unit, timedelta())
    kind = Type.DATE_PERIOD if unit in _PERIODS else Type.TIME_DURATION
    return amount_compiled(kind, Amount(months, length // timedelta(microseconds=1)))


def amount_compiled(kind: Type, amount: Amount) -> Compiled:
    """Return the constant that is a time span."""
    return Compiled(kind, lambda row: None, is_constant=True, amount=amount)


def shifted(instant: int, amount: Amount, sign: int) -> int:
    """Add a time span to an instant, months by the calendar of UTC."""
    try:
        moment = moment_of(instant)
        if amount.months:
            moment = _months_later(moment, sign * amount.months)
        return microseconds(moment) + sign * amount.microseconds
    except (OverflowError, ValueError):
        raise Unconvertible("the date is out of range") from None


def _months_later(moment: datetime, months: int) -> datetime:
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    if not 1 <= year <= 9999:
        raise ValueError("the date is out of range")
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def arithmetic(
    context: Context, sign: Operator, left: Compiled, right: Compiled, span: Span
) -> Compiled:
    """Compile an arithmetic operator."""
    kinds = (left.type, right.type)
    if Type.BROKEN in kinds:
        return Compiled(Type.BROKEN, left.evaluate)
    if any(kind in AMOUNT for kind in kinds):
        return _with_amount(context, sign, left, right, span)
    if not all(kind in NUMERIC | {Type.NULL} for kind in kinds):
        return _incompatible(context, sign, left, right, span)
    kind = _wider(*kinds)
    several = context.warner(span, SINGLE)
    failed = _failures(context, span)
    function = _CALCULATIONS[sign] if kind is Type.DOUBLE else _checked(_WHOLE[sign], kind)
    if kind is Type.NULL:
        return Compiled(Type.NULL, lambda row: None, is_constant=True)
    evaluate = lifted(function, (left.evaluate, right.evaluate), several, failed)
    return folded(
        Compiled(
            kind,
            evaluate,
            left.is_constant and right.is_constant,
            left.reads_now or right.reads_now,
        )
    )


def negative(context: Context, operand: Compiled, span: Span) -> Compiled:
    """Compile a minus before an expression."""
    if operand.type is Type.BROKEN or operand.type is Type.NULL:
        return operand
    if operand.amount:
        amount = Amount(-operand.amount.months, -operand.amount.microseconds)
        return amount_compiled(operand.type, amount)
    if operand.type not in NUMERIC:
        return context.problem(
            f"argument of [{context.source(span)}] must be [numeric],"
            f" found value type [{operand.type.value}]",
            span,
        )
    several = context.warner(span, SINGLE)
    evaluate = lifted(operator.neg, (operand.evaluate,), several, _failures(context, span))
    return folded(Compiled(operand.type, evaluate, operand.is_constant, operand.reads_now))


def _with_amount(
    context: Context, sign: Operator, left: Compiled, right: Compiled, span: Span
) -> Compiled:
    if sign is Operator.ADD and left.amount:
        left, right = right, left
    direction = {Operator.ADD: 1, Operator.SUBTRACT: -1}.get(sign)
    if direction is None or right.amount is None:
        return _incompatible(context, sign, left, right, span)
    if left.amount and left.type is right.type:
        return amount_compiled(
            left.type,
            Amount(
                left.amount.months + direction * right.amount.months,
                left.amount.microseconds + direction * right.amount.microseconds,
            ),
        )
    if left.type is Type.NULL:
        return Compiled(Type.DATETIME, lambda row: None, is_constant=True)
    if left.type is not Type.DATETIME:
        return _incompatible(context, sign, left, right, span)
    amount = right.amount
    evaluate = lifted(
        lambda value: shifted(int(value), amount, direction),
        (left.evaluate,),
        context.warner(span, SINGLE),
        _failures(context, span),
    )
    return folded(Compiled(Type.DATETIME, evaluate, left.is_constant, left.reads_now))


def _incompatible(
    context: Context, sign: Operator, left: Compiled, right: Compiled, span: Span
) -> Compiled:
    return context.problem(
        f"[{sign.value}] has arguments with incompatible types"
        f" [{left.type.value}] and [{right.type.value}]",
        span,
    )


def _wider(left: Type, right: Type) -> Type:
    if left is Type.NULL:
        return right
    if right is Type.NULL:
        return left
    order = (Type.INTEGER, Type.LONG, Type.DOUBLE)
    return max(left, right, key=order.index)


def _failures(context: Context, span: Span) -> Callable[[str], Callable[[], None]]:
    return lambda reason: context.warner(span, reason)


def _checked(calculate: Calculate, kind: Type) -> Calculate:
    if kind not in (Type.INTEGER, Type.LONG):
        return calculate

    def checked(left: Scalar, right: Scalar) -> Scalar:
        result = int(calculate(left, right))
        if not fits(kind, result):
            raise Unconvertible(f"the result is out of the range of {kind.value}")
        return result

    return checked


def _whole_quotient(left: Scalar, right: Scalar) -> int:
    """Divide whole numbers; the quotient is cut towards zero."""
    dividend, divisor = int(left), int(right)
    if divisor == 0:
        raise Unconvertible("division by zero")
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


def _whole_rest(left: Scalar, right: Scalar) -> int:
    return int(left) - int(right) * _whole_quotient(left, right)


def _finite(calculate: Callable[[float, float], float]) -> Calculate:
    def calculated(left: Scalar, right: Scalar) -> float:
        try:
            result = calculate(float(left), float(right))
        except (ZeroDivisionError, ValueError):
            raise Unconvertible("division by zero") from None
        except OverflowError:
            raise Unconvertible("the result is no finite number") from None
        if not math.isfinite(result):
            raise Unconvertible("the result is no finite number")
        return result

    return calculated


_WHOLE: dict[Operator, Calculate] = {
    Operator.ADD: lambda left, right: int(left) + int(right),
    Operator.SUBTRACT: lambda left, right: int(left) - int(right),
    Operator.MULTIPLY: lambda left, right: int(left) * int(right),
    Operator.DIVIDE: _whole_quotient,
    Operator.MODULO: _whole_rest,
}
_CALCULATIONS: dict[Operator, Calculate] = {
    Operator.ADD: _finite(operator.add),
    Operator.SUBTRACT: _finite(operator.sub),
    Operator.MULTIPLY: _finite(operator.mul),
    Operator.DIVIDE: _finite(operator.truediv),
    Operator.MODULO: _finite(math.fmod),
}
