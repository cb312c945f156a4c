"""Turns a difference into the smallest event that shows it, with what each side made of it.

An event that shows the difference alone is preferred. Where none does, the event is shown together
with one earlier or later event of its term, or with those that a threshold counts with it, else as it
stands in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from converter.errors import ConversionError
from converter.ir import Correlation, NewTerms, Threshold
from converter.ir.correlation import show_measure
from converter.ir.plan import base_of

from .compare import Comparison, compare
from .engines.correlation import measure_of, memberships_of
from .engines.execution import Alert
from .engines.job import RefusedText, Step
from .engines.kibana import steps_of
from .engines.plan import execute_plan, matching_events, terms_of
from .engines.registry import Engine
from .engines.terms import distinct_values
from .errors import EngineError
from .events.event import Dataset, Document, Event
from .reference import Reference
from .shrink import shrink
from .subject import Subject, job_of, material_for
from .verdict import Counterexample, Finding

_ATTEMPTS = 150
_CANDIDATES = 8
"""How many differing alerts of each direction are tried alone."""


def counterexample(
    reference: Reference, subject: Subject, engine: Engine, comparison: Comparison
) -> Counterexample:
    """Choose the simplest differing alert and shrink its event as far as the difference lasts."""
    events = {event.id: event for event in reference.dataset.events}
    trials = [
        _Trial(reference, subject, engine, alert, events[min(alert.ids)], is_missed=is_missed)
        for alerts, is_missed in ((comparison.missed, True), (comparison.extra, False))
        for alert in sorted(alerts, key=lambda one: _size(one, events))[:_CANDIDATES]
        if alert.ids and min(alert.ids) in events
    ]
    for trial in trials:
        if trial.shows(trial.event.document):
            document = shrink(trial.event.document, trial.shows, _ATTEMPTS)
            return _example(trial, comparison, document, ())
    for trial in trials:
        if companions := _companions(trial):
            return _example(trial, comparison, trial.event.document, companions)
    if trials:
        return _example(trials[0], comparison, trials[0].event.document, ())
    return _without_event((comparison.missed or comparison.extra)[0], comparison)


def _size(alert: Alert, events: dict[str, Event]) -> tuple[int, str, str]:
    event = events.get(min(alert.ids, default=""))
    length = len(str(event.document)) if event else 1 << 30
    return (length, str(alert.run_end), repr(alert.term))


class _Trial:
    """Judges a few events alone, in the run of one differing alert."""

    def __init__(
        self,
        reference: Reference,
        subject: Subject,
        engine: Engine,
        alert: Alert,
        event: Event,
        *,
        is_missed: bool,
    ) -> None:
        self.reference = reference
        self.subject = subject
        self.engine = engine
        self.alert = alert
        self.event = event
        self.is_missed = is_missed
        self.runs = tuple(run for run in reference.runs if run.end == alert.run_end)

    def shows(self, document: Document) -> bool:
        """Say whether the event with this document alone makes the sides differ as they did."""
        return self.shows_with((replace(self.event, document=document),))

    def shows_with(self, events: Sequence[Event]) -> bool:
        """Say whether these events alone make the sides differ as they did."""
        dataset = Dataset(tuple(events), self.reference.dataset.schema)
        try:
            material = material_for(self.subject, dataset)
            target = self.engine.execute_job(job_of(self.subject, material, self.runs))
        except (ConversionError, EngineError, RefusedText):
            return False
        comparison = compare(execute_plan(self.reference.plan, material.dataset, self.runs), target)
        return bool(comparison.missed if self.is_missed else comparison.extra)


def _companions(trial: _Trial) -> tuple[Event, ...]:
    """Return other events that show the difference together with the event; none where none do."""
    plan = trial.reference.plan
    if isinstance(plan, NewTerms):
        return _other_of_term(trial, plan)
    if isinstance(plan, Threshold) and trial.runs:
        return _rest_of_group(trial, plan)
    if isinstance(plan, Correlation):
        return _spared(trial, _window_of(trial, plan, trial.reference.dataset.events))
    return ()


def _other_of_term(trial: _Trial, plan: NewTerms) -> tuple[Event, ...]:
    for other in trial.reference.dataset.events:
        if other.id == trial.event.id or trial.alert.term not in terms_of(
            plan.terms, other.document
        ):
            continue
        pair = sorted((trial.event, other), key=lambda event: (event.time, event.id))
        if trial.shows_with(pair):
            return (other,)
    return ()


def _rest_of_group(trial: _Trial, plan: Threshold) -> tuple[Event, ...]:
    """Return the events that were counted together, as few as show the difference."""
    (run,) = trial.runs
    group = [
        event
        for event in matching_events(plan.base, trial.reference.dataset)
        if run.start <= event.time <= run.end
        and trial.alert.term in terms_of(plan.terms, event.document)
    ]
    return _spared(trial, group)


def _window_of(trial: _Trial, plan: Correlation, events: Iterable[Event]) -> list[Event]:
    """Return the events of the alert's group in the window that ends at its instant."""
    end = trial.alert.time or trial.event.time
    return [
        event
        for event in events
        if end - plan.timespan <= event.time <= end
        and any(one.term == trial.alert.term for one in memberships_of(plan, event))
    ]


