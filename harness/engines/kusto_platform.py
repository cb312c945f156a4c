"""Refuses a Kusto text as the platform would, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from converter.diagnostic import Diagnostic, Severity
from converter.errors import Unsupported
from converter.languages.kusto import check, lint

from .job import RefusedText

_NOT_EXECUTED = {
    "kusto-literal": "parsers of Kusto read it differently",
    "kusto-equality-types": "it is not executed here",
    "kusto-regex": "engines read it differently",
    "kusto-unreadable-number": "it is not executed here",
}
"""Lints after which an execution would say nothing about the platform."""

_Columns = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def refuse_invalid(text: str, tables: Mapping[str, Mapping[str, str]]) -> tuple[Diagnostic, ...]:
    """Return what is doubtful in a text on tables of these columns.

    Raises `RefusedText` for what Microsoft's binder or the service refuses, and `Unsupported` for what
    engines read differently.
    """
    errors, remarks = _findings(
        text, tuple((name, tuple(columns.items())) for name, columns in tables.items())
    )
    refused = [*errors, *(one for one in remarks if one.severity is Severity.ERROR)]
    if refused:
        raise RefusedText(refused[0])
    for remark in remarks:
        if remark.code in _NOT_EXECUTED:
            raise Unsupported(remark.message, remark.span, _NOT_EXECUTED[remark.code])
    return remarks


@lru_cache(maxsize=64)
def _findings(text: str, tables: _Columns) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    columns = {name: dict(types) for name, types in tables}
    errors = check(text, columns)
    return errors, () if errors else lint(text, columns)
