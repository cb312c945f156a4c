"""Calls, lists and joins that bind but cannot mean what was meant (KUSTO-10)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_network

from duckdb_kql import ir

from converter.diagnostic import Diagnostic, Severity, Span

from .types import NUMBERS, ORDER

NULL_TEXT = "kusto-isnull-string"
STRCMP = "kusto-strcmp-types"
NETWORK = "kusto-network"
NULL_UNDER_NOT = "kusto-null-under-not"
JOIN = "kusto-join-dynamic"
CONSTANT = "kusto-constant-condition"
EQUALITY = "kusto-equality-types"

_RANGE = {"ipv4_is_in_range": 4, "ipv4_is_in_any_range": 4, "ipv6_is_in_range": 6}
_MAY_BE_NULL = frozenset({*_RANGE, "ipv6_is_in_any_range", "ipv4_is_match", "set_has_element"})


def call_findings(call: ir.FunctionCall, types: Sequence[str], span: Span) -> Iterator[Diagnostic]:
    """Find calls that bind but always answer the same, or are null where nobody expects it."""
    if call.name in ("isnull", "isnotnull") and list(types) == ["string"]:
        yield _warning(
            NULL_TEXT,
            f"{call.name} of a string is always the same; use isempty or isnotempty",
            span,
        )
    if call.name == "strcmp" and any(kind not in ("string", "") for kind in types):
        shown = " and ".join(kind or "unknown" for kind in types)
        yield _warning(STRCMP, f"strcmp compares texts; found {shown}; cast with tostring", span)
    if call.name in _RANGE:
        for argument in call.args[1:]:
            yield from _network_findings(call.name, argument, span)
    if call.name == "not" and len(call.args) == 1 and _may_be_null(call.args[0]):
        yield _warning(
            NULL_UNDER_NOT,
            "not(…) of this is null, so that the row is dropped, where a value is missing or does not"
            " convert; write not(coalesce(…, false))",
            span,
        )


def list_findings(
    value: tuple[ir.Expr, str], items: Sequence[tuple[ir.Expr, str]], span: Span
) -> Iterator[Diagnostic]:
    """Find lists whose items are of another type than what is looked for."""
    expression, kind = value
    if isinstance(expression, ir.Literal) and items:
        yield _warning(
            CONSTANT, "a literal is looked for in the list; a column name goes in brackets", span
        )
        return
    odd = {one for item, one in items if kind == "string" and one in NUMBERS | {"bool"}}
    if odd:
        shown = " and ".join(sorted(odd))
        yield _warning(
            EQUALITY, f"a string is looked for among values of type {shown}; quote them", span
        )


def join_on_dynamic(column: str, span: Span) -> Diagnostic:
    """Return the finding of a join on a dynamic column of one name on both sides."""
    return _warning(
        JOIN, f"the service refuses to join on {column}, which is of type dynamic; cast it", span
    )


def _network_findings(function: str, argument: ir.Expr, span: Span) -> Iterator[Diagnostic]:
    for text in _texts(argument):
        if "," in text:
            yield _warning(
                NETWORK, f"{text!r} is one text to {function}; give each network on its own", span
            )
            continue
        try:
            version = ip_network(text, strict=False).version
        except ValueError:
            yield _warning(NETWORK, f"{text!r} is no network, so that {function} is null", span)
            continue
        if version != _RANGE[function] and function != "ipv6_is_in_range":
            yield _warning(
                NETWORK, f"{text!r} is a network of IPv{version}, so that {function} is null", span
            )


def _texts(argument: ir.Expr) -> list[str]:
    if not isinstance(argument, ir.Literal):
        return []
    if argument.kind == "string":
        return [str(argument.value)]
    return [one for one in _strings_in(argument.value) if one]


def _strings_in(value: object) -> list[str]:
    """Return the texts of a dynamic literal, which the tree keeps as its JSON or as values."""
    match value:
        case str():
            return value.strip("[] ").replace('"', "").replace("'", "").split(",")
        case list() | tuple():
            return [str(one) for one in value]
        case _:
            return []


def _may_be_null(expression: ir.Expr) -> bool:
    match expression:
        case ir.BinaryOp(op=operator, left=left, right=right):
            if operator in ("and", "or"):
                return _may_be_null(left) or _may_be_null(right)
            return operator in ORDER
        case ir.FunctionCall(name=name):
            return name in _MAY_BE_NULL
        case ir.Between():
            return True
        case _:
            return False


def _warning(code: str, message: str, span: Span) -> Diagnostic:
    return Diagnostic(code, Severity.WARNING, message, span)
