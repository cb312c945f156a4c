"""Turns a difference into the smallest event that shows it, with what each side made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from converter.errors import ConversionError
from converter.ir import Filter

from .compare import Comparison, compare
from .engines.execution import Alert
from .engines.job import RefusedText, Step
from .engines.kibana import steps_of
from .engines.plan import execute_plan
from .engines.registry import Engine
from .errors import EngineError
from .events.event import Dataset, Document, Event
from .reference import Reference
from .shrink import shrink
from .subject import Subject, job_of, material_for
from .verdict import Counterexample, Finding

_ATTEMPTS = 120


def counterexample(
    reference: Reference, subject: Subject, engine: Engine, comparison: Comparison
) -> Counterexample:
    """Choose the simplest differing alert and shrink its event as far as the difference lasts."""
    missed, extra = comparison.missed, comparison.extra
    events = {event.id: event for event in reference.dataset.events}
    alert = min(missed or extra, key=lambda one: _size(one, events))
    event = events.get(min(alert.ids, default=""))
    if event is None:
        return _without_event(alert, bool(missed), comparison)
    trial = _Trial(reference, subject, engine, alert, is_missed=bool(missed))
    is_minimal = trial.shows(event.document, event)
    document = event.document
    if is_minimal:
        document = shrink(document, lambda smaller: trial.shows(smaller, event), _ATTEMPTS)
    return Counterexample(
        event_id=event.id,
        document=document,
        is_minimal=is_minimal,
        run_end=alert.run_end,
        term=alert.term,
        reference_alerts=bool(missed),
        missed=len(missed),
        extra=len(extra),
        findings=tuple(_findings(trial, replace(event, document=document))),
    )


def _size(alert: Alert, events: dict[str, Event]) -> tuple[int, str, str]:
    event = events.get(min(alert.ids, default=""))
    length = len(str(event.document)) if event else 1 << 30
    return (length, str(alert.run_end), repr(alert.term))


def _without_event(alert: Alert, is_missed: bool, comparison: Comparison) -> Counterexample:
    return Counterexample(
        event_id="none of the log",
        document={},
        is_minimal=False,
        run_end=alert.run_end,
        term=alert.term,
        reference_alerts=is_missed,
        missed=len(comparison.missed),
        extra=len(comparison.extra),
    )


class _Trial:
    """Judges one event alone, in the run of the differing alert."""

    def __init__(
        self,
        reference: Reference,
        subject: Subject,
        engine: Engine,
        alert: Alert,
        *,
        is_missed: bool,
    ) -> None:
        self.reference = reference
        self.subject = subject
        self.engine = engine
        self.is_missed = is_missed
        self.runs = tuple(run for run in reference.runs if run.end == alert.run_end)

    def shows(self, document: Document, event: Event) -> bool:
        """Say whether the document alone makes the sides differ in the same direction."""
        dataset = Dataset((replace(event, document=document),), self.reference.dataset.schema)
        try:
            material = material_for(self.subject, dataset)
            target = self.engine.execute_job(job_of(self.subject, material, self.runs))
        except (ConversionError, EngineError, RefusedText):
            return False
        comparison = compare(execute_plan(self.reference.plan, material.dataset, self.runs), target)
        return bool(comparison.missed if self.is_missed else comparison.extra)


def _findings(trial: _Trial, event: Event) -> Iterable[Finding]:
    """Pair the conditions of both sides that read the same fields."""
    plan = trial.reference.plan
    predicate = plan.predicate if isinstance(plan, Filter) else plan.base
    ours = list(steps_of(predicate, event))
    theirs = list(_target_steps(trial, event))
    for step in ours:
        partner = next((other for other in theirs if _pairs(step, other)), None)
        if partner:
            theirs.remove(partner)
            yield Finding(step.condition, step.outcome, partner.outcome)
        else:
            yield Finding(step.condition, step.outcome, "no such condition" if theirs else "")
    for step in theirs:
        yield Finding(step.condition, "", step.outcome)


def _pairs(step: Step, other: Step) -> bool:
    return bool(step.fields) and step.fields == other.fields


def _target_steps(trial: _Trial, event: Event) -> tuple[Step, ...]:
    dataset = Dataset((event,), trial.reference.dataset.schema)
    try:
        material = material_for(trial.subject, dataset)
        job = job_of(trial.subject, material, trial.runs)
        return trial.engine.explain(job, job.dataset.events[0]) if job.dataset.events else ()
    except (ConversionError, EngineError, RefusedText):
        return ()
