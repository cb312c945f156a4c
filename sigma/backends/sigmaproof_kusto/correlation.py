"""Correlations: the events of all rules, joined with themselves over the window that ends at each of them.

A row of the result is a group and an instant (SIGMA-14), so that events which tie need no identity. Every
number is exact: `dcount` and `percentile` are not, and stay out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sigma.correlations import SigmaCorrelationType
from sigma.exceptions import SigmaFeatureNotSupportedByBackendError

from sigma.sigmaproof.correlation import NUMERIC, TEMPORAL, CorrelationSpec
from sigma.sigmaproof.kusto_names import name
from sigma.sigmaproof.tables import Column, ColumnType

from .layout import IN_UNION, wrapped
from .literals import text_literal, timespan_literal
from .measures import MEASURED, OWN_NAMES, RULE, Windows, measure_lines
from .named_values import condition_lines
from .narrowing import bounded
from .outputs import Output, Wanted, shown_terms
from .row_identity import ROW, row_identities
from .rule_searches import RuleSearch
from .schedule import ScheduledRun
from .search import assignment, reads, union_of
from .terms import INGESTED, value_lines

MATCHES = "Matches"
_TIME = "TimeGenerated"
"""Column of the time where tables call theirs differently."""
_NUMBERS = ("int", "long", "real")


@dataclass(frozen=True, slots=True)
class _Frame:
    """What the pipelines of all tables have in common."""

    spec: CorrelationSpec
    sources: tuple[RuleSearch, ...]
    terms: tuple[Output, ...]
    measured: Output | None
    time: str
    id: str | None
    kept: tuple[str, ...]
    is_scheduled: bool

    @property
    def keys(self) -> list[str]:
        return [name(term.name) for term in self.terms]

    @property
    def tells_rules(self) -> bool:
        return self.spec.type in TEMPORAL

    @property
    def repeats_events(self) -> bool:
        """Say whether an event may give several rows of one group, of which one counts."""
        if self.spec.type is not SigmaCorrelationType.EVENT_COUNT and self.spec.type not in NUMERIC:
            return False
        tables = [source.search.table.name for source in self.sources]
        return any(term.has_arrays() for term in self.terms) or len(set(tables)) < len(tables)

    def row_identity(self, place: int) -> str:
        """Return the expression that tells the rows of a source from all others of their time."""
        return row_identities([source.search.table for source in self.sources])[place]


def correlation_lines(
    sources: Sequence[RuleSearch],
    spec: CorrelationSpec,
    scheduled: ScheduledRun | None,
    wanted: Wanted,
) -> list[str]:
    """Write the query; one for an analytics rule reports the alerts of new events only."""
    frame = _frame(sources, spec, scheduled is not None, wanted.assets)
    places = [place for place in range(len(frame.sources)) if _has_groups(place, frame)]
    _refuse_rules_without_groups(places, frame)
    base = union_of([_pipeline(place, frame, len(places) > 1) for place in places])
    windows = Windows(
        spec,
        tuple(frame.keys),
        frame.time,
        frame.kept,
        _labels(sources),
        frame.is_scheduled,
    )
    return [
        *_lets(spec, scheduled),
        f"let {MATCHES} = materialize(",
        *(f"    {line}" for line in [*base, *_once(frame)]),
        ");",
        *measure_lines(windows),
        *_shown(frame, wanted),
    ]


def _shown(frame: _Frame, wanted: Wanted) -> list[str]:
    """Write the operator that gives groups plain names, and say which fields of the rules they hold."""
    lines = shown_terms(wanted, frame.spec.names, frame.terms)
    for rule in frame.spec.rules if wanted.is_deployed else ():
        for alias, field in zip(frame.spec.names, rule.group, strict=True):
            wanted.shown.setdefault(field, wanted.shown[alias])
    return lines


def _frame(
    sources: Sequence[RuleSearch],
    spec: CorrelationSpec,
    is_scheduled: bool,
    assets: Sequence[str],
) -> _Frame:
    first = sources[0].search.table
    times = {source.search.table.time for source in sources}
    frame = _Frame(
        spec,
        tuple(sources),
        tuple(_term(place, sources, spec) for place in range(len(spec.names))),
        _measured(sources, spec),
        first.time if len(times) == 1 else _TIME,
        first.id,
        _kept(first.id, assets, spec),
        is_scheduled,
    )
    _refuse_own_names(frame)
    bare = next((one.search.table for one in sources if not one.search.table.row_key), None)
    if frame.repeats_events and bare is not None:
        raise SigmaFeatureNotSupportedByBackendError(
            f"the rows of {bare.name} have no identity, so that an event which several rules or several"
            " values of a field lead to cannot be counted once; group by fields that hold one value"
        )
    return frame


def _refuse_own_names(frame: _Frame) -> None:
    for called in frame.spec.names:
        if called in OWN_NAMES:
            raise SigmaFeatureNotSupportedByBackendError(
                f"a group is called {called}, as a column that the query makes; give the field an alias"
            )


def _kept(identity: str | None, assets: Sequence[str], spec: CorrelationSpec) -> tuple[str, ...]:
    """Return the columns of an event that alerts must have, beside the group's."""
    names = [*([identity] if identity is not None else []), *assets] if assets else []
    return tuple(one for one in dict.fromkeys(names) if one not in spec.names)


