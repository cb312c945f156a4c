"""Judges one text against the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from converter.diagnostic import Diagnostic, Severity
from converter.elastic.date_math import show_length
from converter.errors import ConversionError, Unsupported
from converter.ir import Correlation, Schedule, Threshold

from .by_words import compared_by_words
from .compare import Key, compare, pairs
from .counterexample import counterexample
from .empty_text import with_empty_as_missing
from .engines.execution import Execution
from .engines.job import RefusedText
from .engines.plan import execute_plan
from .engines.registry import Engine, engine_for
from .errors import EngineError
from .folded_letters import with_letters_folded
from .reference import Reference, rescheduled_by, restricted
from .subject import Subject, job_of, material_for
from .term_values import by_type_of_field
from .verdict import (
    Agrees,
    Approximate,
    Differs,
    Failed,
    Invalid,
    NoEvidence,
    TargetResult,
    UnsupportedTarget,
    Verdict,
)

_EVENTS_NOT_COMPARED = Diagnostic(
    "events-not-compared",
    Severity.WARNING,
    "the result has neither the event nor its time, so that only terms were compared",
    hint="let the query return the time at which the term was first seen",
)


def judge(reference: Reference, subject: Subject, *, allow_empty: bool = False) -> TargetResult:
    """Execute the subject's text on the events its tables can hold and compare run by run.

    A text that declares a schedule of its own is compared under that; what the change of schedule
    gains or loses is a diagnostic.
    """
    engine = engine_for(subject.language)
    if engine is None:
        reason = f"nothing here executes {subject.language}, so that its text cannot be judged"
        return _result(reference, subject, UnsupportedTarget(_error("no-engine", reason)))
    if subject.counts_again:
        counting_again, remark = _counting_again(reference)
        subject = replace(subject, diagnostics=(*subject.diagnostics, remark))
        reference = counting_again
    try:
        declared = engine.schedule_of(subject.text, reference.schedule)
        if declared and _runs_otherwise(reference, declared):
            rescheduled = rescheduled_by(reference, declared)
            remark = _schedule_change(reference, rescheduled)
            subject = replace(subject, diagnostics=(*subject.diagnostics, remark))
            reference = rescheduled
        material = material_for(subject, reference.dataset)
        fitting = restricted(reference, material.dataset)
        execution = engine.execute_job(job_of(subject, material, fitting.runs))
        execution = by_type_of_field(execution, fitting.plan, subject.schema)
        verdict = _verdict(fitting, subject, engine, execution, allow_empty)
    except RefusedText as error:
        return _result(reference, subject, Invalid(error.diagnostic))
    except Unsupported as error:
        return _result(reference, subject, UnsupportedTarget(unsupported(error)))
    except ConversionError as error:
        return _result(reference, subject, Invalid(_error("invalid-text", str(error))))
    except EngineError as error:
        return _result(reference, subject, Failed(_error("engine-failed", str(error))))
    return _result(fitting, subject, verdict, execution, material.reasons)


def _runs_otherwise(reference: Reference, declared: Schedule) -> bool:
    """Say whether a rule file's schedule gives the rule other runs; a filter has none."""
    if isinstance(reference.plan, Correlation):
        return True
    return bool(reference.runs) and declared != reference.schedule


def _counting_again(reference: Reference) -> tuple[Reference, Diagnostic]:
    """Return the reference of a text that keeps nothing from run to run, and what that changes."""
    plan = reference.plan
    if not isinstance(plan, Threshold):
        raise TypeError(f"a {type(plan).__name__} counts nothing")
    again = replace(plan, counts_once=False)
    execution = execute_plan(again, reference.dataset, reference.runs)
    before, after = len(reference.execution.alerts), len(execution.alerts)
    message = (
        "a query keeps nothing from run to run, so that events of an earlier alert count again: it is"
        f" compared with the rule as if it did so too, which alerts {after} times on these events; the"
        f" rule itself does {before} times"
    )
    remark = Diagnostic("threshold-counts-again", Severity.WARNING, message)
    return replace(reference, plan=again, execution=execution), remark


