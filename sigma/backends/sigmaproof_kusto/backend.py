"""The backend as pySigma sees it: rules in, text out.

pySigma's own rendering of conditions is not used: a condition stays an object until the tables are
known, and is then rendered once per table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, assert_never

from sigma.conversion.base import TextQueryBackend
from sigma.conversion.state import ConversionState
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError, SigmaFeatureNotSupportedByBackendError
from sigma.processing.pipeline import ProcessingPipeline
from sigma.rule import SigmaRule

from sigma.sigmaproof.correlation import CorrelationSpec, correlation_of
from sigma.sigmaproof.new_terms import NewTermsSpec, new_terms_of
from sigma.sigmaproof.pack_pipelines import fields_of
from sigma.sigmaproof.tables import NOTES, PLATFORM, TABLES, EcsTable, Table, united
from sigma.sigmaproof.threshold import DistinctSpec, ThresholdSpec, threshold_of

from .adhoc import AD_HOC, ad_hoc_use
from .correlation import correlation_lines
from .detection_schedule import DETECTION_FILTER, detection_change, detection_run
from .filter import filter_lines
from .filter_schedule import filter_change, filter_run, own_interval
from .header import header_lines
from .lookups import with_lookups
from .new_terms import new_terms_lines
from .outputs import ShownColumn, Wanted
from .rule_searches import RuleConditions, RuleSearch, rule_searches, with_numbers
from .schedule import ScheduledRun, schedule_change, scheduled_run
from .search import TableSearch, searches
from .table_notes import ReadTable, concerning
from .threshold import threshold_lines

Callback = Callable[[SigmaRule | SigmaCorrelationRule, str | None, int, Any, Any], Any]
"""pySigma's hook on each query."""

Query = Any
"""What pySigma calls a query: here a kept condition, or the text."""

_FORMATS = {
    "default": "Kusto text, under the rule's own schedule",
    "large": "Kusto text for large tenants: new terms are looked up in the history by an anti-join",
    "scheduled": "Kusto text for a scheduled analytics rule of Microsoft Sentinel",
    "detection": "Kusto text for a custom detection of Microsoft Defender XDR",
}
_DEPLOYED = ("scheduled", "detection")
"""Formats whose text stands in a rule file, which names columns of the result."""


_Spec = NewTermsSpec | ThresholdSpec | CorrelationSpec


