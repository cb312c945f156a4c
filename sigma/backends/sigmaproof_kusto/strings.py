"""Comparisons with the text of a `string` expression.

A missing string is the empty text in Kusto (KUSTO-2), so every test that the empty text satisfies is
guarded by `isnotempty`.
"""

from __future__ import annotations

import re

from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.types import (
    Placeholder,
    SigmaCasedString,
    SigmaFieldReference,
    SigmaRegularExpression,
    SigmaString,
    SpecialChars,
)

from .expression import Atom, Expression, Membership, atom, every
from .literals import text_literal
from .pattern import (
    MANY,
    Part,
    glob_pattern,
    matches_empty,
    open_boundaries,
    safe_pattern,
)


def parts_of(value: SigmaString) -> tuple[Part, ...]:
    """Return literal text and wildcards in turn; neighbouring `*` count once."""
    parts: list[Part] = []
    for part in value.s:
        if isinstance(part, Placeholder):
            raise SigmaFeatureNotSupportedByBackendError(
                f"placeholder %{part.name}% has no value; resolve it by a pipeline"
            )
        if part == "" or (part is MANY and parts and parts[-1] is MANY):
            continue
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        else:
            parts.append(part)
    return tuple(parts)


def is_cased(value: SigmaString) -> bool:
    """Say whether letters compare exactly."""
    return isinstance(value, SigmaCasedString)


def is_pattern(value: SigmaString) -> bool:
    """Say whether a value has wildcards and asks for more than that any text is there."""
    parts = parts_of(value)
    return value.contains_special() and any(part is not MANY for part in parts)


def is_like(text: str, value: SigmaString) -> bool:
    """Say whether a text satisfies a value of the rule, with or without wildcards."""
    parts = parts_of(value)
    return bool(parts) and re.search(glob_pattern(parts, is_cased(value)), text) is not None


def string_test(subject: str, parts: tuple[Part, ...], cased: bool) -> Expression:
    """Compare the whole text with a pattern of literal text and wildcards (SIGMA-4, SIGMA-5)."""
    suffix = "_cs" if cased else ""
    match parts:
        case ():
            return missing(subject)
        case _ if any(isinstance(part, str) and "\0" in part for part in parts):
            return regex_test(subject, glob_pattern(parts, cased))
        case (str() as text,):
            return Membership(subject, "==" if cased else "=~", (text_literal(text),))
        case (SpecialChars.WILDCARD_MULTI,):
            return present(subject)
        case (str() as text, SpecialChars.WILDCARD_MULTI):
            return _word(subject, f"startswith{suffix}", text)
        case (SpecialChars.WILDCARD_MULTI, str() as text):
            return _word(subject, f"endswith{suffix}", text)
        case (SpecialChars.WILDCARD_MULTI, str() as text, SpecialChars.WILDCARD_MULTI):
            return _word(subject, f"contains{suffix}", text)
        case _:
            return regex_test(subject, glob_pattern(parts, cased))


def regex_test(subject: str, pattern: str) -> Atom:
    """Search for a pattern that is already safe."""
    return atom(f"{subject} matches regex {text_literal(pattern)}")


def any_column_test(parts: tuple[Part, ...], cased: bool) -> Atom:
    """Look for a pattern in the text of all columns; `parts` begin and end with a `*`."""
    match parts:
        case (SpecialChars.WILDCARD_MULTI, str() as text, SpecialChars.WILDCARD_MULTI):
            return atom(f"* contains{'_cs' if cased else ''} {text_literal(text)}")
        case _:
            return regex_test("*", glob_pattern(parts, cased))


def expression_anywhere(value: SigmaRegularExpression) -> Atom:
    """Search the text of all columns for a pattern of the rule (SIGMA-9, SIGMA-12)."""
    return regex_test("*", safe_pattern(*_pattern_of(value)))


def expression_test(subject: str, value: SigmaRegularExpression) -> Expression:
    """Search for a pattern of the rule in a text that is missing where it is empty (SIGMA-9)."""
    found = expression_in(subject, value)
    return every((present(subject), found)) if matches_empty(*_pattern_of(value)) else found


def expression_in(subject: str, value: SigmaRegularExpression) -> Atom:
    """Search for a pattern of the rule in a text that may be empty."""
    return regex_test(subject, safe_pattern(*_pattern_of(value)))


def boundaries_in(value: SigmaRegularExpression) -> list[str]:
    """Return the word boundaries of a pattern that are written as such; none of one that is refused."""
    try:
        return open_boundaries(*_pattern_of(value))
    except SigmaFeatureNotSupportedByBackendError:
        return []


def _pattern_of(value: SigmaRegularExpression) -> tuple[str, str]:
    flags = "".join(sorted(value.sigma_to_re_flag[flag] for flag in value.flags))
    return value.regexp.to_plain_regex(), flags


def reference_operator(value: SigmaFieldReference) -> str:
    """Return the operator that a reference to a field compares texts by (SIGMA-11)."""
    match value.starts_with, value.ends_with:
        case True, True:
            return "contains"
        case True, False:
            return "startswith"
        case False, True:
            return "endswith"
        case _:
            return "=~"


def missing(subject: str) -> Atom:
    """Build the test that a string has no value."""
    return Atom(f"isempty({subject})", f"isnotempty({subject})")


def present(subject: str) -> Atom:
    """Build the test that a string has a value."""
    return Atom(f"isnotempty({subject})", f"isempty({subject})")


def _word(subject: str, operator: str, text: str) -> Atom:
    literal = text_literal(text)
    return Atom(f"{subject} {operator} {literal}", f"{subject} !{operator} {literal}")
