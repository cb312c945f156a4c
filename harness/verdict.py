"""Verdicts: what the harness says about one target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from converter.diagnostic import Diagnostic

from .engines.execution import Term


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of an explanation: a condition or step, and what each side made of it."""

    condition: str
    reference: str
    target: str


@dataclass(frozen=True, slots=True)
class Counterexample:
    """The smallest event found that the two sides treat differently."""

    event_id: str
    document: Mapping[str, object]
    """The event, with the fields removed that do not matter for the difference."""
    is_minimal: bool
    """Whether the event shows the difference alone or with its companions."""
    run_end: datetime | None
    term: Term
    reference_alerts: bool
    """Whether Sigma alerts and the target does not; the other way round when false."""
    missed: int
    """Alerts of Sigma that the target lacks, over all runs."""
    extra: int
    """Alerts of the target that Sigma lacks, over all runs."""
    companions: tuple[tuple[str, Mapping[str, object]], ...] = ()
    """Ids and documents of other events that the difference needs."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Agrees:
    """Both sides alert on the same events, and on at least one."""


@dataclass(frozen=True, slots=True)
class Approximate:
    """The text says the rule as its language can: by words, or the empty text as no value."""

    missed: int
    """Alerts of Sigma that the target lacks, over all runs."""
    extra: int
    """Alerts of the target that Sigma lacks, over all runs."""


@dataclass(frozen=True, slots=True)
class NoEvidence:
    """No event made either side alert, so that nothing is known."""


@dataclass(frozen=True, slots=True)
class Differs:
    """The sides disagree."""

    counterexample: Counterexample


@dataclass(frozen=True, slots=True)
class Invalid:
    """The target's own parser, binder or verifier refuses the text."""

    reason: Diagnostic


@dataclass(frozen=True, slots=True)
class UnsupportedTarget:
    """The language or mapping cannot say it, or no engine here can execute it."""

    reason: Diagnostic


@dataclass(frozen=True, slots=True)
class Failed:
    """An engine or this program failed."""

    reason: Diagnostic


Verdict = Agrees | Approximate | NoEvidence | Differs | Invalid | UnsupportedTarget | Failed

WORDS: Mapping[type[Verdict], str] = {
    Agrees: "agrees",
    Approximate: "approximate",
    NoEvidence: "no_evidence",
    Differs: "differs",
    Invalid: "invalid",
    UnsupportedTarget: "unsupported",
    Failed: "failed",
}


def word(verdict: Verdict) -> str:
    """Return the verdict's name in reports."""
    return WORDS[type(verdict)]


@dataclass(frozen=True, slots=True)
class LossResult:
    """A condition, or a field of the terms, that a target's text leaves out at the user's wish."""

    text: str
    reason: str
    effect: str
    """What the rule is without it: wider or narrower, a claim that was executed."""
    gained: int
    """Events, or new terms, that only the rule without it has."""
    lost: int
    """Events, or new terms, that only the rule with it has."""


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What one target got."""

    target: str
    verdict: Verdict
    events: int
    """Events compared."""
    alerts: int
    """Distinct (term, event) pairs of the target; matching events for a filter rule."""
    runs: int = 0
    total_runs: int = 0
    not_representable: int = 0
    is_by_hand: bool = False
    """The text was given by the user, not rendered."""
    is_base_only: bool = False
    """Only the base rule was compared, as the backend cannot render the correlation."""
    text: str = ""
    """The text that was judged."""
    losses: tuple[LossResult, ...] = ()
    """What the text leaves out."""
    choices: tuple[str, ...] = ()
    """What the user chose for fields that the platform does not have."""
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def is_partial(self) -> bool:
        """Say whether the text is one for a part of the rule, or rests on a choice of the user."""
        return bool(self.losses or self.choices)


class Status(Enum):
    """What became of the source rule's meaning on the way to Sigma."""

    LOSSLESS = "lossless"
    APPROXIMATE = "approximate"
    WIDENED = "widened"
    NARROWED = "narrowed"
    PARTIAL = "partial"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule got: two verdicts, source against Sigma and Sigma against each target."""

    path: str
    id: str
    title: str
    type: str
    status: Status
    diagnostics: tuple[Diagnostic, ...]
    targets: tuple[TargetResult, ...]
    events_made: int = 0
    """How many of the events were made from the rule itself."""
    sources: tuple[str, ...] = ()
    """The integrations that an Elastic rule names; the product of a Sigma rule."""


@dataclass(frozen=True, slots=True)
class Report:
    """The results of one verification and the events it ran on."""

    rules: tuple[RuleResult, ...]
    logs: tuple[str, ...]

    def count(self, verdict: type[Verdict]) -> int:
        """Count the targets with a verdict over all rules."""
        return sum(isinstance(t.verdict, verdict) for rule in self.rules for t in rule.targets)
