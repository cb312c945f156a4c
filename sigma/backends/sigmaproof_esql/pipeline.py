"""Pipelines of ES|QL: a filter, and the terms that are new in a run."""

from __future__ import annotations

from collections.abc import Iterable

from sigma.sigmaproof.new_terms import NewTermsSpec

from .literals import duration, field_name
from .pieces import (
    MAXIMUM_ROWS,
    all_present,
    comment,
    listed,
    primary_name,
    primary_time,
    source,
    where,
)

_FIRST = "first_seen"


def filter_query(title: str, indices: Iterable[str], condition: str) -> str:
    """Return the events that satisfy a condition, with what identifies them."""
    return "\n".join(
        [
            *comment(title),
            f"{source(indices)} METADATA _id, _index, _version",
            *where(condition.split("\n")),
            f"| LIMIT {MAXIMUM_ROWS}",
        ]
    )


def new_terms_query(
    title: str, indices: Iterable[str], condition: list[str], spec: NewTermsSpec
) -> str:
    """Return the terms that a run at NOW() sees for the first time, with the time of that."""
    terms = [field_name(name) for name in spec.fields]
    primary = primary_name(spec)
    return "\n".join(
        [
            *comment(title),
            *comment(
                f"New is what the last {duration(spec.history)} hold, but only their last "
                f"{duration(spec.lookback)}; run every {duration(spec.interval)}."
            ),
            source(indices),
            *primary_time(spec),
            *where([f"{primary} >= NOW() - {duration(spec.history)}", f"AND {primary} <= NOW()"]),
            *where(condition),
            *where(all_present(terms)),
            *(f"| MV_EXPAND {term}" for term in terms),
            *listed(f"| STATS {_FIRST} = MIN({primary}) BY", terms),
            # Strictly later: a term first seen at the window's start was seen by the run before.
            f"| WHERE {_FIRST} > NOW() - {duration(spec.lookback)}",
            *listed("| SORT", [_FIRST, *terms]),
            f"| LIMIT {MAXIMUM_ROWS}",
        ]
    )
