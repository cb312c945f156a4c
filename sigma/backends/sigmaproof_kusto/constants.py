"""Sigma's comparisons on a value that is known while rendering.

For fields that a table answers once for all its rows: a constant, or no value at all.
"""

from __future__ import annotations

import operator
import re
from ipaddress import ip_address

from sigma.types import (
    SigmaBool,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
)

from .pattern import MANY, Part
from .scalars import canonical_number
from .strings import is_cased, parts_of

Constant = str | bool | int | float
Operators = SigmaCompareExpression.CompareOperators

_ORDER = {
    Operators.LT: operator.lt,
    Operators.LTE: operator.le,
    Operators.GT: operator.gt,
    Operators.GTE: operator.ge,
}


def holds_without_value(value: SigmaType) -> bool | None:
    """Say whether a comparison holds for a field without value; None for an unknown kind."""
    match value:
        case SigmaNull():
            return True
        case SigmaExists(exists=exists):
            return not exists
        case _:
            return False


def holds_for(value: SigmaType, constant: Constant) -> bool | None:
    """Say whether a comparison holds for a constant; None for a kind that is not known here."""
    match value:
        case SigmaNull():
            return False
        case SigmaExists(exists=exists):
            return exists
        case SigmaString():
            return _fits(parts_of(value), is_cased(value), constant)
        case SigmaBool(boolean=boolean):
            return _text(constant).lower() == ("true" if boolean else "false")
        case SigmaTimestampPart():
            return None
        case SigmaNumber(number=number):
            return not isinstance(constant, bool) and _text(constant) == str(number)
        case SigmaRegularExpression():
            return isinstance(constant, str) and _is_found(value, constant)
        case SigmaCIDRExpression():
            return isinstance(constant, str) and _is_inside(value, constant)
        case SigmaCompareExpression():
            return _is_ordered(value, constant)
        case _:
            return None


def _text(constant: Constant) -> str:
    if isinstance(constant, bool):
        return "true" if constant else "false"
    return str(constant)


def _fits(parts: tuple[Part, ...], cased: bool, constant: Constant) -> bool:
    pattern = "".join(
        re.escape(part) if isinstance(part, str) else ".*" if part is MANY else "."
        for part in parts
    )
    flags = re.DOTALL if cased else re.DOTALL | re.IGNORECASE | re.ASCII
    return re.fullmatch(pattern, _text(constant), flags) is not None


def _is_found(value: SigmaRegularExpression, constant: str) -> bool:
    flags = re.ASCII
    for flag in value.flags:
        flags |= value.sigma_to_python_flags[flag]
    return re.search(value.regexp.to_plain_regex(), constant, flags) is not None


def _is_inside(value: SigmaCIDRExpression, constant: str) -> bool:
    try:
        return ip_address(constant) in value.network
    except ValueError:
        return False


def _is_ordered(value: SigmaCompareExpression, constant: Constant) -> bool | None:
    if isinstance(value.number, SigmaTimestampPart):
        return None
    if value.op is Operators.NEQ:
        return not holds_for(value.number, constant)
    number = canonical_number(constant) if isinstance(constant, str) else constant
    if number is None or isinstance(number, bool):
        return False
    return bool(_ORDER[value.op](number, value.number.number))
