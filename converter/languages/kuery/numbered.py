"""Fields whose names hold the numbers of an array's elements, as pipelines of integrations write them.

A query names them by a pattern, `target_resources.*.type`, and how many there are is known to an index
alone. Here each array is given as many elements as its events have in practice (KUERY-31).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from converter.ir import FieldType

from .ast import Pattern

OUTER, INNER = 3, 8
"""How many elements an array has, and an array inside another one."""

_RESOURCES = "azure.auditlogs.properties.target_resources.*"
_NUMBERED = (
    *(
        f"{_RESOURCES}.{name}"
        for name in ("display_name", "id", "ip_address", "type", "user_principal_name")
    ),
    *(
        f"{_RESOURCES}.modified_properties.*.{name}"
        for name in ("display_name", "new_value", "old_value")
    ),
)
"""Keyword fields of the Azure module of Beats 9.5.0, a star for each number."""


def numbered_fields(pattern: Pattern) -> dict[str, FieldType]:
    """Return the fields of numbered elements that a pattern fits; empty where it fits none."""
    return {
        field: FieldType.KEYWORD
        for numbered in _NUMBERED
        for field in _with_numbers(numbered)
        if pattern.fits(field)
    }


def _with_numbers(numbered: str) -> Iterator[str]:
    first, *others = numbered.split("*")
    sizes = (OUTER, *(INNER for _ in others[1:]))
    for numbers in product(*map(range, sizes)):
        parts = (f"{number}{text}" for number, text in zip(numbers, others, strict=True))
        yield first + "".join(parts)
