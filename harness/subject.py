"""What is judged: a text with the engine and the view of the events that it is executed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from converter.diagnostic import Diagnostic
from converter.ir import Schema, Threshold
from converter.layout import Layout, TableLayout
from sigma.sigmaproof.elastic.analysed import ANALYSED_TEXT

from .any_case import CaseQuestion
from .engines.job import Job
from .engines.kusto_text import INGESTION_COLUMN
from .events.event import Dataset, Document, Event, values_of
from .events.joined import with_joined
from .events.looked_up import StandIn, groups_of, stand_ins, unanswered
from .events.row_fields import in_other_letters
from .events.rows import Rows
from .schedule.window import Run
from .source_tables import LogSourceTables, source_rows
from .undecided import undecided

EMPTY_IS_MISSING = "empty-is-missing"
NON_ASCII_CASE = "non-ascii-case"


@dataclass(frozen=True, slots=True)
class TableView:
    """Events as rows of tables."""

    layouts: tuple[Layout, ...]
    fields: frozenset[str] | None
    """The fields that the rule reads: only they decide whether an event is representable; None for all."""
    caseless: frozenset[str] = frozenset()
    """The fields of which the rule ignores the case."""
    question: CaseQuestion | None = None
    """What the case decides that these tables do not keep."""
    sources: tuple[LogSourceTables, ...] = ()
    """The same tables by log source, where the rule is of several."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A text that claims to detect what a rule detects."""

    target: str
    text: str
    language: str
    terms: tuple[str, ...]
    """The term's fields or columns as this text names them; empty for a filter."""
    history: timedelta | None
    schema: Schema
    counting: Threshold | None = None
    """What a threshold rule counts, under the names of this text."""
    tables: TableView | None = None
    """The tables that the text reads; None for a text on documents."""
    names: Mapping[str, str] = field(default_factory=dict)
    """ECS name to the name that this text reads documents by."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Names that only this text has to ECS names, so that explanations can pair conditions."""
    is_by_hand: bool = False
    """The text was given by the user, not rendered."""
    is_base_only: bool = False
    wants_second_opinion: bool = False
    """Whether a second engine is asked where there is one."""
    has_instants: bool = False
    """An alert is a group and an instant, as a correlation has them."""
    counts_again: bool = False
    """The text cannot leave out events that an earlier alert has counted."""
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def takes_empty_for_missing(self) -> bool:
        """Say whether a column of the rule cannot tell the empty text, which it asks for, from no value."""
        return any(one.code == EMPTY_IS_MISSING for one in self.diagnostics)

    @property
    def folds_every_letter(self) -> bool:
        """Say whether the language ignores the case of letters of the rule that Sigma compares exactly."""
        return any(one.code == NON_ASCII_CASE for one in self.diagnostics)

    @property
    def compares_words(self) -> bool:
        """Say whether the language compares some field of the rule word by word, as it must."""
        return any(one.code == ANALYSED_TEXT for one in self.diagnostics)


@dataclass(frozen=True, slots=True)
class Material:
    """Events as a subject's text reads them."""

    dataset: Dataset
    """The events that the subject's tables can hold, under the names that the sides share."""
    tables: tuple[Rows, ...]
    reasons: Mapping[str, str]
    """Why each of the other events is left out."""
    lookups: tuple[StandIn, ...] = ()
    """What looking addresses up answers for these events."""


def material_for(subject: Subject, dataset: Dataset) -> Material:
    """Build the subject's tables, and leave out the events that they cannot hold or say nothing about."""
    view = subject.tables
    if view is None:
        return Material(dataset, (), {})
    found = ((event.id, _open(view, event.document)) for event in dataset.events)
    open_events = {identity: why for identity, why in found if why}
    groups = groups_of(view.layouts, view.fields)
    open_events |= unanswered(groups, dataset)
    decided = tuple(event for event in dataset.events if event.id not in open_events)
    dataset = Dataset(decided, dataset.schema)
    sources = view.sources or (LogSourceTables(view.layouts, view.fields),)
    stored = source_rows(sources, dataset)
    tables = with_joined(view.layouts, stored.tables, view.fields, INGESTION_COLUMN)
    reasons = {**open_events, **stored.reasons}
    for built in tables:
        reasons.update(built.not_representable)
    kept = tuple(event for event in dataset.events if event.id not in reasons)
    kept_events = Dataset(kept, dataset.schema)
    return Material(kept_events, tables, reasons, stand_ins(view.layouts, view.fields, kept_events))


def _open(view: TableView, document: Document) -> str:
    """Say why an event judges nothing, whatever its rows are."""
    by_case = view.question.open(document) if view.question else ""
    return undecided(document, view.caseless) or by_case or _untold_case(view, document)


def _untold_case(view: TableView, document: Document) -> str:
    """Say which value of the event a value table has in other letters, where the rule ignores case."""
    fields = (field for one in view.layouts if isinstance(one, TableLayout) for field in one.fields)
    found = (
        in_other_letters(field, document)
        for field in fields
        if field.values and field.name in view.caseless
    )
    return next(filter(None, found), "")


def job_of(subject: Subject, material: Material, runs: tuple[Run, ...]) -> Job:
    """Return the execution of a subject's text on events."""
    return Job(
        text=subject.text,
        dataset=_renamed(material.dataset, subject.names),
        runs=runs,
        terms=subject.terms,
        history=subject.history,
        schema=subject.schema,
        counting=subject.counting,
        has_instants=subject.has_instants,
        tables=material.tables,
        wants_second_opinion=subject.wants_second_opinion,
        lookups=material.lookups,
    )


def _renamed(dataset: Dataset, names: Mapping[str, str]) -> Dataset:
    if not names:
        return dataset
    return Dataset(tuple(_rename(event, names) for event in dataset.events), dataset.schema)


def _rename(event: Event, names: Mapping[str, str]) -> Event:
    """Add each field under its other name, beside the document's own."""
    found = {
        name: list(values)
        for ecs, name in names.items()
        if ecs != name and (values := values_of(event.document, ecs))
    }
    return replace(event, document={**event.document, **found})
