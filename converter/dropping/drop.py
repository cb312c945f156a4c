"""Takes the conditions without a counterpart in a target's tables out of a rule.

A rule of which no condition would be left is refused, as is one that groups or counts by a field without
a counterpart; only a field of new terms can go, where others remain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import yaml
from sigma.rule import SigmaDetectionItem, SigmaRule

from converter.errors import Unsupported
from converter.importers.yaml_text import yaml_text
from converter.ir import NewTerms, Plan
from converter.port import PortableRule, with_documents
from converter.target import Target
from sigma.backends.sigmaproof_kusto.unmapped import why_field_is_unmapped, why_item_is_unmapped
from sigma.sigmaproof.loader import load_documents
from sigma.sigmaproof.pack_pipelines import VALUES, fields_of
from sigma.sigmaproof.tables import TABLES, Table

from .detections import Document, Reason, without_comparisons
from .pruned import Clause, Effect, Gone, Loss

_NOT_A_RULE = ("action", "filter")


@dataclass(frozen=True, slots=True)
class Dropped:
    """A rule without some of its conditions."""

    whole: PortableRule
    rule: PortableRule
    losses: tuple[Loss, ...]
    steps: tuple[Plan, ...]
    """The rule's meaning after each loss, in order; the last is that of `rule`."""


def drop_unmapped(rule: PortableRule, target: Target) -> Dropped | None:
    """Take out what has no counterpart in the tables of the target; None where everything has one.

    Raises `Unsupported` where too little of the rule would be left.
    """
    loaded = load_documents(rule.documents, rule.path).collection.rules
    tables = _tables(rule, target, [one for one in loaded if isinstance(one, SigmaRule)])
    documents = [one for one in yaml.safe_load_all(rule.documents) if isinstance(one, dict)]

    def reason(_place: int, item: SigmaDetectionItem) -> str:
        return why_item_is_unmapped(item, tables)

    losses, _ = _pruned(documents, reason)
    grouped_by = [
        name for one in loaded if not isinstance(one, SigmaRule) for name in fields_of(one)
    ]
    terms = _term_losses(rule, grouped_by, tables)
    if not losses and not terms:
        return None
    if any(key in document for document in documents for key in _NOT_A_RULE):
        raise Unsupported(
            "conditions cannot be taken out of a file with actions or filters",
            hint="write the rule as one document",
        )
    steps = [
        *_steps(rule, documents, losses, reason),
        *_term_steps(rule, documents, losses, terms, reason),
    ]
    return Dropped(rule, steps[-1], (*losses, *terms), tuple(step.plan for step in steps))


def _tables(rule: PortableRule, target: Target, loaded: Iterable[SigmaRule]) -> tuple[Table, ...]:
    """Return the tables that the target's pipeline offers the rules."""
    pipeline = target.pipeline(rule.pack, rule.options.declared)
    pipeline.vars[VALUES] = {name: dict(table) for name, table in rule.options.values.items()}
    found: dict[str, Table] = {}
    for one in loaded:
        pipeline.apply(one)
        found.update({table.name: table for table in pipeline.state.get(TABLES, ())})
    return tuple(found.values())


def _pruned(documents: Sequence[Document], reason: Reason) -> tuple[list[Loss], list[Document]]:
    """Return the documents without what `reason` takes out, and what was taken out."""
    numbers = count()
    losses: list[Loss] = []
    changed: list[Document] = []
    for document in documents:
        if "detection" not in document:
            changed.append(document)
            continue
        left = without_comparisons(document, reason, numbers)
        if isinstance(left, Gone):
            raise _nothing_left(left)
        losses += left.losses
        changed.append(left.value)
    return losses, changed


def _nothing_left(gone: Gone) -> Unsupported:
    reasons = "; ".join(dict.fromkeys(clause.reason for clause in gone.clauses))
    return Unsupported(
        f"every condition of the rule would have to be left out, and nothing would remain: {reasons}"
    )


def _steps(
    rule: PortableRule, documents: Sequence[Document], losses: Sequence[Loss], reason: Reason
) -> Iterator[PortableRule]:
    """Yield the rule after each loss."""
    for number in range(1, len(losses) + 1):
        _, changed = _pruned(documents, _only(losses[:number], reason))
        yield with_documents(rule, yaml_text(changed))


def _only(losses: Sequence[Loss], reason: Reason) -> Reason:
    places = frozenset(clause.place for loss in losses for clause in loss.clauses)
    return lambda place, item: reason(place, item) if place in places else ""


def _term_losses(rule: PortableRule, names: Sequence[str], tables: Sequence[Table]) -> list[Loss]:
    """Return the fields of the terms that go; raises where one cannot."""
    reasons = {name: reason for name in names if (reason := why_field_is_unmapped(name, tables))}
    if not reasons:
        return []
    listed = "; ".join(dict.fromkeys(reasons.values()))
    if not isinstance(rule.plan, NewTerms):
        raise Unsupported(
            f"events are grouped or counted by what has no counterpart: {listed}",
            hint="it cannot be left out, as the rule would then count other things",
        )
    if len(reasons) == len(names):
        raise Unsupported(f"no field of the new terms has a counterpart: {listed}")
    return [
        Loss(f"group-by: {name}", (Clause(-1, name, reason),), Effect.NARROWER, is_term=True)
        for name, reason in reasons.items()
    ]


def _group(document: Document) -> list[str]:
    match document.get("correlation"):
        case {"group-by": str() as name}:
            return [name]
        case {"group-by": [*names]}:
            return [str(name) for name in names]
        case _:
            return []


def _term_steps(
    rule: PortableRule,
    documents: Sequence[Document],
    losses: Sequence[Loss],
    terms: Sequence[Loss],
    reason: Reason,
) -> Iterator[PortableRule]:
    _, changed = _pruned(documents, _only(losses, reason))
    gone: set[str] = set()
    for loss in terms:
        gone |= {clause.field for clause in loss.clauses}
        yield with_documents(rule, yaml_text([_without_terms(one, gone) for one in changed]))


def _without_terms(document: Document, names: set[str]) -> Document:
    correlation = document.get("correlation")
    if not isinstance(correlation, Mapping) or "group-by" not in correlation:
        return document
    kept = [name for name in _group(document) if name not in names]
    return {**document, "correlation": {**correlation, "group-by": kept}}
