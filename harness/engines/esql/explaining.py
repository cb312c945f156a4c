"""Says what the conditions of a query make of one event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from converter.languages.esql import parse
from harness.engines.job import RefusedText, Step
from harness.events.event import Dataset, Event
from harness.events.time import microseconds

from .commands import compile_query
from .compiled import Context, Row
from .source import EventSource
from .steps import Expand, Extend, Filter

_OUTCOMES = {True: "true", False: "false", None: "unknown"}


def explain_event(text: str, dataset: Dataset, event: Event, now: datetime) -> tuple[Step, ...]:
    """Evaluate every filter up to the first step that sees more than one row.

    Behind MV_EXPAND a filter has one outcome for each row of the event. Raises RefusedText.
    """
    context = Context(text)
    source = EventSource(dataset)
    compiled = compile_query(context, parse(text), source, wants_rows=False)
    if context.problems:
        raise RefusedText(context.problems[0])
    context.clock.now = microseconds(now)
    number = next(n for n, one in enumerate(source.events) if one.id == event.id)
    rows: list[Row] = [row for row in source.rows(compiled.loaded) if row[0] == number]
    explained: list[Step] = []
    for step in compiled.steps:
        match step:
            case Filter():
                explained.append(Step(step.text, step.fields, _outcome(step, rows)))
            case Extend() | Expand():
                rows = step.run(rows)
            case _:
                break
    return tuple(explained)


def _outcome(step: Filter, rows: Sequence[Row]) -> str:
    outcomes = (step.condition(row) for row in rows)
    return ", ".join(_OUTCOMES.get(one if isinstance(one, bool) else None, "") for one in outcomes)
