"""Pipelines of ES|QL: a filter, and the terms that are new in a run."""

from __future__ import annotations

from collections.abc import Iterable

from sigma.sigmaproof.elastic.layout import WIDTH
from sigma.sigmaproof.new_terms import NewTermsSpec
from sigma.sigmaproof.new_terms_section import DEFAULT_TIMESTAMP

from .literals import duration, field_name, index_pattern

MAXIMUM_ROWS = 10_000
"""Most rows that a query returns; without LIMIT it is a tenth of that."""
_INDENT = "    "
_PRIMARY = "primary_time"
_FIRST = "first_seen"


def filter_query(title: str, indices: Iterable[str], condition: str) -> str:
    """Return the events that satisfy a condition, with what identifies them."""
    return "\n".join(
        [
            *_comment(title),
            f"{_source(indices)} METADATA _id, _index, _version",
            *_where(condition.split("\n")),
            f"| LIMIT {MAXIMUM_ROWS}",
        ]
    )


def new_terms_query(
    title: str, indices: Iterable[str], condition: list[str], spec: NewTermsSpec
) -> str:
    """Return the terms that a run at NOW() sees for the first time, with the time of that."""
    terms = [field_name(name) for name in spec.fields]
    primary = field_name(spec.timestamp) if spec.timestamp == DEFAULT_TIMESTAMP else _PRIMARY
    return "\n".join(
        [
            *_comment(title),
            *_comment(
                f"New is what the last {duration(spec.history)} hold, but only their last "
                f"{duration(spec.lookback)}; run every {duration(spec.interval)}."
            ),
            _source(indices),
            *_primary_time(spec, primary),
            *_where([f"{primary} >= NOW() - {duration(spec.history)}", f"AND {primary} <= NOW()"]),
            *_where(condition),
            *_where(_all_present(terms)),
            *(f"| MV_EXPAND {term}" for term in terms),
            *_listed(f"| STATS {_FIRST} = MIN({primary}) BY", terms),
            # Strictly later: a term first seen at the window's start was seen by the run before.
            f"| WHERE {_FIRST} > NOW() - {duration(spec.lookback)}",
            *_listed("| SORT", [_FIRST, *terms]),
            f"| LIMIT {MAXIMUM_ROWS}",
        ]
    )


def _primary_time(spec: NewTermsSpec, primary: str) -> list[str]:
    """Name the primary time, unless it is @timestamp itself."""
    if spec.timestamp == DEFAULT_TIMESTAMP:
        return []
    timestamp = field_name(spec.timestamp)
    if not spec.timestamp_fallback:
        return [f"| EVAL {primary} = {timestamp}"]
    return [f"| EVAL {primary} = COALESCE({timestamp}, {DEFAULT_TIMESTAMP})"]


def _all_present(terms: list[str]) -> list[str]:
    """Drop events that lack a field of the term: they have no term."""
    first, *rest = [f"{term} IS NOT NULL" for term in terms]
    return [first, *(f"AND {condition}" for condition in rest)]


def _source(indices: Iterable[str]) -> str:
    return "FROM " + ", ".join(index_pattern(pattern) for pattern in indices)


def _where(lines: list[str]) -> list[str]:
    return ["| WHERE", *(_INDENT + line for line in lines)]


def _listed(start: str, names: list[str]) -> list[str]:
    """Write names behind a command, each on its line where one line is too short."""
    line = f"{start} {', '.join(names)}"
    if len(line) <= WIDTH:
        return [line]
    return [start, *(f"{_INDENT}{name}," for name in names[:-1]), f"{_INDENT}{names[-1]}"]


def _comment(text: str) -> list[str]:
    words = " ".join(text.split())
    return [f"// {words}"] if words else []
