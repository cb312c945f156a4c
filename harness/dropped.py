"""Checks by execution what is claimed of conditions that were left out: wider, or narrower.

A claim is about the events that match: one that is wider matches all that the rule before it matches,
one that is narrower matches nothing else. Without a field of the terms, on events that have the field,
no combination may be new that was not new with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from converter.dropping import Dropped, Effect, Loss
from converter.ir import NewTerms, Plan
from converter.ir.plan import base_of

from .compare import Key
from .engines.execution import Alert
from .engines.plan import execute_plan, matching_events
from .events.event import Dataset, Event, values_of
from .reference import Reference
from .verdict import (
    Agrees,
    Approximate,
    Counterexample,
    Differs,
    Finding,
    LossResult,
    NoEvidence,
    TargetResult,
)


@dataclass(frozen=True, slots=True)
class _Measured:
    """What a loss does on events."""

    result: LossResult
    wrong: Counterexample | None
    """What contradicts the claim."""


def with_losses(result: TargetResult, dropped: Dropped, reference: Reference) -> TargetResult:
    """Add what was left out and what that does on the events; a claim that is not so is a difference."""
    before = dropped.whole.plan
    measured = []
    for loss, after in zip(dropped.losses, dropped.steps, strict=True):
        measured.append(_measured(loss, before, after, reference))
        before = after
    result = replace(result, losses=tuple(one.result for one in measured))
    wrong = next((one.wrong for one in measured if one.wrong), None)
    if wrong is None or not isinstance(result.verdict, Agrees | Approximate | NoEvidence):
        return result
    return replace(result, verdict=Differs(wrong))


def _measured(loss: Loss, before: Plan, after: Plan, reference: Reference) -> _Measured:
    if loss.is_term:
        return _of_terms(loss, before, after, reference)
    old = _matching(before, reference.dataset)
    new = _matching(after, reference.dataset)
    gained, lost = sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys())
    result = _result(loss, len(gained), len(lost))
    wrong = lost if loss.effect is Effect.WIDER else gained
    if not wrong:
        return _Measured(result, None)
    found = new.get(wrong[0]) or old[wrong[0]]
    example = _example(loss, found.id, found.document, is_lost=bool(lost), result=result)
    return _Measured(result, example)


def _matching(plan: Plan, dataset: Dataset) -> Mapping[str, Event]:
    return {event.id: event for event in matching_events(base_of(plan), dataset)}


def _of_terms(loss: Loss, before: Plan, after: Plan, reference: Reference) -> _Measured:
    if not isinstance(before, NewTerms) or not isinstance(after, NewTerms):
        raise TypeError("only new terms lose a field")
    kept = [term.field for term in after.terms]
    gone = [term.field for term in before.terms if term.field not in kept]
    events = tuple(
        event
        for event in reference.dataset.events
        if all(values_of(event.document, name) for name in gone)
    )
    dataset = replace(reference.dataset, events=events)
    places = [place for place, term in enumerate(before.terms) if term.field in kept]
    old = {_key(alert, places) for alert in execute_plan(before, dataset, reference.runs).alerts}
    found = execute_plan(after, dataset, reference.runs).alerts
    new = {_key(alert, range(len(kept))): alert for alert in found}
    wrong = [alert for key, alert in new.items() if key not in old]
    result = _result(loss, len(wrong), len(old - new.keys()))
    if not wrong:
        return _Measured(result, None)
    event = next(one for one in events if one.id in wrong[0].ids)
    return _Measured(result, _example(loss, event.id, event.document, is_lost=False, result=result))


def _key(alert: Alert, places: Sequence[int]) -> Key:
    term = tuple((type(alert.term[place]).__name__, alert.term[place]) for place in places)
    return (alert.run_end, term, alert.time)


def _result(loss: Loss, gained: int, lost: int) -> LossResult:
    return LossResult(loss.text, loss.reasons, loss.effect.value, gained, lost)


def _example(
    loss: Loss, event_id: str, document: Mapping[str, object], *, is_lost: bool, result: LossResult
) -> Counterexample:
    """Say which event contradicts the claim: one that only the rule before matches, or only the one after."""
    finding = Finding(
        f"without {loss.text} the rule is {loss.effect.value}",
        "matches" if is_lost else "does not match",
        "does not match" if is_lost else "matches",
    )
    return Counterexample(
        event_id=event_id,
        document=document,
        is_minimal=False,
        run_end=None,
        term=(),
        reference_alerts=is_lost,
        missed=result.lost,
        extra=result.gained,
        findings=(finding,),
    )
