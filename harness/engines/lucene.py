"""Executes lucene texts and Kibana rule files in lucene."""

from __future__ import annotations

from converter.ir import Predicate, Schema
from converter.languages.lucene import lower, parse
from harness.events.event import Event

from . import kibana
from .execution import Execution
from .job import Job, Step
from .kibana import schedule_of

__all__ = ["execute_job", "explain", "schedule_of"]


def execute_job(job: Job) -> Execution:
    """Execute the text."""
    return kibana.execute(job, "lucene", _predicate)


def explain(job: Job, event: Event) -> tuple[Step, ...]:
    """Say what each condition of the text makes of an event."""
    return kibana.explain(job, "lucene", _predicate, event)


def _predicate(text: str, schema: Schema) -> Predicate:
    return lower(parse(text), schema)
