"""What people read of conditions that were left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from converter.ir import Correlation, NewTerms, Plan

from .pruned import Effect, Loss

CLAUSE_DROPPED = "clause-dropped"
"""Code of a condition that was left out."""
TERM_DROPPED = "term-dropped"
"""Code of a field of the terms that was left out."""

_CONSEQUENCE = {
    Effect.WIDER: "wider: events match that this excludes",
    Effect.NARROWER: "narrower: events do not match that only this lets in",
}
_FEWER_TERMS = "narrower: combinations that differ in it only are one, so that fewer are new; events without it count"
_OTHER_WINDOWS = ", and windows with other events may no longer satisfy the condition, so that alerts differ both ways"
_KNOWN_EARLIER = ", and terms can be known earlier, so that alerts are missed, too"


def notes_of(losses: Iterable[Loss], plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield code and message of each loss of a rule that means this."""
    for loss in losses:
        if loss.is_term:
            yield (
                TERM_DROPPED,
                f"left out {loss.text}: {loss.reasons}. The result is {_FEWER_TERMS}",
            )
            continue
        message = f"left out {loss.text}: {loss.reasons}. The result is {_CONSEQUENCE[loss.effect]}"
        yield CLAUSE_DROPPED, message + _beyond_events(loss, plan)


def _beyond_events(loss: Loss, plan: Plan) -> str:
    """Say where other events mean other alerts than those on them."""
    match plan:
        case NewTerms() if loss.effect is Effect.WIDER:
            return _KNOWN_EARLIER
        case Correlation(is_growing=False):
            return _OTHER_WINDOWS
        case _:
            return ""
