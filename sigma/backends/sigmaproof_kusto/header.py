"""The comment above a query: which rule it is, where it comes from, on what terms, and what is not as in it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule

Rule = SigmaRule | SigmaCorrelationRule

_WIDTH = 100
_ELASTIC = "elastic"
"""Section of a rule that was imported from Elastic."""


def header_lines(rule: Rule, notes: Iterable[tuple[str, str]]) -> list[str]:
    """Write title, identity, source, author, licence and losses as comment lines."""
    lines = _wrapped(rule.title or "untitled rule", "", "  ")
    facts = [(name, text) for name, text in _facts(rule) if text]
    for name, text in facts:
        label = f"{name}:".ljust(_label_width(facts))
        lines += _wrapped(text, f"  {label} ", " " * (_label_width(facts) + 3))
    remarks = [f"{code}: {message}" for code, message in notes]
    if remarks:
        lines += ["//", "// Assumed, or not as in the rule:"]
    for remark in remarks:
        lines += _wrapped(remark, "- ", "  ")
    return lines


def _facts(rule: Rule) -> Iterator[tuple[str, str]]:
    yield "rule", str(rule.id) if rule.id is not None else ""
    yield "source", _source(rule)
    yield "author", rule.author or ""
    yield "licence", rule.license or ""


def _source(rule: Rule) -> str:
    """Say what kind of rule it was, its file where that is known, and its dates; empty without any of it."""
    is_elastic = _ELASTIC in rule.custom_attributes
    parts = ["detection rule of Elastic Security" if is_elastic else "Sigma rule"]
    if rule.source is not None:
        parts.append(f"file {rule.source.path.name}")
    if rule.date is not None:
        parts.append(f"of {rule.date}")
    if rule.modified is not None:
        parts.append(f"changed {rule.modified}")
    return ", ".join(parts) if is_elastic or len(parts) > 1 else ""


def _label_width(facts: list[tuple[str, str]]) -> int:
    return max((len(name) + 1 for name, _ in facts), default=0)


def _wrapped(text: str, first: str, later: str) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=f"// {first}",
        subsequent_indent=f"// {later}",
        break_long_words=False,
        break_on_hyphens=False,
    )