def _schedule_change(old: Reference, new: Reference) -> Diagnostic:
    """Say which (term, event) pairs another schedule gains or loses."""
    before, after = pairs(old.execution), pairs(new.execution)
    lost, gained = sorted(before - after, key=repr), sorted(after - before, key=repr)
    message = (
        f"this file runs every {show_length(new.schedule.interval)} over"
        f" {show_length(new.schedule.lookback)} instead of {_own_runs(old)}: {len(lost)} alerts lost,"
        f" {len(gained)} gained on these events"
    )
    examples = [
        f"{kind} {_shown(one)}"
        for kind, some in (("lost", lost), ("gained", gained))
        for one in some[:2]
    ]
    severity = Severity.WARNING if lost or gained else Severity.NOTE
    return Diagnostic("schedule-changed", severity, message, hint="; ".join(examples))


def _own_runs(reference: Reference) -> str:
    if isinstance(reference.plan, Correlation):
        return "without runs, whenever events arrive"
    schedule = reference.schedule
    return f"every {show_length(schedule.interval)} over {show_length(schedule.lookback)}"


def _shown(pair: Key) -> str:
    """Write the term and time of a pair."""
    term, time = pair if len(pair) == 2 else (pair, "")
    values = ", ".join(str(value) for _, value in term) if isinstance(term, tuple) else str(term)
    return f"({values}) at {time}"


def unsupported(error: Unsupported, code: str = "unsupported") -> Diagnostic:
    """Return the diagnostic of a refusal."""
    return Diagnostic(code, Severity.ERROR, error.construct, error.span, error.hint)


def _error(code: str, message: str) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, message)


def _verdict(
    reference: Reference,
    subject: Subject,
    engine: Engine,
    execution: Execution,
    allow_empty: bool,
) -> Verdict:
    asked = _asked(reference, subject)
    comparison = compare(asked.execution, execution)
    if not comparison.is_equal:
        return Differs(counterexample(asked, subject, engine, comparison))
    if not execution.alerts and not allow_empty:
        return NoEvidence()
    if asked is not reference:
        difference = compare(reference.execution, execution)
        return Approximate(len(difference.missed), len(difference.extra))
    return Agrees()


def _asked(reference: Reference, subject: Subject) -> Reference:
    """Return the reference as the text's language can say it, where it cannot say all."""
    if subject.compares_words:
        return compared_by_words(reference, subject.schema)
    if subject.folds_every_letter:
        reference = with_letters_folded(reference)
    if subject.takes_empty_for_missing and subject.tables is not None:
        return with_empty_as_missing(reference, subject.tables.layouts)
    return reference


def _result(
    reference: Reference,
    subject: Subject,
    verdict: Verdict,
    execution: Execution | None = None,
    reasons: Mapping[str, str] | None = None,
) -> TargetResult:
    diagnostics = (*subject.diagnostics, *(execution.diagnostics if execution else ()))
    if execution and any(alert.run_end and alert.time is None for alert in execution.alerts):
        diagnostics = (*diagnostics, _EVENTS_NOT_COMPARED)
    return TargetResult(
        target=subject.target,
        verdict=verdict,
        events=len(reference.dataset.events) if execution else 0,
        alerts=len(pairs(execution)) if execution else 0,
        runs=len(reference.runs) if execution else 0,
        total_runs=reference.total_runs if execution else 0,
        not_representable=len(reasons or {}),
        is_by_hand=subject.is_by_hand,
        is_base_only=subject.is_base_only,
        text=subject.text,
        diagnostics=(*diagnostics, *_not_representable(reasons or {})),
    )


def _not_representable(reasons: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """Summarise why events were left out on both sides, one diagnostic a reason."""
    by_reason: dict[str, list[str]] = {}
    for event_id, reason in sorted(reasons.items()):
        by_reason.setdefault(reason.partition(": ")[0], []).append(event_id)
    return tuple(
        Diagnostic(
            "not-representable",
            Severity.NOTE,
            f"{len(ids)} events left out on both sides, such as {ids[0]}: {reason}",
        )
        for reason, ids in sorted(by_reason.items())
    )