class SigmaproofKustoBackend(TextQueryBackend):
    """Renders rules to Kusto for the tables that a pipeline names in its state.

    `notes` holds the diagnostics of the last conversion as (code, message), `shown` the column of each
    field that a rule file may name, and `searched` the tables that its text reads.
    """

    name: ClassVar[str] = "Kusto (sigmaproof)"
    identifier: ClassVar[str] = "sigmaproof_kusto"
    formats: ClassVar[dict[str, str]] = _FORMATS
    requires_pipeline: ClassVar[bool] = True
    correlation_methods: ClassVar[dict[str, str] | None] = {
        "default": "First row per combination with summarize arg_min"
    }

    def __init__(
        self,
        processing_pipeline: ProcessingPipeline | None = None,
        collect_errors: bool = False,
        **backend_options: dict[str, Any],
    ) -> None:
        super().__init__(processing_pipeline, collect_errors, **backend_options)
        self.notes: list[tuple[str, str]] = []
        self.shown: dict[str, ShownColumn] = {}
        self.searched: tuple[str, ...] = ()

    def convert_condition(self, cond: object, state: ConversionState) -> Query:
        """Keep the condition: it is rendered once the tables are known."""
        return _Kept(cond)

    def finish_query(
        self, rule: SigmaRule | SigmaCorrelationRule, query: Query, state: ConversionState
    ) -> Query:
        """Leave the query as it is."""
        return query

    def finalize_query(
        self,
        rule: SigmaRule | SigmaCorrelationRule,
        query: Query,
        index: int,
        state: ConversionState,
        output_format: str,
    ) -> Query:
        """Render a rule; a correlation arrives as text."""
        if output_format not in self.formats:
            raise SigmaFeatureNotSupportedByBackendError(
                f"output format {output_format!r} is not known; use one of {', '.join(self.formats)}"
            )
        text = (
            self._filter_text(rule, query, state, output_format)
            if isinstance(query, _Kept)
            else query
        )
        return self.last_processing_pipeline.postprocess_query(rule, text)

    def finalize(self, queries: list[Any], output_format: str) -> Query:
        """Return the queries as pipelines leave them."""
        return self.last_processing_pipeline.finalize(queries)

    def convert_correlation_rule(
        self,
        rule: SigmaCorrelationRule,
        output_format: str | None = None,
        method: str | None = None,
        callback: Callback | None = None,
    ) -> list[Any]:
        """Render new terms in either spelling, counts in runs, and the correlations that slide."""
        try:
            return self._converted_correlation(rule, output_format or self.default_format, callback)
        except SigmaError as error:
            if not self.collect_errors:
                raise
            # pySigma's annotation knows plain rules only, its own code keeps correlations too.
            self.errors.append((rule, error))  # type: ignore[arg-type]
            return []

    def _converted_correlation(
        self, rule: SigmaCorrelationRule, output_format: str, callback: Callback | None
    ) -> list[Any]:
        bases = _bases_of(rule)
        pipeline = self.last_processing_pipeline
        pipeline.apply(rule)
        given = tuple(pipeline.state.get(NOTES, ()))
        spec = new_terms_of(rule) or threshold_of(rule) or correlation_of(rule)
        text: Query = self._correlation_text(rule, bases, spec, output_format, given)
        if callback is not None:
            text = callback(rule, output_format, 0, text, text)
        state = _states_of(bases)[0]
        queries = [] if text is None else [text]
        final = [
            self.finalize_query(rule, query, number, state, output_format)
            for number, query in enumerate(queries)
        ]
        rule.set_conversion_result(final)
        rule.set_conversion_states([state])
        return final

    def _filter_text(
        self,
        rule: SigmaRule | SigmaCorrelationRule,
        query: _Kept,
        state: ConversionState,
        output_format: str,
    ) -> str:
        notes = _Notes([state])
        found = searches([query.condition], _tables_of([state]), notes.add)
        wanted = _wanted(found, rule.fields, output_format)
        body = filter_lines(found, wanted, _filter_run(rule, output_format, notes), notes.add)
        self.shown = wanted.shown
        return self._with_header(
            rule, notes, found, body, [frozenset(fields_of(rule))] * len(found)
        )

    def _correlation_text(
        self,
        rule: SigmaCorrelationRule,
        bases: Sequence[SigmaRule],
        spec: NewTermsSpec | ThresholdSpec | CorrelationSpec,
        output_format: str,
        given: Sequence[tuple[str, str]],
    ) -> str:
        states = _states_of(bases)
        notes = _Notes(states, given)
        scheduled = _run(spec, output_format, notes)
        if isinstance(spec, CorrelationSpec):
            sources = rule_searches(_conditions_of(bases, spec), spec, notes.add)
            found = [one.search for one in sources]
            wanted = _wanted(found, rule.fields, output_format)
            body = correlation_lines(sources, spec, scheduled, wanted)
            self.shown = wanted.shown
            return self._with_header(rule, notes, found, body, _asked(sources, spec, rule, bases))
        kept = [query.condition for base in bases for query in base.get_conversion_result()]
        found = searches(kept, _tables_of(states), notes.add, _grouped_by(spec))
        fields = [*rule.fields, *(field for base in bases for field in base.fields)]
        wanted = _wanted(found, fields, output_format)
        match spec:
            case NewTermsSpec():
                is_large = output_format == "large"
                body = new_terms_lines(found, spec, wanted, scheduled, notes.add, is_large)
                if scheduled is None:
                    _note_ad_hoc(spec, found, states[0], notes)
            case ThresholdSpec():
                body = threshold_lines(found, spec, scheduled, wanted)
            case _:
                assert_never(spec)
        self.shown = wanted.shown
        return self._with_header(rule, notes, found, body, [_read(rule, bases)] * len(found))

    def _with_header(
        self,
        rule: SigmaRule | SigmaCorrelationRule,
        notes: _Notes,
        found: Sequence[TableSearch],
        body: list[str],
        asked: Sequence[frozenset[str]],
    ) -> str:
        self.notes.extend(notes.pairs)
        self.searched = tuple(search.table.name for search in found)
        tables = [search.table for search in found]
        pairs = concerning(notes.pairs, list(map(ReadTable, tables, asked)))
        body = with_lookups(body, [search.table for search in found])
        return "\n".join([*header_lines(rule, pairs), *body]) + "\n"


@dataclass(frozen=True, slots=True)
class _Kept:
    """A condition of pySigma on its way to the tables."""

    condition: object


class _Notes:
    """The diagnostics of one query, each once: the pipeline's first, then ours."""

    def __init__(
        self, states: Sequence[ConversionState], more: Sequence[tuple[str, str]] = ()
    ) -> None:
        given = (pair for state in states for pair in state.processing_state.get(NOTES, ()))
        self.pairs: dict[tuple[str, str], None] = dict.fromkeys((*given, *more))

    def add(self, code: str, message: str) -> None:
        """Add a diagnostic, unless one of the pipeline says the same and more."""
        if not any(code == known and message in said for known, said in self.pairs):
            self.pairs[code, message] = None


