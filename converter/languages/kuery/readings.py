"""What a literal of the query is to a field of some type; refused where Elasticsearch refuses it."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from typing import assert_never

from converter.errors import Unsupported
from converter.ir.values import parse_number
from converter.languages.lucene.dates import date_range, is_date_math

from . import ast
from .fields import Field

REJECTED = "Elasticsearch rejects the query"

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_PARTIAL_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2})?")


def text_of(literal: ast.Literal) -> str:
    """Return the text that Kibana sends for a literal."""
    match literal:
        case ast.Text(value):
            return value
        case ast.Boolean(value):
            return "true" if value else "false"
        case ast.Pattern(pieces):
            return "*".join(pieces)
        case ast.Null():
            raise null_value(literal)
        case _:
            assert_never(literal)


def null_value(literal: ast.Null) -> Unsupported:
    """Return the refusal of `field:null` (KUERY-35)."""
    return Unsupported(
        f"null as a value: {REJECTED}",
        literal.span,
        "write not field:* for a missing field, quotes for the word",
    )


def number_of(field: Field, literal: ast.Literal) -> int | float:
    """Read a decimal number (KUERY-25)."""
    text = text_of(literal)
    number = parse_number(text) if is_number(literal) else None
    if number is None:
        raise _unreadable(field, literal, "write a decimal number")
    return number


def is_number(literal: ast.Literal) -> bool:
    """Say whether a literal is a decimal number, quoted or not."""
    return isinstance(literal, ast.Text) and _NUMBER.fullmatch(literal.value) is not None


def boolean_of(field: Field, literal: ast.Literal) -> bool:
    """Read exactly true or false (KUERY-26)."""
    text = text_of(literal)
    if text not in ("true", "false"):
        raise _unreadable(field, literal, "write true or false, in lower case")
    return text == "true"


def check_address(field: Field, literal: ast.Literal, *, may_be_network: bool) -> None:
    """Refuse what is no address and, where it may be one, no network (KUERY-27)."""
    text = text_of(literal)
    address, slash, length = text.partition("/")
    try:
        ip_address(address)
        ip_network(text, strict=False)
        is_valid = "%" not in text and (not slash or (length.isascii() and length.isdigit()))
    except ValueError:
        is_valid = False
    if not is_valid:
        raise _unreadable(field, literal, "write an address or a network such as 10.0.0.0/8")
    if slash and not may_be_network:
        raise _unreadable(field, literal, "a range takes an address; write field:network")


def date_of(field: Field, literal: ast.Literal) -> tuple[int, int]:
    """Return the first epoch millisecond that a date names and the first one behind it (KUERY-28)."""
    text = text_of(literal)
    if is_date_math(text):
        raise Unsupported(
            f'date arithmetic "{text}" on {field.name}',
            literal.span,
            "write the instant; a rule has its own window",
        )
    if _PARTIAL_DATE.fullmatch(text):
        raise Unsupported(
            f'"{text}" on the date field {field.name} leaves out the month or the day',
            literal.span,
            "write the whole date; what Elasticsearch fills in is not what one expects",
        )
    named = date_range(text)
    if named is None:
        raise _unreadable(field, literal, "write a date such as 2024-01-02T03:04:05Z")
    return named


def _unreadable(field: Field, literal: ast.Literal, hint: str) -> Unsupported:
    return Unsupported(
        f'value "{text_of(literal)}" on the {field.type.value} field {field.name}: {REJECTED}',
        literal.span,
        hint,
    )
