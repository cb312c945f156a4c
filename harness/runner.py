"""Verifies rules: source against Sigma, then Sigma against the text of each target.

Yields what it does as it goes, so that whoever drives it can draw progress; the last item of a rule is
its result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from converter.diagnostic import Diagnostic, Severity
from converter.errors import Unsupported
from converter.ir import Filter, Predicate
from converter.ir.plan import base_of, fields_read
from converter.mapping import document_layout, table_layouts
from converter.placement import PlacedRule, placed
from converter.port import PortableRule
from converter.registry import target_named
from sigma.sigmaproof.pack_pipelines import LOOKED_UP

from .conversion import DIFFERS, conversion_status
from .dropped import with_losses
from .errors import UsageError
from .events.dataset import load_dataset
from .events.event import Dataset
from .events.log import SkippedLines
from .events.looked_up import groups_of, with_addresses
from .foreign import FOREIGN, foreign_subject
from .generate import MADE, dataset_for
from .generate.placement import placements_in
from .judge import judge, unsupported
from .progress import Progress
from .recorded_logs import with_reason
from .reference import Reference, reference_on
from .rule_errors import RuleError
from .subjects import Claim, subject_of_placed
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
    second_opinion: bool = False
    """Ask a second engine where there is one."""
    foreign_fields: str = ""
    """Field names of foreign backends: sigma, ecs or a table; empty to choose by language."""
    makes_events: bool = False
    """Events made from the rule are added to the logs; without logs they are made in any case."""
    keeps_going: bool = False
    """A rule that no events can be judged on is refused in the report instead of ending everything."""


_MADE_RUNS = 500
"""About how many runs events made from a rule are worth: their borders and alerts are all among them."""


def verify(
    rules: Sequence[PortableRule | RuleResult],
    claims: Sequence[Claim],
    logs: Sequence[str],
    options: Options,
) -> Iterator[Progress | RuleResult]:
    """Verify each rule's claims on the logs, or on events made from it, in order.

    Results, such as those of rules that could not be read, are passed on.
    """
    total = len(rules) * len(claims)
    for number, rule in enumerate(rules):
        if isinstance(rule, RuleResult):
            yield rule
            continue
        done = number * len(claims)
        try:
            for step in _verify_rule(rule, claims, logs, options):
                if isinstance(step, Progress):
                    step = replace(step, number=done + step.number, total=total)
                yield step
        except Unsupported as error:
            if not options.keeps_going:
                raise RuleError(rule.path, error) from error
            yield refused(rule, unsupported(error))


def _verify_rule(
    rule: PortableRule, claims: Sequence[Claim], logs: Sequence[str], options: Options
) -> Iterator[Progress | RuleResult]:
    yield Progress(rule.title, "reading the logs" if logs else "making events", 0, len(claims))
    skipped = SkippedLines() if options.skip_bad_lines else None
    dataset, made = _dataset(rule, logs, options, skipped)
    limit = options.run_limit if logs else min(options.run_limit, _MADE_RUNS)
    reference = reference_on(rule.plan, dataset, rule.schedule, limit)
    results: list[TargetResult] = []
    for place, claim in enumerate(claims):
        yield Progress(rule.title, claim.target, place, len(claims))
        try:
            there = _placed(rule, claim)
        except Unsupported as error:
            results.append(_unsupported(claim, error))
            continue
        on_platform = reference
        if there.rule.plan is not rule.plan:
            # Another pack, or a part of the rule, is read on other events.
            events, _ = _dataset(there.rule, logs, options, None, _left_out(there))
            on_platform = reference_on(there.rule.plan, events, rule.schedule, limit)
        on_platform = _looked_up(there, claim, on_platform, limit)
        result = _judge(there, claim, on_platform, options)
        if there.dropped:
            result = with_losses(result, there.dropped, on_platform)
        result = with_reason(result, there.rule, on_platform.dataset)
        results.append(replace(result, choices=_choices(result)))
    yield replace(_result(rule, reference, results, _skipped(skipped)), events_made=made)


def _dataset(
    rule: PortableRule,
    logs: Sequence[str],
    options: Options,
    skipped: SkippedLines | None,
    others: Sequence[Predicate] = (),
) -> tuple[Dataset, int]:
    """Return the events to judge on, and how many of them were made."""
    read = Dataset((), rule.schema)
    if logs:
        layout = next(filter(None, map(document_layout, rule.every_pack)), None)
        read = load_dataset(logs, rule.schedule, rule.schema, skipped, layout)
        if not read.events:
            raise UsageError(f"{', '.join(logs)}: no event can be used; give a log with events")
        if not options.makes_events:
            return read, 0
    extra = [base_of(rule.source_plan)] if rule.source_plan else []
    extra += others
    layouts = [layout for pack in rule.every_pack for layout in table_layouts(pack)]
    placements = placements_in(layouts, fields_read(rule.plan))
    made = dataset_for(rule.plan, rule.schedule, rule.schema, extra, placements, layouts)
    events = sorted((*read.events, *made.events), key=lambda event: (event.time, event.id))
    return Dataset(tuple(events), rule.schema), len(made.events)


def refused(rule: PortableRule, reason: Diagnostic) -> RuleResult:
    """Return the result of a rule that nothing can be said about."""
    diagnostics = (reason, *rule.diagnostics)
    return RuleResult(
        rule.path,
        rule.id,
        rule.title,
        rule.type,
        Status.REFUSED,
        diagnostics,
        (),
        sources=rule.sources,
    )


def exit_code(report: Report, named: Iterable[str]) -> int:
    """Return 3 if an engine failed, 1 if something does not agree, else 0.

    A target that is unsupported counts only if the user named it.
    """
    chosen = frozenset(named)
    codes = {0}
    for rule in report.rules:
        if rule.status in (Status.NARROWED, Status.PARTIAL, Status.REFUSED) or any(
            diagnostic.code == DIFFERS for diagnostic in rule.diagnostics
        ):
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


def _placed(rule: PortableRule, claim: Claim) -> PlacedRule:
    """Return the rule as the claim's platform has it; foreign backends take it as it is."""
    if claim.target.startswith(FOREIGN):
        return PlacedRule(rule)
    return placed(rule, target_named(claim.target))


