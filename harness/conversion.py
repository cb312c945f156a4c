"""The first of the two verdicts: the source rule against its Sigma form, by execution."""

from __future__ import annotations

from collections.abc import Iterable

from converter.diagnostic import Diagnostic, Severity
from converter.ir import (
    And,
    AnyField,
    Atom,
    IsTrue,
    Nested,
    Not,
    Or,
    Plan,
    Predicate,
    Words,
)
from converter.ir.plan import base_of
from converter.port import PortableRule

from .compare import Comparison, compare
from .engines.plan import execute_plan
from .generate import dataset_for
from .reference import Reference, reference_on
from .verdict import Status

DIFFERS = "conversion-differs"
"""Code of a difference that the user did not ask for."""
_MADE_RUNS = 500
_STATUS_BY_CODE = {
    "analysed-text": Status.APPROXIMATE,
    "case-widened": Status.WIDENED,
    "field-wildcard-narrows": Status.NARROWED,
    "field-wildcard-widens": Status.WIDENED,
    "lower-case-narrows": Status.NARROWED,
    "lower-case-widens": Status.WIDENED,
    "nested-widened": Status.WIDENED,
}


def conversion_status(
    rule: PortableRule, reference: Reference
) -> tuple[Status, tuple[Diagnostic, ...]]:
    """Return what became of the source rule, and the alerts that show it.

    A difference that the importer announced (`--case insensitive`) stands even where no event of the
    log shows it.
    """
    announced = announced_status(rule.diagnostics)
    if rule.source_plan is None:
        return Status.LOSSLESS, ()
    source = execute_plan(rule.source_plan, reference.dataset, reference.runs)
    comparison = compare(source, reference.execution)
    if comparison.is_equal and not source.alerts:
        # A log without alerts shows nothing; events made from both sides do.
        comparison = _on_made_events(rule, rule.source_plan)
    if not comparison.is_equal:
        # A wider base rule can lose alerts too, as it knows more terms; the difference says so.
        status = announced or _status(comparison)
        return status, (_difference(comparison, "conversion-widened" if announced else DIFFERS),)
    if reads_analysed_text(rule.source_plan):
        return Status.APPROXIMATE, ()
    return announced or Status.LOSSLESS, ()


def announced_status(diagnostics: Iterable[Diagnostic]) -> Status | None:
    """Return what an importer said of the difference, if it said something."""
    found = {_STATUS_BY_CODE[one.code] for one in diagnostics if one.code in _STATUS_BY_CODE}
    if Status.APPROXIMATE in found:
        return Status.APPROXIMATE
    if len(found) > 1:
        return Status.PARTIAL
    return next(iter(found), None)


def _on_made_events(rule: PortableRule, source: Plan) -> Comparison:
    other = base_of(source)
    made = dataset_for(rule.plan, rule.schedule, rule.schema, (other,))
    reference = reference_on(rule.plan, made, rule.schedule, _MADE_RUNS)
    return compare(execute_plan(source, made, reference.runs), reference.execution)


def reads_analysed_text(plan: Plan) -> bool:
    """Say whether a plan tests words of analysed text, which an evaluator can only approximate."""
    return _has_words(base_of(plan))


def _has_words(predicate: Predicate) -> bool:
    match predicate:
        case Atom(test=Words()) | AnyField(test=Words()):
            return True
        case And(operands) | Or(operands):
            return any(_has_words(operand) for operand in operands)
        case Not(operand) | IsTrue(operand) | Nested(operand=operand):
            return _has_words(operand)
        case _:
            return False


def _status(comparison: Comparison) -> Status:
    if comparison.missed and comparison.extra:
        return Status.PARTIAL
    return Status.NARROWED if comparison.missed else Status.WIDENED


def _difference(comparison: Comparison, code: str) -> Diagnostic:
    example = (comparison.missed or comparison.extra)[0]
    side = "only the source rule" if comparison.missed else "only the Sigma rule"
    return Diagnostic(
        code,
        Severity.WARNING,
        f"the Sigma rule misses {len(comparison.missed)} alerts of the source rule and adds"
        f" {len(comparison.extra)}; {side} alerts on event {min(example.ids, default='?')}",
    )
