"""The comment above a query: which rule it is, on what terms, and what is not as in the rule."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule

_WIDTH = 100


def header_lines(
    rule: SigmaRule | SigmaCorrelationRule, notes: Iterable[tuple[str, str]]
) -> list[str]:
    """Write title, identity, licence and losses as comment lines."""
    lines = _wrapped(rule.title or "untitled rule")
    facts = [f"rule: {rule.id}"] if rule.id is not None else []
    facts += [f"author: {rule.author}"] if rule.author else []
    facts += [f"licence: {rule.license}"] if rule.license else []
    for fact in facts:
        lines += _wrapped(fact)
    for code, message in notes:
        lines += _wrapped(f"{code}: {message}")
    return lines


def _wrapped(text: str) -> list[str]:
    flat = " ".join(text.split())
    return textwrap.wrap(
        flat,
        _WIDTH,
        initial_indent="// ",
        subsequent_indent="//   ",
        break_long_words=False,
        break_on_hyphens=False,
    )