def _wanted(found: Sequence[TableSearch], fields: Sequence[str], output_format: str) -> Wanted:
    """Return what the result shows: for a rule file what the events are about, too."""
    if output_format not in _DEPLOYED:
        return Wanted(fields)
    tables = [search.table for search in found]
    entities = dict.fromkeys(name for table in tables for name in table.entities)
    everywhere = [name for name in tables[0].assets if all(name in one.assets for one in tables)]
    assets = everywhere if output_format == "detection" else []
    return Wanted(fields, True, tuple(entities), assets)


def _filter_run(
    rule: SigmaRule | SigmaCorrelationRule, output_format: str, notes: _Notes
) -> ScheduledRun | None:
    """Return the schedule that a query without history must see to; Defender itself bounds the events."""
    interval = own_interval(rule)
    match output_format:
        case "scheduled":
            scheduled = filter_run(interval)
            if change := filter_change(interval, scheduled):
                notes.add("sentinel-schedule", change)
            return scheduled
        case "detection":
            if change := filter_change(interval, DETECTION_FILTER):
                notes.add("xdr-schedule", change)
            return None
        case _:
            return None


def _run(spec: _Spec, output_format: str, notes: _Notes) -> ScheduledRun | None:
    """Return the schedule of a rule file, and note how it differs from the rule's own."""
    match output_format:
        case "scheduled":
            scheduled = scheduled_run(spec)
            notes.add("sentinel-schedule", schedule_change(spec, scheduled))
        case "detection":
            scheduled = detection_run(spec)
            notes.add("xdr-schedule", detection_change(spec, scheduled))
        case _:
            return None
    return scheduled


def _note_ad_hoc(
    spec: NewTermsSpec, found: Sequence[TableSearch], state: ConversionState, notes: _Notes
) -> None:
    platform = str(state.processing_state.get(PLATFORM, ""))
    if message := ad_hoc_use(spec, [search.table for search in found], platform):
        notes.add(AD_HOC, message)


def _asked(
    sources: Sequence[RuleSearch],
    spec: CorrelationSpec,
    rule: SigmaCorrelationRule,
    bases: Sequence[SigmaRule],
) -> list[frozenset[str]]:
    """Return for each search the fields that the correlation and the rules behind it ask for."""
    named = list(zip(spec.rules, bases, strict=True))
    return [
        _read(rule, [base for known, base in named if known in source.rules]) for source in sources
    ]


def _read(rule: SigmaCorrelationRule, bases: Sequence[SigmaRule]) -> frozenset[str]:
    return frozenset((*fields_of(rule), *(name for base in bases for name in fields_of(base))))


def _grouped_by(spec: NewTermsSpec | ThresholdSpec) -> tuple[str, ...]:
    """Return the fields that rows are grouped or counted by."""
    match spec:
        case ThresholdSpec(fields=fields, distinct=DistinctSpec(field=counted)):
            return (*fields, counted)
        case _:
            return spec.fields


def _bases_of(rule: SigmaCorrelationRule) -> list[SigmaRule]:
    bases = []
    for reference in rule.rules or []:
        if not isinstance(reference.rule, SigmaRule):
            raise SigmaFeatureNotSupportedByBackendError(
                f"{rule.title} correlates the correlation {reference.reference}, which has no rendering to"
                " Kusto; refer to plain rules"
            )
        bases.append(reference.rule)
    return bases


def _states_of(bases: Sequence[SigmaRule]) -> list[ConversionState]:
    return [state for base in bases for state in base.get_conversion_states()]


def _tables_of(states: Sequence[ConversionState]) -> tuple[Table, ...]:
    """Return the tables that the pipelines chose; the rules of one correlation must share them."""
    chosen = [state.processing_state.get(TABLES, ()) for state in states]
    events = [table for tables in chosen for table in tables if isinstance(table, EcsTable)]
    if events and len(events) == len(chosen):
        return (united(events),)
    if any(tables != chosen[0] for tables in chosen):
        raise SigmaFeatureNotSupportedByBackendError(
            "the rules of the correlation are of different log sources, whose tables have different"
            " columns; correlate rules of one log source"
        )
    return tuple(chosen[0])


def _conditions_of(bases: Sequence[SigmaRule], spec: CorrelationSpec) -> list[RuleConditions]:
    """Return what each rule searches for, and where."""
    tables = [_tables_of(base.get_conversion_states()) for base in bases]
    events = [table for some in tables for table in some if isinstance(table, EcsTable)]
    if events:
        tables = [(with_numbers(united(events), spec),)] * len(bases)
    return [
        RuleConditions(rule, tuple(query.condition for query in base.get_conversion_result()), some)
        for rule, base, some in zip(spec.rules, bases, tables, strict=True)
    ]
