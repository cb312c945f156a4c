"""Finds what a person must know about the meaning of Sigma rules."""

from __future__ import annotations

from collections.abc import Iterator

from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule
from sigma.types import (
    SigmaCasedString,
    SigmaRegularExpression,
    SigmaString,
    SigmaType,
)

from converter.diagnostic import Diagnostic, Severity
from sigma.sigmaproof.loader import LoadedRules
from sigma.sigmaproof.new_terms_section import duration_text
from sigma.sigmaproof.threshold import threshold_of

from .items import items_of, plain_values
from .regex import pattern_and_flags

NON_ASCII_CASE = "non-ascii-case"
THRESHOLD_RUNS = "threshold-runs"
SEVERAL_SOURCES = "several-log-sources"


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
    counts = [
        diagnostic
        for rule in collection.rules
        if isinstance(rule, SigmaCorrelationRule)
        for diagnostic in _threshold_runs(rule)
    ]
    sources = [
        diagnostic
        for rule in collection.rules
        if isinstance(rule, SigmaCorrelationRule)
        for diagnostic in _several_sources(rule)
    ]
    return tuple(dict.fromkeys(notes + found + counts + sources))


def _several_sources(rule: SigmaCorrelationRule) -> Iterator[Diagnostic]:
    """Yield what it means that the rules of a correlation are of several log sources."""
    bases = [one.rule for one in rule.referenced_rules if isinstance(one.rule, SigmaRule)]
    names = dict.fromkeys(_source_name(base) for base in bases)
    if len(names) > 1:
        yield Diagnostic(
            SEVERAL_SOURCES,
            Severity.WARNING,
            f"the rules of {rule.title!r} are of several log sources ({'; '.join(names)}), and no mapping"
            " pack covers them together: fields keep the names that they have in the rules, and nothing"
            " says which events are of which source",
            hint="name the fields as in ECS, and let each rule say which events it means",
        )


def _source_name(rule: SigmaRule) -> str:
    source = rule.logsource
    parts = {"product": source.product, "service": source.service, "category": source.category}
    return ", ".join(f"{key} {value}" for key, value in parts.items() if value)


def _threshold_runs(rule: SigmaCorrelationRule) -> Iterator[Diagnostic]:
    """Yield what a count in runs means to tools that let it slide (SIGMA-14, SIGMA-18)."""
    spec = threshold_of(rule)
    if spec is not None:
        yield Diagnostic(
            THRESHOLD_RUNS,
            Severity.NOTE,
            f"rule {rule.title!r} counts every {duration_text(spec.interval)} over the last"
            f" {duration_text(spec.window)}, and an event that an alert has counted no more; a tool that"
            " does not read sigmaproof.threshold slides the window over the events, and then alerts"
            " wherever this rule does, and on more",
        )


def _non_ascii_case(rule: SigmaRule) -> Iterator[Diagnostic]:
    """Yield a warning for each field whose patterns do not fold alike everywhere (SIGMA-4)."""
    patterns: dict[str | None, list[str]] = {}
    for item in items_of(rule):
        for value in plain_values(item.value):
            pattern = _folded_pattern(value)
            if pattern is not None and any(map(_is_foreign_letter, pattern)):
                patterns.setdefault(item.field, []).append(pattern)
    for field, found in patterns.items():
        where = f"field {field}" if field else "a keyword"
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        yield Diagnostic(
            NON_ASCII_CASE,
            Severity.WARNING,
            f"{where} of rule {rule.title!r}: letters beyond A-Z in {found[0]!r}{more} compare"
            " exactly here; a platform that folds them matches more",
            hint="add the modifier cased, or list both spellings",
        )


def _folded_pattern(value: SigmaType) -> str | None:
    """Return the text of a pattern that compares without regard to case."""
    if isinstance(value, SigmaString) and not isinstance(value, SigmaCasedString):
        return value.to_plain()
    if isinstance(value, SigmaRegularExpression):
        pattern, flags = pattern_and_flags(value)
        return pattern if "i" in flags else None
    return None


def _is_foreign_letter(character: str) -> bool:
    return not character.isascii() and character.lower() != character.upper()
