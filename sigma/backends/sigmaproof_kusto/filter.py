"""A rule without correlation: the rows that satisfy its condition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .keywords import Note
from .layout import IN_UNION, wrapped
from .named_values import condition_lines, value_names
from .narrowing import bounded
from .outputs import Output, Wanted, computed, context_outputs
from .schedule import ScheduledRun
from .search import TableSearch, assignment, identity_names, union_of


def filter_lines(
    found: Sequence[TableSearch],
    wanted: Wanted,
    scheduled: ScheduledRun | None,
    note: Note,
) -> list[str]:
    """Write the query; several tables are projected to time, identity and what is wanted."""
    tables = [search.table for search in found]
    taken = frozenset((tables[0].time, *identity_names(tables[0].id)))
    is_shown = len(found) > 1 or wanted.is_deployed
    outputs = context_outputs(wanted, tables, taken, note) if is_shown else []
    pipelines = [
        _pipeline(place, search, outputs, len(found) > 1, scheduled)
        for place, search in enumerate(found)
    ]
    return [*_lets(scheduled), *union_of(pipelines)]


def _lets(scheduled: ScheduledRun | None) -> list[str]:
    return [] if scheduled is None else scheduled.lets("window", "period")


def _pipeline(
    place: int,
    search: TableSearch,
    outputs: Sequence[Output],
    is_projected: bool,
    scheduled: ScheduledRun | None,
) -> list[str]:
    table = search.table
    bounds: list[str] = []
    if scheduled is not None:
        bounds = [f"{table.time} >= ago(period)", "ingestion_time() > ago(window)"]
    search = replace(search, condition=bounded(search.condition, bounds))
    lines = [table.name, *(f"| where {bound}" for bound in bounds), *condition_lines(search)]
    if is_projected:
        shown = [table.time, *([table.id] if table.id else [])]
        for output in outputs:
            expression = output.expression(place)
            if expression is not None:
                shown.append(assignment(output.name, expression))
        lines.extend(wrapped("| project ", shown, width=IN_UNION))
    else:
        lines.extend(computed(outputs, place, table.extended))
        if names := value_names(search):
            lines.append(f"| project-away {', '.join(names)}")
    return lines
