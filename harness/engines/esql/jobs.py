"""The engine as the harness calls it: bare texts, and Kibana rule files in ES|QL."""

from __future__ import annotations

from dataclasses import replace

from converter.ir import Schedule
from harness.engines.execution import Execution
from harness.engines.job import Job, Step
from harness.events.dataset import retimed
from harness.events.event import Dataset, Event

from .execution import execute
from .explaining import explain_event
from .rule_file import rule_in


def execute_job(job: Job) -> Execution:
    """Execute a bare query, or the query of a rule file over the window that the file asks for."""
    rule = rule_in(job.text)
    dataset = Dataset(job.dataset.events, job.schema)
    if rule is None:
        return execute(job.text, dataset, job.runs, job.terms)
    timed = retimed(dataset, rule.schedule)
    return execute(rule.query, timed, job.runs, job.terms, rule.schedule.lookback)


def explain(job: Job, event: Event) -> tuple[Step, ...]:
    """Say what each condition in front of the first grouping makes of an event."""
    rule = rule_in(job.text)
    others = (one for one in job.dataset.events if one.id != event.id)
    dataset = Dataset((*others, event), job.schema)
    # Conditions on the clock are explained at the first run that sees the event.
    ends = [run.end for run in job.runs if run.end >= event.visible]
    text = job.text if rule is None else rule.query
    return explain_event(text, dataset, event, min(ends, default=event.visible))


def schedule_of(text: str, own: Schedule) -> Schedule | None:
    """Return the schedule that a rule file asks for; None for a bare query.

    The window of a run is in the query; `from` only bounds what the query reads.
    """
    rule = rule_in(text)
    return None if rule is None else replace(own, interval=rule.schedule.interval)
