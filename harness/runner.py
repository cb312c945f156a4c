"""Verifies rules: source against Sigma, then Sigma against the text of each target.

Yields what it does as it goes, so that whoever drives it can draw progress; the last item of a rule is
its result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from converter.diagnostic import Diagnostic, Severity
from converter.errors import Unsupported
from converter.ir import Filter, NewTerms
from converter.port import PortableRule

from .conversion import conversion_status
from .errors import UsageError
from .events.dataset import load_dataset
from .events.log import SkippedLines
from .foreign import FOREIGN, foreign_subject
from .judge import judge, unsupported
from .reference import Reference, reference_on
from .subjects import Claim, subject_of
from .verdict import (
    Differs,
    Failed,
    Invalid,
    NoEvidence,
    Report,
    RuleResult,
    Status,
    TargetResult,
    UnsupportedTarget,
)


@dataclass(frozen=True, slots=True)
class Options:
    """How to verify."""

    run_limit: int = 5000
    """About how many runs of a schedule are executed."""
    allow_empty: bool = False
    """No alert on either side counts as agreement."""
    skip_bad_lines: bool = False
    foreign_fields: str = ""
    """Field names of foreign backends: sigma, ecs or a table; empty to choose by language."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What is being done."""

    rule: str
    step: str
    number: int
    total: int


def verify(
    rules: Sequence[PortableRule], claims: Sequence[Claim], logs: Sequence[str], options: Options
) -> Iterator[Progress | RuleResult]:
    """Verify each rule's claims on the logs, in order."""
    total = len(rules) * len(claims)
    for number, rule in enumerate(rules):
        yield Progress(rule.title, "reading the logs", number * len(claims), total)
        skipped = SkippedLines() if options.skip_bad_lines else None
        dataset = load_dataset(logs, rule.schedule, rule.schema, skipped)
        if not dataset.events:
            raise UsageError(f"{', '.join(logs)}: no event can be used; give a log with events")
        results: list[TargetResult] = []
        reference = reference_on(rule.plan, dataset, rule.schedule, options.run_limit)
        for place, claim in enumerate(claims):
            yield Progress(rule.title, claim.target, number * len(claims) + place, total)
            results.append(_judge(rule, claim, reference, options))
        yield _result(rule, reference, results, _skipped(skipped))


def exit_code(report: Report, named: Iterable[str]) -> int:
    """Return 3 if an engine failed, 1 if something does not agree, else 0.

    A target that is unsupported counts only if the user named it.
    """
    chosen = frozenset(named)
    codes = {0}
    for rule in report.rules:
        if rule.status in (Status.NARROWED, Status.PARTIAL, Status.REFUSED):
            codes.add(1)
        for target in rule.targets:
            is_named = target.target in chosen or target.is_by_hand
            match target.verdict:
                case Failed():
                    codes.add(3)
                case Differs() | Invalid() | NoEvidence():
                    codes.add(1)
                case UnsupportedTarget() if is_named:
                    codes.add(1)
                case _:
                    pass
    return max(codes)


def _judge(
    rule: PortableRule, claim: Claim, reference: Reference, options: Options
) -> TargetResult:
    try:
        if claim.target.startswith(FOREIGN):
            subject = foreign_subject(rule, claim.target, options.foreign_fields)
        else:
            subject = subject_of(rule, claim)
    except Unsupported as error:
        return TargetResult(claim.target, UnsupportedTarget(unsupported(error)), 0, 0)
    if subject.is_base_only:
        reference = _base_reference(rule, reference)
    return judge(reference, subject, allow_empty=options.allow_empty)


def _base_reference(rule: PortableRule, reference: Reference) -> Reference:
    plan = Filter(rule.plan.base) if isinstance(rule.plan, NewTerms) else rule.plan
    return reference_on(plan, reference.dataset, reference.schedule, 0)


def _result(
    rule: PortableRule,
    reference: Reference,
    results: list[TargetResult],
    remarks: tuple[Diagnostic, ...],
) -> RuleResult:
    status, differences = conversion_status(rule, reference)
    return RuleResult(
        path=rule.path,
        id=rule.id,
        title=rule.title,
        type=rule.type,
        status=status,
        diagnostics=(*rule.diagnostics, *differences, *remarks),
        targets=tuple(results),
    )


def _skipped(skipped: SkippedLines | None) -> tuple[Diagnostic, ...]:
    if skipped is None or not skipped.count:
        return ()
    message = f"{skipped.count} lines of the logs were left out, such as {skipped.examples[0]}"
    return (Diagnostic("bad-lines-skipped", Severity.WARNING, message),)
