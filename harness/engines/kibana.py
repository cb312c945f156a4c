"""Executes Kibana rules and bare queries in Kibana's two query languages.

The term logic of a new-terms or threshold rule is not in its query: it comes from the rule file when
the text is one, else from the rule that is judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from converter.diagnostic import Diagnostic, Severity
from converter.elastic import ElasticRule, plan_of, read_rules
from converter.errors import InputError
from converter.ir import (
    Filter,
    NewTerms,
    Plan,
    Predicate,
    Schedule,
    Schema,
    TermField,
    Threshold,
    Truth,
)
from converter.ir.plan import base_of
from converter.ir.show import conjuncts, fields_of, merged, show
from harness.events.dataset import retimed
from harness.events.event import Event

from .execution import Execution
from .job import Job, Step
from .plan import execute_plan
from .predicate import evaluate

_TOML = re.compile(r"(?:\s|#.*\n)*\[(?:metadata|rule)\]")
DEFAULT_MAX_SIGNALS = 100

Lower = Callable[[str, Schema], Predicate]
"""Parses and lowers a query text."""


def rule_in(text: str) -> ElasticRule | None:
    """Return the rule when the text is a Kibana rule file; None for a bare query."""
    if _TOML.match(text):
        return read_rules(text, "rule.toml")[0]
    if not text.lstrip().startswith(('{"', "{\n", "[\n", '[{"')):
        return None
    try:
        rules = read_rules(text, "rule.ndjson")
    except InputError as error:
        if "JSON is broken" in str(error):
            return None
        raise
    return rules[0]


def schedule_of(text: str, own: Schedule) -> Schedule | None:
    """Return the schedule that a rule file declares, on the clock of the rule that is judged."""
    rule = rule_in(text)
    if rule is None:
        return None
    return replace(own, interval=rule.schedule.interval, lookback=rule.schedule.lookback)


def execute(job: Job, language: str, lower: Lower) -> Execution:
    """Execute a rule file, on the time field that it names, or a bare query."""
    rule = rule_in(job.text)
    dataset = retimed(job.dataset, rule.schedule) if rule and job.runs else job.dataset
    execution = execute_plan(_plan(job, language, lower), dataset, job.runs)
    return replace(execution, diagnostics=tuple(_remarks(rule))) if rule else execution


def _remarks(rule: ElasticRule) -> Iterator[Diagnostic]:
    """Say what of a rule file takes no part in the verdict."""
    if rule.header.max_signals != DEFAULT_MAX_SIGNALS:
        message = f"at most {rule.header.max_signals} alerts a run; the verdict counts all"
        yield Diagnostic("max-signals", Severity.WARNING, message)
    indices = ", ".join(rule.index)
    yield Diagnostic("index-not-judged", Severity.NOTE, f"the events are taken to be in {indices}")


def explain(job: Job, language: str, lower: Lower, event: Event) -> tuple[Step, ...]:
    """Say what each condition of the text makes of an event."""
    plan = _plan(job, language, lower)
    predicate = base_of(plan)
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
        return NewTerms(predicate, _terms(job), job.history)
    if rule.language != language:
        raise InputError(f"the rule file is in {rule.language}; expected {language}")
    return _in_order(plan_of(rule, lower(rule.query, job.schema), job.schema), job.terms)


def _in_order(plan: Plan, terms: tuple[str, ...]) -> Plan:
    """Put the fields of a term into the order that the sides share; it means nothing."""
    match plan:
        case NewTerms() | Threshold():
            fields = {field.field: field for field in plan.terms}
            if sorted(fields) != sorted(terms):
                return plan
            return replace(plan, terms=tuple(fields[name] for name in terms))
        case _:
            return plan


def _terms(job: Job) -> tuple[TermField, ...]:
    schema = job.schema
    return tuple(TermField(schema.path_of(name), schema.term_view(name)) for name in job.terms)
