"""What a leaf of a condition asks of a field, independent of the language that says it.

Everything that cannot be right for the field's type is refused here, for all languages (SIGMA-4 to SIGMA-13 in
`converter/languages/sigma/SEMANTICS.md`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network, IPv6Network, ip_address

from sigma.types import (
    CompareOperators,
    Placeholder,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaNumber,
    SigmaQueryExpression,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from .fields import Field, Kind
from .refusal import refusal


class Wildcard(Enum):
    """A wildcard of a shape."""

    MANY = "*"
    ONE = "?"


Part = str | Wildcard


@dataclass(frozen=True, slots=True)
class Text:
    """The whole value is this text; `ignores_case` only where the text has letters A to Z (SIGMA-4)."""

    value: str
    ignores_case: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """The whole value has this shape; at least one wildcard, and not a lone `*`."""

    parts: tuple[Part, ...]
    ignores_case: bool


@dataclass(frozen=True, slots=True)
class Number:
    """The value equals this number."""

    value: int | float


@dataclass(frozen=True, slots=True)
class Boolean:
    """The value is this boolean, or its name as text in any case (SIGMA-8)."""

    value: bool


@dataclass(frozen=True, slots=True)
class Bound:
    """The value compares with this number; `operator` is one of `<`, `<=`, `>`, `>=`."""

    operator: str
    value: int | float


@dataclass(frozen=True, slots=True)
class Address:
    """The value is this IP address."""

    value: str


@dataclass(frozen=True, slots=True)
class Network:
    """The value is an IP address inside this network."""

    value: str


@dataclass(frozen=True, slots=True)
class AnyValue:
    """The field has a value."""


@dataclass(frozen=True, slots=True)
class Search:
    """The pattern is found in the value (SIGMA-9); `flags` is a subset of "ims"."""

    pattern: str
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Never:
    """No value of the field's type can satisfy the comparison."""

    reason: str


Comparison = Text | Shape | Number | Boolean | Bound | Address | Network | AnyValue | Search

_OPERATORS = {
    CompareOperators.LT: "<",
    CompareOperators.LTE: "<=",
    CompareOperators.GT: ">",
    CompareOperators.GTE: ">=",
}
_FLAGS = {
    SigmaRegularExpressionFlag.IGNORECASE: "i",
    SigmaRegularExpressionFlag.MULTILINE: "m",
    SigmaRegularExpressionFlag.DOTALL: "s",
}
_WILDCARDS = {
    SpecialChars.WILDCARD_MULTI: Wildcard.MANY,
    SpecialChars.WILDCARD_SINGLE: Wildcard.ONE,
}
_ADDRESS_CHARACTERS = re.compile("[0-9A-Fa-f.:]*")
_OCTETS = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){1,3}")
"""Whole octets at the start of an IPv4 address as text."""
_NUMERAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9]|\.0)?")


def comparison_of(field: Field, value: SigmaType) -> Comparison | Never:
    """Return what a value asks of a field; refuses what its type cannot answer.

    A `SigmaFieldReference` is no comparison with a value, and its negations are taken apart before.
    """
    match value:
        case SigmaString():
            return _of_string(field, value)
        case SigmaTimestampPart():
            raise refusal(
                f"field {field.name}: a part of a timestamp",
                "no condition of this language takes a time apart; compare another field",
            )
        case SigmaNumber():
            return _of_number(field, value.number)
        case SigmaExists():
            return AnyValue()  # its negation is taken apart before
        case SigmaBool():
            return _of_boolean(field, value.boolean)
        case SigmaCompareExpression():
            return _of_bound(field, value)
        case SigmaCIDRExpression():
            _require(field, field.kind is Kind.ADDRESS, "a network", "ip")
            return Network(_network(value.network))
        case SigmaRegularExpression():
            return _of_expression(field, value)
        case SigmaQueryExpression():
            raise refusal(
                f"field {field.name}: a query part given as text", "write the values into the rule"
            )
        case _:
            raise refusal(
                f"field {field.name}: a value of type {type(value).__name__}",
                "use another modifier",
            )


def _of_string(field: Field, value: SigmaString) -> Comparison | Never:
    parts = parts_of(value, f"field {field.name}")
    if parts == (Wildcard.MANY,):
        return AnyValue()  # SIGMA-7
    is_cased = isinstance(value, SigmaCasedString)
    ignores_case = not is_cased and any(
        isinstance(part, str) and re.search("[A-Za-z]", part) for part in parts
    )
    match parts:
        case ():
            return _of_text(field, "", ignores_case=False)
        case (str(text),):
            return _of_text(field, text, ignores_case=ignores_case)
        case (str(text), Wildcard.MANY) if field.kind is Kind.ADDRESS and _OCTETS.fullmatch(text):
            return Network(_network_of_octets(text))
        case _:
            if field.kind is Kind.ADDRESS and not all(
                _ADDRESS_CHARACTERS.fullmatch(part) for part in parts if isinstance(part, str)
            ):
                return _never(field, f"the pattern {value.to_plain()!r}", "fits no address")
            is_text = field.kind in (Kind.UNKNOWN, Kind.KEYWORD, Kind.WILDCARD, Kind.TEXT)
            _require(field, is_text, "a pattern", "keyword")
            return Shape(parts, ignores_case)


def is_prefix(parts: tuple[Part, ...]) -> bool:
    """Say whether a shape asks only how the value begins."""
    match parts:
        case (str(), Wildcard.MANY):
            return True
        case _:
            return False


