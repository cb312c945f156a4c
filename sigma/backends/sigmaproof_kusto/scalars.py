"""Comparisons with numbers, booleans and instants.

A literal always has the column's type; what can never equal a value of that type is false (SIGMA-8).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from math import isfinite

from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.types import CompareOperators, SigmaTimestampPart, SpecialChars, TimestampPart

from .expression import NEVER, Atom, Expression, Membership, atom
from .literals import boolean_literal, datetime_literal, number_literal
from .pattern import Part
from .strings import string_test

INTEGERS = frozenset({"int", "long"})
NUMBERS = INTEGERS | {"real"}
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")

_PARTS = {
    TimestampPart.MINUTE: 'datetime_part("minute", {})',
    TimestampPart.HOUR: "hourofday({})",
    TimestampPart.DAY: "dayofmonth({})",
    TimestampPart.WEEK: "week_of_year({})",
    TimestampPart.MONTH: "monthofyear({})",
    TimestampPart.YEAR: "getyear({})",
}
"""What reads a part of a datetime, which is in UTC; weeks as ISO 8601 counts them."""

_SIGNS = {
    CompareOperators.LT: "<",
    CompareOperators.LTE: "<=",
    CompareOperators.GT: ">",
    CompareOperators.GTE: ">=",
}


def number_test(subject: str, column_type: str, number: float) -> Expression:
    """Compare a number with a numeric column."""
    if column_type in INTEGERS and number != int(number):
        return NEVER
    return Membership(subject, "==", (number_literal(number, column_type),))


def number_text_test(
    subject: str, column_type: str, parts: tuple[Part, ...], cased: bool
) -> Expression:
    """Compare text with a numeric column, whose values are taken in canonical decimal form."""
    match parts:
        case ():
            return NEVER
        case (str() as text,):
            number = canonical_number(text)
            return NEVER if number is None else number_test(subject, column_type, number)
        case (SpecialChars.WILDCARD_MULTI,):
            return present(subject)
        case _ if column_type in INTEGERS:
            return string_test(f"tostring({subject})", parts, cased)
        case _:
            raise SigmaFeatureNotSupportedByBackendError(
                f"a wildcard pattern on the column {subject} of type real has no fixed text to match;"
                " compare numbers"
            )


def canonical_number(text: str) -> int | float | None:
    """Read a number in canonical decimal form; None for any other text."""
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return None
    return number if repr(number) == text and isfinite(number) else None


def comparison_test(
    subject: str,
    column_type: str,
    operator: CompareOperators,
    number: float,
) -> Expression:
    """Compare the order of a number; null where there is none."""
    if column_type in NUMBERS or column_type == "string":
        read = f"todouble({subject})" if column_type == "string" else subject
        literal = number_literal(number, "long" if number == int(number) else "real")
        return atom(f"{read} {_SIGNS[operator]} {literal}", may_be_null=True)
    if column_type in ("bool", "guid"):
        return NEVER  # SIGMA-8: neither is a number
    raise SigmaFeatureNotSupportedByBackendError(
        f"{operator.name.lower()} {number} compares numbers, but {subject} is of type {column_type};"
        " compare another field"
    )


def boolean_test(subject: str, column_type: str, value: bool) -> Expression:
    """Compare a boolean with a bool or string column."""
    literal = boolean_literal(value)
    match column_type:
        case "bool":
            return Membership(subject, "==", (literal,))
        case "string":
            return Membership(subject, "=~", (f'"{literal}"',))
        case _:
            return NEVER


def datetime_test(subject: str, text: str) -> Expression:
    """Compare an instant."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise SigmaFeatureNotSupportedByBackendError(
            f"{text!r} is compared with {subject} of type datetime; write an ISO 8601 instant"
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return Membership(subject, "==", (datetime_literal(moment),))


def time_part_test(subject: str, column_type: str, part: SigmaTimestampPart) -> Expression:
    """Compare a part of an instant, in UTC (SIGMA-17)."""
    read = time_part(subject, column_type, part)
    return NEVER if read is None else number_test(read, "int", part.number)


def time_part(subject: str, column_type: str, part: SigmaTimestampPart) -> str | None:
    """Return the expression of a part of an instant; None where the type has none."""
    match column_type:
        case "datetime":
            return _PARTS[part.timestamp_part].format(subject)
        case "bool" | "guid":
            return None
        case _:
            raise SigmaFeatureNotSupportedByBackendError(
                f"the {part.timestamp_part.name.lower()} of {subject} is compared, which is of type"
                f" {column_type}, not datetime: Kusto reads other texts and numbers as times than Sigma"
                " does; compare a field of type datetime"
            )


def present(subject: str) -> Atom:
    """Build the test that a column that is not text has a value."""
    return Atom(f"isnotnull({subject})", f"isnull({subject})")


def missing(subject: str) -> Atom:
    """Build the test that a column that is not text has no value."""
    return Atom(f"isnull({subject})", f"isnotnull({subject})")
