"""Takes the conditions without a counterpart in a target's tables out of a rule.

A rule of which no condition would be left is refused, as is one that groups or counts by a field without
a counterpart; only a field of new terms can go, where others remain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import yaml
from sigma.rule import SigmaRule

from converter.errors import Unsupported
from converter.importers.yaml_text import yaml_text
from converter.ir import NewTerms, Plan
from converter.pack_pipelines import of_several
from converter.port import PortableRule, with_documents
from converter.target import Target
from sigma.backends.sigmaproof_kusto.unmapped import why_field_is_unmapped, why_item_is_unmapped
from sigma.sigmaproof.loader import load_documents
from sigma.sigmaproof.pack_pipelines import VALUES, fields_of, section_of
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

    every = tuple(table for some in tables.values() for table in some)

    def reason_of(document: Document) -> Reason:
        own = tables.get(_log_source(document), every)
        return lambda _place, item: why_item_is_unmapped(item, own)

    losses, _ = _pruned(documents, reason_of)
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
        *_steps(rule, documents, losses, reason_of),
        *_term_steps(rule, documents, losses, terms, reason_of),
    ]
    return Dropped(rule, steps[-1], (*losses, *terms), tuple(step.plan for step in steps))


_LogSource = frozenset[tuple[str, str]]
"""A log source as a rule writes it."""
_Tables = Mapping[_LogSource, tuple[Table, ...]]
"""The tables of the rules of each log source."""
_ReasonOf = Callable[[Document], Reason]
"""Takes the document of a rule; returns what takes comparisons out of it."""


def _tables(rule: PortableRule, target: Target, loaded: Iterable[SigmaRule]) -> _Tables:
    """Return the tables that the target's pipeline offers the rules."""
    declared = rule.options.declared
    packs = rule.packs
    pipeline = (
        of_several(packs, target, declared) if packs else target.pipeline(rule.pack, declared)
    )
    pipeline.vars[VALUES] = {name: dict(table) for name, table in rule.options.values.items()}
    found: dict[_LogSource, dict[str, Table]] = {}
    for one in loaded:
        pipeline.apply(one)
        own = found.setdefault(frozenset(section_of(one).items()), {})
        own.update({table.name: table for table in pipeline.state.get(TABLES, ())})
    return {section: tuple(tables.values()) for section, tables in found.items()}


def _log_source(document: Document) -> _LogSource:
    written = document.get("logsource")
    pairs = written.items() if isinstance(written, Mapping) else ()
    keys = ("category", "product", "service")
    return frozenset((key, str(value)) for key, value in pairs if key in keys and value is not None)


def _pruned(
    documents: Sequence[Document], reason_of: _ReasonOf
) -> tuple[list[Loss], list[Document]]:
    """Return the documents without what the reasons take out, and what was taken out."""
    numbers = count()
    losses: list[Loss] = []
    changed: list[Document] = []
    for document in documents:
        if "detection" not in document:
            changed.append(document)
            continue
        left = without_comparisons(document, reason_of(document), numbers)
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
    rule: PortableRule,
    documents: Sequence[Document],
    losses: Sequence[Loss],
    reason_of: _ReasonOf,
) -> Iterator[PortableRule]:
    """Yield the rule after each loss."""
    for number in range(1, len(losses) + 1):
        _, changed = _pruned(documents, _only(losses[:number], reason_of))
        yield with_documents(rule, yaml_text(changed))


def _only(losses: Sequence[Loss], reason_of: _ReasonOf) -> _ReasonOf:
    places = frozenset(clause.place for loss in losses for clause in loss.clauses)

    def only(document: Document) -> Reason:
        reason = reason_of(document)
        return lambda place, item: reason(place, item) if place in places else ""

    return only


def _term_losses(rule: PortableRule, names: Sequence[str], tables: _Tables) -> list[Loss]:
    """Return the fields of the terms that go; raises where one cannot."""
    # Of several log sources each has its own fields in the groups, and its own tables.
    read = [
        (name, tables.get(frozenset(section.items()), ()))
        for one in rule.packs
        for section in one.sections
        for name in one.read
    ] or [(name, own) for own in tables.values() for name in names]
    reasons = {name: reason for name, own in read if (reason := why_field_is_unmapped(name, own))}
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
    reason_of: _ReasonOf,
) -> Iterator[PortableRule]:
    _, changed = _pruned(documents, _only(losses, reason_of))
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
