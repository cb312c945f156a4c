"""Lowers a leaf by the type of its field.

Kibana asks without a default field, which makes query_string lenient: a value that the field's type
cannot read matches nothing and is no error (LUCENE-10).
"""

from __future__ import annotations

import re
from decimal import Decimal
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from typing import assert_never

from converter.errors import Unsupported
from converter.ir import (
    NEVER,
    AnyField,
    Atom,
    Bound,
    Cidr,
    FieldType,
    Glob,
    Missing,
    Not,
    OneOf,
    Predicate,
    Quantifier,
    Range,
    Regex,
    RegexDialect,
    Value,
    View,
    Words,
)
from converter.ir.values import parse_number

from .dates import date_range, is_date_math
from .regex import plain_pattern
from .syntax import End, Interval, Pattern, Phrase, RegularExpression, Term

TypedLeaf = Term | Phrase | Pattern | RegularExpression | Interval

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_JAVA_NUMBER = re.compile(
    rf"[\x00- ]*(?:[+-]?(?:NaN|Infinity|0[xX].*)|{_NUMBER.pattern}[dDfF]?)[\x00- ]*"
)
"""What Java reads as a double: more than decimal text."""
_LONGS = range(-(2**63), 2**63)


def lower_leaf(leaf: TypedLeaf, field: str, field_type: FieldType) -> Predicate | None:
    """Return the predicate; None when a text field's analyzer leaves nothing of the value."""
    match field_type:
        case FieldType.KEYWORD | FieldType.WILDCARD | FieldType.CONSTANT_KEYWORD:
            return _keyword(leaf, field)
        case FieldType.TEXT:
            return _text(leaf, field)
        case FieldType.LONG | FieldType.DOUBLE:
            return _number(leaf, field, is_whole=field_type is FieldType.LONG)
        case FieldType.BOOLEAN:
            return _boolean(leaf, field)
        case FieldType.IP:
            return _address(leaf, field)
        case FieldType.DATE:
            return _date(leaf, field)
        case FieldType.FLATTENED:
            return _flattened(leaf, field)
        case FieldType.NESTED | FieldType.OBJECT:
            return NEVER  # an object has no values of its own
        case _:
            assert_never(field_type)


def _keyword(leaf: TypedLeaf, field: str) -> Predicate:
    match leaf:
        case Term(_, text) | Phrase(_, text):
            return Atom(field, View.KEYWORD, OneOf((text,)))  # LUCENE-11
        case Pattern(_, parts):
            return Atom(field, View.KEYWORD, Glob(parts))
        case RegularExpression(_, pattern, span):
            plain, is_complement = plain_pattern(pattern, span)
            test = Regex(plain, RegexDialect.LUCENE)
            if not is_complement:
                return Atom(field, View.KEYWORD, test)
            # Some value must fail the pattern; a document without values has none.
            return Not(Atom(field, View.KEYWORD, test, Quantifier.ALL, Missing.TRUE))
        case Interval(_, lower, upper):
            return Atom(field, View.KEYWORD, Range(_text_bound(lower), _text_bound(upper)))
        case _:
            assert_never(leaf)


def _flattened(leaf: TypedLeaf, field: str) -> Predicate:
    """Test the values under all keys, each as on keyword (LUCENE-17)."""
    match _keyword(leaf, field):
        case Atom(view=view, test=test):
            return AnyField(view, test, inside=field)
        case _:
            raise Unsupported(
                f"the complement of an expression on the flattened field {field}",
                leaf.span,
                "write NOT in front of the condition",
            )


def _text_bound(end: End | None) -> Bound | None:
    return None if end is None else Bound(end.text, end.inclusive)


def _text(leaf: TypedLeaf, field: str) -> Predicate | None:
    match leaf:
        case Term(_, text):
            words = _words(text)
            return Atom(field, View.TEXT, Words(words, phrase=False)) if words else None
        case Phrase(_, text):
            words = _words(text)
            return Atom(field, View.TEXT, Words(words, phrase=True)) if words else None
        case Pattern() | RegularExpression() | Interval():
            raise Unsupported(
                f"a pattern or range on the analysed text field {field}",
                leaf.span,
                "ask the keyword field beside it",
            )
        case _:
            assert_never(leaf)


def _words(text: str) -> tuple[str, ...]:
    """Split text nearly as the standard analyzer does (LUCENE-9)."""
    return tuple(re.findall(r"\w+", text.lower()))