def _spared(trial: _Trial, group: list[Event]) -> tuple[Event, ...]:
    """Return the other events of a group, without those that the difference can spare."""
    if not trial.shows_with(group):
        return ()
    for event in group[:_ATTEMPTS]:
        fewer = [one for one in group if one.id != event.id]
        if event.id != trial.event.id and trial.shows_with(fewer):
            group = fewer
    return tuple(event for event in group if event.id != trial.event.id)


def _example(
    trial: _Trial, comparison: Comparison, document: Document, companions: tuple[Event, ...]
) -> Counterexample:
    shrunk = replace(trial.event, document=document)
    return Counterexample(
        event_id=trial.event.id,
        document=document,
        is_minimal=document is not trial.event.document or bool(companions),
        run_end=trial.alert.run_end,
        term=trial.alert.term,
        reference_alerts=trial.is_missed,
        missed=len(comparison.missed),
        extra=len(comparison.extra),
        companions=tuple((event.id, event.document) for event in companions),
        findings=tuple(_findings(trial, shrunk, companions)),
    )


def _without_event(alert: Alert, comparison: Comparison) -> Counterexample:
    """Describe an alert whose event the target did not name."""
    return Counterexample(
        event_id="none of the log",
        document={},
        is_minimal=False,
        run_end=alert.run_end,
        term=alert.term,
        reference_alerts=bool(comparison.missed),
        missed=len(comparison.missed),
        extra=len(comparison.extra),
    )


def _findings(trial: _Trial, event: Event, companions: tuple[Event, ...]) -> Iterable[Finding]:
    """Pair the conditions of both sides that read the same fields; then what decides newness."""
    plan = trial.reference.plan
    predicate = base_of(plan)
    theirs = [_in_shared_names(trial, step) for step in _target_steps(trial, event)]
    # The conditions of a correlation's rules stand inside its text, where nobody is asked for them.
    absent = "no such condition" if theirs and not isinstance(plan, Correlation) else ""
    for step in steps_of(predicate, event):
        partner = next((other for other in theirs if _pairs(step, other)), None)
        if partner:
            theirs.remove(partner)
        yield Finding(step.condition, step.outcome, partner.outcome if partner else absent)
    for step in theirs:
        yield Finding(step.condition, "", step.outcome)
    if isinstance(plan, NewTerms) and trial.runs:
        yield _newness(trial, plan, (event, *companions))
    if isinstance(plan, Threshold) and trial.runs:
        yield _reach(trial, plan, (event, *companions))
    if isinstance(plan, Correlation):
        yield _measure(trial, plan, (event, *companions))


def _reach(trial: _Trial, plan: Threshold, events: tuple[Event, ...]) -> Finding:
    """Say how many events of the term the run counts."""
    (run,) = trial.runs
    dataset = Dataset(events, trial.reference.dataset.schema)
    counted = [
        event
        for event in matching_events(plan.base, dataset)
        if run.start <= event.time <= run.end
        and event.visible <= run.end
        and trial.alert.term in terms_of(plan.terms, event.document)
    ]
    ours = f"{len(counted)} events"
    wanted = f"at least {plan.count}"
    if plan.distinct is not None:
        name, count = plan.distinct.field.field, plan.distinct.count
        wanted += f", with at least {count} values of {name}"
        values = {
            (type(value), value)
            for event in counted
            for value in distinct_values(plan.distinct.field, event.document)
        }
        ours += f", {len(values)} values"
    condition = f"{wanted}, from {run.start:%Y-%m-%d %H:%M:%S} to {run.end:%H:%M:%S}"
    return Finding(condition, ours, "does not alert" if trial.is_missed else "alerts")


def _measure(trial: _Trial, plan: Correlation, events: tuple[Event, ...]) -> Finding:
    """Say what the window of the alert measures."""
    end = trial.alert.time or trial.event.time
    counted = sorted(_window_of(trial, plan, events), key=lambda event: event.time)
    members = [
        one.member
        for event in counted
        for one in memberships_of(plan, event)
        if one.term == trial.alert.term
    ]
    wanted = f"{plan.condition.comparator.value} {plan.condition.number}"
    condition = f"{show_measure(plan.measure)} {wanted}, up to {end:%Y-%m-%d %H:%M:%S}"
    ours = f"{measure_of(plan, members):g}" if members else "none"
    return Finding(condition, ours, "does not alert" if trial.is_missed else "alerts")


def _newness(trial: _Trial, plan: NewTerms, events: tuple[Event, ...]) -> Finding:
    """Say when the term was first seen and where the window of the run starts."""
    (run,) = trial.runs
    window = f"first seen in {plan.history.days} days, after {run.start:%Y-%m-%d %H:%M:%S}"
    dataset = Dataset(events, trial.reference.dataset.schema)
    times = [
        event.time
        for event in matching_events(plan.base, dataset)
        if run.end - plan.history <= event.time <= run.end and event.visible <= run.end
    ]
    ours = f"{min(times):%Y-%m-%d %H:%M:%S}" if times else "never"
    return Finding(window, ours, "does not alert" if trial.is_missed else "alerts")


def _in_shared_names(trial: _Trial, step: Step) -> Step:
    """Call the fields of a step as the reference does."""
    shared = {name: ecs for ecs, name in trial.subject.names.items()}
    shared |= trial.subject.aliases
    return replace(step, fields=frozenset(shared.get(field, field) for field in step.fields))


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
