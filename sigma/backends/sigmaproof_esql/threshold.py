"""Pipelines of ES|QL that count the events of each group in a run's window.

Every event has one row for each of its groups before the rows are counted. A query keeps nothing from run
to run: events that an alert of an earlier run has counted count again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sigma.sigmaproof.elastic.fields import Field, Kind
from sigma.sigmaproof.threshold import ThresholdSpec

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

_EVENTS = "event_count"
_VALUES = "value_count"
_COUNTED = "counted_values"
_KEEPS_EQUAL_VALUES = frozenset(
    {Kind.UNKNOWN, Kind.WHOLE_NUMBER, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE}
)
"""Kinds of fields whose arrays may hold a value twice; keywords and addresses are stored without."""


def threshold_query(
    title: str,
    indices: Iterable[str],
    condition: list[str],
    spec: ThresholdSpec,
    fields: Sequence[Field],
) -> str:
    """Return the groups that reach the counts in the window of a run at NOW()."""
    terms = [field_name(name) for name in spec.fields]
    primary = primary_name(spec)
    return "\n".join(
        [
            *comment(title),
            *comment(
                f"Counts what the last {duration(spec.window)} hold; run every"
                f" {duration(spec.interval)}."
            ),
            source(indices),
            *primary_time(spec),
            *where([f"{primary} >= NOW() - {duration(spec.window)}", f"AND {primary} <= NOW()"]),
            *where(condition),
            *(where(all_present(terms)) if terms else []),
            *_expanded(spec, fields),
            *_counts(spec, terms),
            *where(_reached(spec)),
            *(listed("| SORT", terms) if terms else []),
            f"| LIMIT {MAXIMUM_ROWS}",
        ]
    )


def _expanded(spec: ThresholdSpec, fields: Sequence[Field]) -> list[str]:
    """Make one row for each combination of the different values of the group's fields."""
    lines: list[str] = []
    if spec.distinct is not None and spec.distinct.field in spec.fields:
        # All values of an event count, not only the one that its row is left with.
        lines.append(f"| EVAL {_COUNTED} = {field_name(spec.distinct.field)}")
    for field in fields:
        name = field_name(field.name)
        if field.is_single:
            continue
        if field.kind in _KEEPS_EQUAL_VALUES:
            lines.append(f"| EVAL {name} = MV_DEDUPE({name})")
        lines.append(f"| MV_EXPAND {name}")
    return lines


def _counts(spec: ThresholdSpec, terms: list[str]) -> list[str]:
    counts = f"{_EVENTS} = COUNT(*)"
    if spec.distinct is not None:
        is_expanded = spec.distinct.field in spec.fields
        counted = _COUNTED if is_expanded else field_name(spec.distinct.field)
        counts += f", {_VALUES} = COUNT_DISTINCT({counted})"
    return listed(f"| STATS {counts} BY", terms) if terms else [f"| STATS {counts}"]


def _reached(spec: ThresholdSpec) -> list[str]:
    lines = [f"{_EVENTS} >= {spec.count}"]
    if spec.distinct is not None:
        lines.append(f"AND {_VALUES} >= {spec.distinct.count}")
    return lines