def _number(leaf: TypedLeaf, field: str, *, is_whole: bool) -> Predicate:
    if not is_whole:
        _refuse_odd_numbers(leaf, field)
    match leaf:
        case Term(_, text) | Phrase(_, text):
            number = _read_number(text)
            if number is None or (is_whole and number != int(number)):
                return NEVER
            return Atom(field, View.COERCED_NUMBER, OneOf((number,)))
        case Interval(_, lower, upper):
            numbers = [_read_number(end.text) for end in (lower, upper) if end is not None]
            # An end outside the type makes the whole range unreadable.
            if any(one is None or (is_whole and int(one) not in _LONGS) for one in numbers):
                return NEVER
            return Atom(
                field, View.COERCED_NUMBER, Range(_number_bound(lower), _number_bound(upper))
            )
        case Pattern() | RegularExpression():
            return NEVER
        case _:
            assert_never(leaf)


def _refuse_odd_numbers(leaf: TypedLeaf, field: str) -> None:
    match leaf:
        case Term(_, text) | Phrase(_, text):
            texts = [text]
        case Interval(_, lower, upper):
            texts = [end.text for end in (lower, upper) if end is not None]
        case _:
            texts = []
    for text in texts:
        if _JAVA_NUMBER.fullmatch(text) and _read_number(text) is None:
            raise Unsupported(
                f"the number {text!r} of the field {field}", leaf.span, "write plain decimal digits"
            )


def _read_number(text: str) -> int | float | None:
    """Read decimal text; a whole number keeps all of its digits, however it is written."""
    if not _NUMBER.fullmatch(text):
        return None
    number = parse_number(text)
    if number is None or isinstance(number, int) or not number.is_integer():
        return number
    return int(Decimal(text))


def _number_bound(end: End | None) -> Bound | None:
    number: Value | None = None if end is None else _read_number(end.text)
    return None if end is None or number is None else Bound(number, end.inclusive)


def _boolean(leaf: TypedLeaf, field: str) -> Predicate:
    match leaf:
        case Term(_, text) | Phrase(_, text):
            if text not in ("true", "false"):
                return NEVER
            return Atom(field, View.BOOLEAN, OneOf((text == "true",)))
        case Interval():
            raise Unsupported(
                f"a range on the boolean field {field}", leaf.span, "ask true or false"
            )
        case Pattern() | RegularExpression():
            return NEVER
        case _:
            assert_never(leaf)


def _address(leaf: TypedLeaf, field: str) -> Predicate:
    match leaf:
        case Term(_, text) | Phrase(_, text):
            if not _is_network(text):
                return NEVER
            if "/" in text:
                return Atom(field, View.IP, Cidr((text,)))  # LUCENE-12
            return Atom(field, View.IP, OneOf((text,)))
        case Interval(_, lower, upper):
            ends = [end for end in (lower, upper) if end is not None]
            if not all(_is_address(end.text) for end in ends):
                return NEVER
            return Atom(field, View.IP, Range(_text_bound(lower), _text_bound(upper)))
        case Pattern() | RegularExpression():
            return NEVER
        case _:
            assert_never(leaf)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_network(text: str) -> bool:
    address, slash, length = text.partition("/")
    if slash and not (length.isascii() and length.isdigit()):
        return False  # a netmask is no prefix length
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return False
    # Elasticsearch takes no prefix behind an IPv4 address that is mapped into IPv6.
    is_mapped = isinstance(network, IPv6Network) and IPv6Address(address).ipv4_mapped is not None
    return not (slash and is_mapped)


def _date(leaf: TypedLeaf, field: str) -> Predicate:
    match leaf:
        case Term(_, text) | Phrase(_, text):
            lower = upper = End(text, inclusive=True)
        case Interval(_, low, high):
            return _date_interval(leaf, field, low, high)
        case Pattern() | RegularExpression():
            return NEVER
        case _:
            assert_never(leaf)
    return _date_interval(leaf, field, lower, upper)


def _date_interval(leaf: TypedLeaf, field: str, lower: End | None, upper: End | None) -> Predicate:
    """Return a range whose ends are rounded as Elasticsearch rounds them (LUCENE-13)."""
    ends = [end for end in (lower, upper) if end is not None]
    if any(is_date_math(end.text) for end in ends):
        raise Unsupported(
            f"date arithmetic on {field}", leaf.span, "write the instant, a rule has its own window"
        )
    if any(date_range(end.text) is None for end in ends):
        return NEVER
    return Atom(field, View.DATE, Range(_first_instant(lower), _first_behind(upper)))


def _first_instant(lower: End | None) -> Bound | None:
    """Return the lower bound: `gte` starts with the named unit, `gt` behind it."""
    rounded = None if lower is None else date_range(lower.text)
    if lower is None or rounded is None:
        return None
    start, behind = rounded
    return Bound(start if lower.inclusive else behind, inclusive=True)


def _first_behind(upper: End | None) -> Bound | None:
    """Return the upper bound: `lte` ends behind the named unit, `lt` before it."""
    rounded = None if upper is None else date_range(upper.text)
    if upper is None or rounded is None:
        return None
    start, behind = rounded
    return Bound(behind if upper.inclusive else start, inclusive=False)
