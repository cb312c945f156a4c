"""Finds what a person must know about the meaning of Sigma rules."""

from __future__ import annotations

from collections.abc import Iterator

from sigma.collection import SigmaCollection
from sigma.rule import SigmaRule
from sigma.types import (
    SigmaCasedString,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaType,
)

from converter.diagnostic import Diagnostic, Severity
from sigma.sigmaproof.loader import LoadedRules

from .items import items_of, plain_values

NON_ASCII_CASE = "non-ascii-case"


def diagnostics_of(rules: SigmaCollection | LoadedRules) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of every rule, in order and once each."""
    collection = rules.collection if isinstance(rules, LoadedRules) else rules
    notes = [
        Diagnostic(code, Severity.NOTE, message)
        for code, message in (rules.notes if isinstance(rules, LoadedRules) else ())
    ]
    found = [
        diagnostic
        for rule in collection.rules
        if isinstance(rule, SigmaRule)
        for diagnostic in _non_ascii_case(rule)
    ]
    return tuple(dict.fromkeys(notes + found))


def _non_ascii_case(rule: SigmaRule) -> Iterator[Diagnostic]:
    """Yield a warning for each pattern whose letters do not all fold alike everywhere (SIGMA-4)."""
    for item in items_of(rule):
        for value in plain_values(item.value):
            pattern = _folded_pattern(value)
            if pattern is None or not any(map(_is_foreign_letter, pattern)):
                continue
            where = f"field {item.field}" if item.field else "a keyword"
            yield Diagnostic(
                NON_ASCII_CASE,
                Severity.WARNING,
                f"{where} of rule {rule.title!r}: {pattern!r} has letters beyond A-Z, which compare"
                " exactly here; a platform that folds them matches more",
                hint="add the modifier cased, or list both spellings",
            )


def _folded_pattern(value: SigmaType) -> str | None:
    """Return the text of a pattern that compares without regard to case."""
    if isinstance(value, SigmaString) and not isinstance(value, SigmaCasedString):
        return value.to_plain()
    if (
        isinstance(value, SigmaRegularExpression)
        and SigmaRegularExpressionFlag.IGNORECASE in value.flags
    ):
        return value.regexp.to_plain_regex()
    return None


def _is_foreign_letter(character: str) -> bool:
    return not character.isascii() and character.lower() != character.upper()