def _looked_up(there: PlacedRule, claim: Claim, reference: Reference, limit: int) -> Reference:
    """Give events that were made the addresses by which the claim's text looks values up."""
    packs = () if claim.target.startswith(FOREIGN) else there.rule.every_pack
    if not packs:
        return reference
    is_on_tables = target_named(claim.target).platform
    layouts = [one for pack in packs if is_on_tables for one in table_layouts(pack)]
    groups = groups_of(layouts, fields_read(there.rule.plan))
    if not groups:
        return reference
    made = frozenset(e.id for e in reference.dataset.events if e.id.startswith(MADE))
    dataset = with_addresses(layouts, groups, reference.dataset, made)
    return reference_on(reference.plan, dataset, reference.schedule, limit)


def _choices(result: TargetResult) -> tuple[str, ...]:
    return tuple(one.message for one in result.diagnostics if one.code == LOOKED_UP)


def _unsupported(claim: Claim, error: Unsupported) -> TargetResult:
    return TargetResult(claim.target, UnsupportedTarget(unsupported(error)), 0, 0)


def _left_out(there: PlacedRule) -> tuple[Predicate, ...]:
    """Return what the rule was with all conditions, so that events are made of those, too."""
    return (base_of(there.dropped.whole.plan),) if there.dropped else ()


def _judge(there: PlacedRule, claim: Claim, reference: Reference, options: Options) -> TargetResult:
    rule = there.rule
    try:
        if claim.target.startswith(FOREIGN):
            subject = foreign_subject(rule, claim.target, options.foreign_fields)
        else:
            subject = subject_of_placed(there, claim)
    except Unsupported as error:
        return _unsupported(claim, error)
    if subject.is_base_only:
        reference = _base_reference(rule, reference)
    subject = replace(subject, wants_second_opinion=options.second_opinion)
    return judge(reference, subject, allow_empty=options.allow_empty)


def _base_reference(rule: PortableRule, reference: Reference) -> Reference:
    plan = Filter(base_of(rule.plan))
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
        sources=rule.sources,
    )


def _skipped(skipped: SkippedLines | None) -> tuple[Diagnostic, ...]:
    if skipped is None or not skipped.count:
        return ()
    message = f"{skipped.count} lines of the logs were left out, such as {skipped.examples[0]}"
    return (Diagnostic("bad-lines-skipped", Severity.WARNING, message),)
