"""The functions that convert, and `::` (ESQL-10)."""

from __future__ import annotations

from ..casting import Convert, converter
from ..compiled import Compiled
from ..lifting import mapped
from ..types import REPRESENTABLE, Type
from .signature import Function, Request, accepted


def conversion(target: Type) -> Function:
    """Return the function that converts each value to a type."""
    kinds = frozenset(source for source in REPRESENTABLE if converter(source, target) is not None)

    def build(request: Request) -> Compiled:
        checked = accepted(request, (kinds,))
        if checked is None:
            return Compiled(Type.BROKEN, lambda row: None)
        (argument,) = checked.arguments
        convert: Convert | None = converter(argument.type, target)
        if convert is None:
            return checked.compiled(target, lambda row: None)
        return checked.compiled(target, mapped(convert, argument.evaluate, checked.failed))

    return Function(1, 1, build)


FUNCTIONS = {
    "TO_BOOL": conversion(Type.BOOLEAN),
    "TO_BOOLEAN": conversion(Type.BOOLEAN),
    "TO_DATETIME": conversion(Type.DATETIME),
    "TO_DBL": conversion(Type.DOUBLE),
    "TO_DOUBLE": conversion(Type.DOUBLE),
    "TO_DT": conversion(Type.DATETIME),
    "TO_INT": conversion(Type.INTEGER),
    "TO_INTEGER": conversion(Type.INTEGER),
    "TO_IP": conversion(Type.IP),
    "TO_LONG": conversion(Type.LONG),
    "TO_STR": conversion(Type.KEYWORD),
    "TO_STRING": conversion(Type.KEYWORD),
}
