"""What is judged: a text with the engine and the view of the events that it is executed on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from converter.diagnostic import Diagnostic
from converter.ir import Schema

from .engines.job import Job
from .events.event import Dataset
from .events.rows import Rows
from .schedule.window import Run


@dataclass(frozen=True, slots=True)
class Subject:
    """A text that claims to detect what a rule detects."""

    target: str
    text: str
    language: str
    terms: tuple[str, ...]
    """The term's fields or columns as this text names them; empty for a filter."""
    history: timedelta | None
    schema: Schema
    rows: Callable[[Dataset], tuple[Rows, ...]] | None = None
    """Builds the tables that the text reads; None for a text on documents."""
    is_base_only: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()


def job_of(subject: Subject, dataset: Dataset, runs: tuple[Run, ...]) -> Job:
    """Return the execution of a subject's text on events."""
    return Job(
        text=subject.text,
        dataset=dataset,
        runs=runs,
        terms=subject.terms,
        history=subject.history,
        schema=subject.schema,
        tables=subject.rows(dataset) if subject.rows else (),
    )


def representable(subject: Subject, dataset: Dataset) -> tuple[Dataset, dict[str, str]]:
    """Return the events that the subject's tables can hold, and the others with the reason."""
    if subject.rows is None:
        return dataset, {}
    reasons: dict[str, str] = {}
    for rows in subject.rows(dataset):
        reasons.update(rows.not_representable)
    kept = tuple(event for event in dataset.events if event.id not in reasons)
    return Dataset(kept, dataset.schema), reasons