def _term(place: int, sources: Sequence[RuleSearch], spec: CorrelationSpec) -> Output:
    return Output(
        spec.names[place],
        tuple(source.search.table.column(source.rules[0].group[place]) for source in sources),
    )


def _measured(sources: Sequence[RuleSearch], spec: CorrelationSpec) -> Output | None:
    if not spec.field:
        return None
    output = Output(MEASURED, tuple(one.search.table.column(spec.field) for one in sources))
    for column in output.columns if spec.type in NUMERIC else ():
        if column is not None and column.type not in _NUMBERS:
            raise SigmaFeatureNotSupportedByBackendError(
                f"{spec.type} reads numbers, but {column.expression} is a column of type {column.type};"
                " measure a numeric column, or count the values (value_count)"
            )
    return _of_one_type(output) if spec.type in NUMERIC else output


def _of_one_type(output: Output) -> Output:
    """Read numbers that the tables hold as different types as one, which a union keeps in one column."""
    if not output.is_mixed():
        return output
    types = {column.type for column in output.columns if column is not None}
    kind: ColumnType = "long" if types <= {"int", "long"} else "real"
    function = "tolong" if kind == "long" else "todouble"
    columns = (
        Column(f"{function}({reads(column)})", kind) if column is not None else None
        for column in output.columns
    )
    return replace(output, columns=tuple(columns))


def _has_groups(place: int, frame: _Frame) -> bool:
    """Say whether a table can hold an event of the correlation at all."""
    return all(output.columns[place] is not None for output in _outputs(frame))


def _refuse_rules_without_groups(places: Sequence[int], frame: _Frame) -> None:
    found = {rule.name for place in places for rule in frame.sources[place].rules}
    for rule in frame.spec.rules:
        if rule.name not in found and (frame.tells_rules or not found):
            wanted = ", ".join([*rule.group, *([frame.spec.field] if frame.spec.field else [])])
            raise SigmaFeatureNotSupportedByBackendError(
                f"no table that holds events of the rule {rule.name} has a value of {wanted}; group by"
                " fields that its events have"
            )


def _labels(sources: Sequence[RuleSearch]) -> tuple[str, ...]:
    """Return what the result calls the rules, in the order of the list."""
    return tuple(dict.fromkeys(source.label for source in sources))


def _lets(spec: CorrelationSpec, scheduled: ScheduledRun | None) -> list[str]:
    lines = [f"let timeframe = {timespan_literal(spec.timespan)};"]
    lines += scheduled.lets("window", "period") if scheduled is not None else []
    return lines


def _pipeline(place: int, frame: _Frame, is_in_union: bool) -> list[str]:
    source = frame.sources[place]
    table = source.search.table
    bounds = [f"{table.time} >= ago(period)"] if frame.is_scheduled else []
    search = replace(source.search, condition=bounded(source.search.condition, bounds))
    lines = [table.name, *(f"| where {bound}" for bound in bounds), *condition_lines(search)]
    # Names of the result may differ in case alone from columns of the table, which go here.
    lines += wrapped("| project ", _projected(place, frame), width=IN_UNION - 4 * is_in_union)
    for output in _outputs(frame):
        column = output.columns[place]
        assert column is not None
        lines += value_lines(name(output.name), column, output.is_mixed())
    return lines


def _outputs(frame: _Frame) -> list[Output]:
    return [*([frame.measured] if frame.measured is not None else []), *frame.terms]


def _projected(place: int, frame: _Frame) -> list[str]:
    source = frame.sources[place]
    columns = [assignment(frame.time, source.search.table.time)]
    columns += [f"{INGESTED} = ingestion_time()"] if frame.is_scheduled else []
    columns += [f"{ROW} = {frame.row_identity(place)}"] if frame.repeats_events else []
    columns += frame.kept
    for output in _outputs(frame):
        expression = output.cell(place)
        assert expression is not None
        columns.append(assignment(output.name, expression))
    columns += [f"{RULE} = {text_literal(source.label)}"] if frame.tells_rules else []
    return columns


def _once(frame: _Frame) -> list[str]:
    """Write the operator after which each event has one row in a group."""
    if not frame.repeats_events:
        return []
    columns = [frame.time, *([INGESTED] if frame.is_scheduled else []), ROW]
    columns += [*frame.kept, *frame.keys]
    columns += [MEASURED] if frame.measured is not None else []
    return wrapped("| distinct ", columns, width=IN_UNION)
