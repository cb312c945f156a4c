"""Executes EQL event queries and Kibana rule files in EQL.

What Elasticsearch runs as a script is computed for each event first and added to it as a boolean field.
"""

from __future__ import annotations

from dataclasses import replace

from converter.errors import InputError, Unsupported
from converter.ir import Filter
from converter.languages.eql import Lowered, lower_with_scripts, parse
from harness.engines import kibana
from harness.engines.execution import Execution
from harness.engines.job import Job, Step
from harness.engines.kibana import schedule_of
from harness.engines.plan import execute_plan
from harness.events.event import Event

from .computing import with_computed_fields

__all__ = ["execute_job", "explain", "schedule_of"]


def execute_job(job: Job) -> Execution:
    """Execute the text."""
    lowered = _lowered(job)
    events = tuple(
        with_computed_fields(event, lowered.computed, job.schema) for event in job.dataset.events
    )
    dataset = replace(job.dataset, events=events)
    return execute_plan(Filter(lowered.predicate), dataset, job.runs)


def explain(job: Job, event: Event) -> tuple[Step, ...]:
    """Say what each condition of the text makes of an event."""
    lowered = _lowered(job)
    return kibana.steps_of(
        lowered.predicate, with_computed_fields(event, lowered.computed, job.schema)
    )


def _lowered(job: Job) -> Lowered:
    if job.history is not None:
        raise Unsupported(
            "new terms in EQL", hint="EQL has no first-seen; execute the rule in another language"
        )
    rule = kibana.rule_in(job.text)
    if rule is not None:
        raise InputError(f"the rule file is in {rule.language}; expected an EQL query")
    return lower_with_scripts(parse(job.text), job.schema)
