"""What the plans of many events share: base events, their terms, and the runs that see them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import product

from converter.ir import Predicate, TermField, Value
from harness.events.event import Dataset, Document, Event, values_of
from harness.schedule.window import Run

from .execution import Alert, Term
from .predicate import evaluate
from .view import read

TermKey = tuple[tuple[type, Value], ...]


def matching_events(predicate: Predicate, dataset: Dataset) -> list[Event]:
    """Return the events for which the predicate is true, in their order."""
    return [event for event in dataset.events if evaluate(predicate, event.document) is True]


def terms_of(fields: Sequence[TermField], document: Document) -> list[Term]:
    """Return the cross product of the fields' distinct values; empty when a field has none."""
    return list(product(*(distinct_values(field, document) for field in fields)))


def distinct_values(field: TermField, document: Document) -> list[Value]:
    """Return the different values of a field, in order."""
    readings = (read(field.view, value) for value in values_of(document, field.field))
    # 1, "1" and true are different terms, though Python holds 1 and True for equal.
    return list({(type(value), value): value for value in readings if value is not None}.values())


def term_key(term: Term) -> TermKey:
    """Return what tells a term from every other."""
    return tuple((type(value), value) for value in term)


def touched(times: Sequence[datetime], runs: Sequence[Run]) -> Iterable[Run]:
    """Yield the runs whose window holds a time; `times` and `runs` are in order."""
    following = 0
    for time in times:
        first = max(following, bisect_left(runs, time, key=lambda run: run.end))
        following = max(first, bisect_right(runs, time, key=lambda run: run.start))
        yield from runs[first:following]


def sort_key(alert: Alert) -> tuple[str, str, str, list[str]]:
    """Order alerts by run, term, time and event."""
    return (str(alert.run_end), repr(alert.term), str(alert.time), sorted(alert.ids))
