"""Executes Kibana rules and bare queries in Kibana's two query languages.

The term logic of a new-terms or threshold rule is not in its query: it comes from the rule file when
the text is one, else from the rule that is judged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from converter.elastic import ElasticRule, plan_of, read_rules
from converter.errors import InputError
from converter.ir import Filter, NewTerms, Plan, Predicate, Schedule, Schema, TermField, Truth
from converter.ir.show import conjuncts, fields_of, merged, show
from harness.events.event import Event

from .execution import Execution
from .job import Job, Step
from .plan import execute_plan
from .predicate import evaluate

Lower = Callable[[str, Schema], Predicate]
"""Parses and lowers a query text."""


def rule_in(text: str) -> ElasticRule | None:
    """Return the rule when the text is a Kibana rule file; None for a bare query."""
    if not text.lstrip().startswith(('{"', "{\n", "[\n", '[{"')):
        return None
    try:
        rules = read_rules(text, "rule.ndjson")
    except InputError as error:
        if "JSON is broken" in str(error):
            return None
        raise
    return rules[0]


def schedule_of(text: str) -> Schedule | None:
    """Return the schedule that the text itself declares."""
    rule = rule_in(text)
    return rule.schedule if rule else None


def execute(job: Job, language: str, lower: Lower) -> Execution:
    """Execute a rule file or a bare query."""
    return execute_plan(_plan(job, language, lower), job.dataset, job.runs)


def explain(job: Job, language: str, lower: Lower, event: Event) -> tuple[Step, ...]:
    """Say what each condition of the text makes of an event."""
    plan = _plan(job, language, lower)
    predicate = plan.predicate if isinstance(plan, Filter) else plan.base
    return steps_of(predicate, event)


def steps_of(predicate: Predicate, event: Event) -> tuple[Step, ...]:
    """Evaluate each condition that must hold on one event."""
    return tuple(
        Step(show(part), fields_of(part), truth_word(evaluate(part, event.document)))
        for part in merged(conjuncts(predicate))
    )


def truth_word(truth: Truth) -> str:
    """Write a truth value."""
    return "unknown" if truth is None else "true" if truth else "false"


def _plan(job: Job, language: str, lower: Lower) -> Plan:
    rule = rule_in(job.text)
    if rule is None:
        predicate = lower(job.text, job.schema)
        if job.counting is not None:
            return replace(job.counting, base=predicate)
        if job.history is None:
            return Filter(predicate)
        return NewTerms(predicate, tuple(map(TermField, job.terms)), job.history)
    if rule.language != language:
        raise InputError(f"the rule file is in {rule.language}; expected {language}")
    return plan_of(rule, lower(rule.query, job.schema))
