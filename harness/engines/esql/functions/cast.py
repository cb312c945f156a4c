"""The cast operator `::`."""

from __future__ import annotations

from converter.diagnostic import Span
from converter.errors import Unsupported

from ..casting import converter
from ..compiled import Compiled, Context, folded
from ..lifting import mapped
from ..types import AMOUNT, CAST_NAMES, Type
from .time import parse_amount

_NOT_EXECUTED = frozenset(
    {
        *("cartesian_point", "cartesian_shape", "date_nanos", "geo_point", "geo_shape"),
        *("unsigned_long", "ul", "version"),
    }
)


def cast_to(
    context: Context, operand: Compiled, type_name: str, place: Span, span: Span
) -> Compiled:
    """Compile `operand::type`."""
    if operand.type is Type.BROKEN:
        return operand
    target = CAST_NAMES.get(type_name)
    if target is None:
        if type_name in _NOT_EXECUTED:
            raise Unsupported(f"type {type_name}", span, "it is not among those executed here")
        return context.problem(f"unknown data type named [{type_name}]", span)
    if target in AMOUNT:
        return _amount(context, operand, target, span)
    if operand.type is Type.NULL:
        return Compiled(target, operand.evaluate, is_constant=True)
    convert = converter(operand.type, target)
    if convert is None:
        return context.problem(
            f"[{context.source(place)}] of type [{operand.type.value}]"
            f" cannot be converted to [{target.value}]",
            span,
        )
    evaluate = mapped(convert, operand.evaluate, lambda reason: context.warner(span, reason))
    return folded(Compiled(target, evaluate, operand.is_constant, operand.reads_now))


def _amount(context: Context, operand: Compiled, target: Type, span: Span) -> Compiled:
    if operand.amount and operand.type is target:
        return operand
    text = operand.evaluate(()) if operand.is_constant and not operand.amount else None
    found = parse_amount(text) if isinstance(text, str) else None
    if found is None or found.type is not target:
        return context.problem(f"cannot convert [{context.source(span)}] to [{target.value}]", span)
    return found