def parts_of(value: SigmaString, where: str) -> tuple[Part, ...]:
    """Return texts and wildcards; a run of `*` is one. Refuses a placeholder, found `where`."""
    parts: list[Part] = []
    for item in value.s:
        if isinstance(item, Placeholder):
            raise refusal(f"{where}: the placeholder %{item.name}%", "replace it by values first")
        part = _WILDCARDS[item] if isinstance(item, SpecialChars) else item
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        elif part != "" and not (part is Wildcard.MANY and parts and parts[-1] is Wildcard.MANY):
            parts.append(part)
    return tuple(parts)


def _of_text(field: Field, text: str, *, ignores_case: bool) -> Comparison | Never:
    match field.kind:
        case Kind.UNKNOWN | Kind.KEYWORD | Kind.WILDCARD | Kind.TEXT:
            return Text(text, ignores_case)
        case Kind.WHOLE_NUMBER | Kind.NUMBER:
            if _reads_as_number(text):
                return _of_number(field, _numeral(field, text))
            return _never(field, f"the text {text!r}", "is no number")
        case Kind.BOOLEAN:
            named = text.lower() if ignores_case else text
            if named in ("true", "false"):
                return Boolean(named == "true")
            return _never(field, f"the text {text!r}", "is neither true nor false")
        case Kind.ADDRESS:
            if _is_address(text):
                return Address(text)
            return _never(field, f"the text {text!r}", "is no address")
        case Kind.DATE:
            raise refusal(
                f"field {field.name}: the text {text!r} compared with a date",
                "compare the date in the query's time range",
            )


def _never(field: Field, what: str, why: str) -> Never:
    return Never(
        f"field {field.name} has the type {field.type_name} and {what} {why}, so that they are never equal"
    )


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _numeral(field: Field, text: str) -> int | float:
    """Read text in canonical decimal form (SIGMA-8)."""
    number: int | float | None = None
    if _NUMERAL.fullmatch(text):
        number = float(text) if "." in text else int(text)
    if number is None or str(number) != text:
        raise _wrong_type(field, f"the text {text!r}", "keyword")
    return number


def _network(network: IPv4Network | IPv6Network) -> str:
    """Write a network of IPv4 addresses mapped into IPv6 as theirs: no index takes a prefix of the mapped form."""
    mapped = None if isinstance(network, IPv4Network) else network.network_address.ipv4_mapped
    return str(network) if mapped is None else f"{mapped}/{network.prefixlen - 96}"


def _network_of_octets(text: str) -> str:
    """Write the network of the addresses that begin with whole octets, such as `10.`."""
    octets = text.removesuffix(".").split(".")
    padded = [*octets, *["0"] * (4 - len(octets))]
    return f"{'.'.join(padded)}/{8 * len(octets)}"


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _of_number(field: Field, number: float) -> Number | Never:
    if field.kind in (Kind.ADDRESS, Kind.BOOLEAN):
        return _never(field, f"the number {number}", "is none of its values")
    is_answered = field.kind in (Kind.UNKNOWN, Kind.KEYWORD, Kind.WILDCARD) or field.kind.is_numeric
    _require(field, is_answered, f"the number {number}", "numeric")
    if field.kind is Kind.WHOLE_NUMBER and number != int(number):
        return _never(field, f"the fraction {number}", "is no whole number")
    if not field.kind.is_numeric and number == int(number):
        return Number(int(number))  # the one text that is this number (SIGMA-8)
    return Number(number)


def _of_boolean(field: Field, boolean: bool) -> Boolean | Never:
    if field.kind is Kind.ADDRESS or field.kind.is_numeric:
        return _never(field, str(boolean).lower(), "is none of its values")
    is_answered = field.kind in (Kind.UNKNOWN, Kind.KEYWORD, Kind.WILDCARD, Kind.BOOLEAN)
    _require(field, is_answered, f"the boolean {str(boolean).lower()}", "boolean")
    return Boolean(boolean)


def _of_bound(field: Field, value: SigmaCompareExpression) -> Bound:
    if isinstance(value.number, SigmaTimestampPart):
        raise refusal(
            f"field {field.name}: a part of a timestamp",
            "no condition of this language takes a time apart; compare another field",
        )
    operator = _OPERATORS.get(value.op)
    if operator is None:
        raise refusal(f"field {field.name}: the comparison {value.op.name}", "write neq")
    _require(field, field.kind.is_numeric, f"the comparison {operator} {value.number}", "numeric")
    return Bound(operator, value.number.number)


def _of_expression(field: Field, value: SigmaRegularExpression) -> Search:
    is_text = field.kind in (Kind.UNKNOWN, Kind.KEYWORD, Kind.WILDCARD, Kind.TEXT)
    _require(field, is_text, "a regular expression", "keyword")
    return search_of(value, f"field {field.name}")


def search_of(value: SigmaRegularExpression, where: str) -> Search:
    """Return the expression; refuses a placeholder in it, found `where`."""
    if value.contains_placeholder():
        raise refusal(
            f"{where}: a placeholder in a regular expression", "replace it by values first"
        )
    return Search(value.regexp.to_plain_regex(), frozenset(_FLAGS[flag] for flag in value.flags))


def _require(field: Field, holds: bool, what: str, wanted: str) -> None:
    if not holds:
        raise _wrong_type(field, what, wanted)


def _wrong_type(field: Field, what: str, wanted: str) -> Exception:
    if field.kind is Kind.UNKNOWN:
        return refusal(
            f"field {field.name}: {what} needs a field known to be {wanted}, its type is not known",
            "let the pipeline set its type",
        )
    return refusal(
        f"field {field.name}: {what} cannot match the type {field.type_name}",
        f"compare a field that is {wanted}",
    )
