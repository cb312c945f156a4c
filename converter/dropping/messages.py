"""What people read of conditions that were left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from converter.ir import NewTerms, Plan

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
        known = isinstance(plan, NewTerms) and loss.effect is Effect.WIDER
        yield CLAUSE_DROPPED, message + (_KNOWN_EARLIER if known else "")
