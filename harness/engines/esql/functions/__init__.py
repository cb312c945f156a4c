"""The functions of ES|QL 9.2."""

from __future__ import annotations

from . import conditional, conversion, multivalue, network, numbers, text, time
from .signature import Function, Request

FUNCTIONS: dict[str, Function] = {
    **conditional.FUNCTIONS,
    **conversion.FUNCTIONS,
    **multivalue.FUNCTIONS,
    **network.FUNCTIONS,
    **numbers.FUNCTIONS,
    **text.FUNCTIONS,
    **time.FUNCTIONS,
}

__all__ = ["FUNCTIONS", "Function", "Request"]
