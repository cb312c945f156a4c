"""Lines that pipelines have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sigma.sigmaproof.elastic.layout import WIDTH
from sigma.sigmaproof.new_terms import NewTermsSpec
from sigma.sigmaproof.new_terms_section import DEFAULT_TIMESTAMP
from sigma.sigmaproof.threshold import ThresholdSpec

from .literals import field_name, index_pattern

MAXIMUM_ROWS = 10_000
"""Most rows that a query returns; without LIMIT it is a tenth of that."""
_INDENT = "    "
_PRIMARY = "primary_time"


def primary_name(spec: NewTermsSpec | ThresholdSpec) -> str:
    """Return the column of the primary time."""
    return field_name(spec.timestamp) if spec.timestamp == DEFAULT_TIMESTAMP else _PRIMARY


def primary_time(spec: NewTermsSpec | ThresholdSpec) -> list[str]:
    """Name the primary time, unless it is @timestamp itself."""
    if spec.timestamp == DEFAULT_TIMESTAMP:
        return []
    timestamp = field_name(spec.timestamp)
    if not spec.timestamp_fallback:
        return [f"| EVAL {_PRIMARY} = {timestamp}"]
    return [f"| EVAL {_PRIMARY} = COALESCE({timestamp}, {DEFAULT_TIMESTAMP})"]


def all_present(terms: Sequence[str]) -> list[str]:
    """Drop events that lack a field of the term: they have no term."""
    first, *rest = [f"{term} IS NOT NULL" for term in terms]
    return [first, *(f"AND {condition}" for condition in rest)]


def source(indices: Iterable[str]) -> str:
    """Read the indices."""
    return "FROM " + ", ".join(index_pattern(pattern) for pattern in indices)


def where(lines: list[str]) -> list[str]:
    """Keep what satisfies the lines of a condition."""
    return ["| WHERE", *(_INDENT + line for line in lines)]


def listed(start: str, names: list[str]) -> list[str]:
    """Write names behind a command, each on its line where one line is too short."""
    line = f"{start} {', '.join(names)}"
    if len(line) <= WIDTH:
        return [line]
    return [start, *(f"{_INDENT}{name}," for name in names[:-1]), f"{_INDENT}{names[-1]}"]


def comment(text: str) -> list[str]:
    """Write a comment; nothing for no words."""
    words = " ".join(text.split())
    return [f"// {words}"] if words else []
