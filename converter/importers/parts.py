"""What all rule types have in common: the base rule, from the query to its documents' parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from converter.diagnostic import Diagnostic, Severity, Span
from converter.elastic import ElasticRule, filter_predicates
from converter.errors import Unsupported
from converter.mapping import MappingPack
from converter.schema_files import DeclaredTypes

from . import metadata
from .condition import AllOf, AnyOf, Condition, Kind, Match, Negation, simplify
from .conversion import CaseChoice
from .detection import detection_of
from .field_names import FieldNames, rule_schema
from .log_source import log_source_of
from .lower_case import without_lower_case
from .predicate_condition import PredicateReader
from .shapes import Shape, shape_of
from .source_query import SourceQuery, source_query

Beside = Callable[[FieldNames], Condition]
"""Makes a condition that a rule has beside its query."""


@dataclass(frozen=True, slots=True)
class RuleParts:
    """A rule in Sigma's terms, before it is laid out in documents."""

    rule: ElasticRule
    id: str
    names: FieldNames
    logsource: dict[str, str]
    detection: dict[str, object]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def taxonomy(self) -> dict[str, object]:
        """Say that the fields have ECS names, where no pack gave them others."""
        return {} if self.names.pack else {"taxonomy": "ecs"}

    def attribute(self) -> dict[str, object]:
        """Return the custom attribute with the rest of the Elastic rule."""
        return {metadata.ATTRIBUTE: metadata.elastic_attribute(self.rule, self.names, self.id)}

    def all_diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return every diagnostic; call it when all fields of the rule have their names."""
        return (*self.diagnostics, *self.names.remarks(), *metadata.remarks(self.rule.header))


def parts_of(
    rule: ElasticRule,
    case: CaseChoice,
    declared: DeclaredTypes,
    beside: Beside | None = None,
    own: Sequence[MappingPack] = (),
) -> RuleParts:
    """Read the rule's query and filters, and what stands beside them, into a detection.

    Raises InputError where the query does not parse, Unsupported where Sigma cannot say it.
    """
    query = source_query(rule, declared)
    source = log_source_of(rule, query.demanded(), own)
    names = _names(source.pack, query, declared)
    found, notes = query.condition(names, source.implied)
    filters = PredicateReader(names, Span(0, 0, rule.query_line, 1))
    found, spelled = without_lower_case(found, Span(0, 0, rule.query_line, 1))
    demanded = filter_predicates(rule, names.schema)
    others = [] if beside is None else [beside(names)]
    condition = simplify(AllOf((found, *map(filters.condition, demanded), *others)))
    if isinstance(condition, AllOf | AnyOf) and not condition.operands:
        condition = _everything(rule, condition, names)
    widened: list[Diagnostic] = []
    if case == "insensitive":
        condition, widened = _case_widened(condition)
    identifier, remarks = metadata.rule_id(rule.header)
    return RuleParts(
        rule=rule,
        id=identifier,
        names=names,
        logsource=dict(source.section),
        detection=detection_of(condition),
        diagnostics=(*source.diagnostics, *notes, *spelled, *widened, *remarks),
    )


def _names(pack: MappingPack | None, query: SourceQuery, declared: DeclaredTypes) -> FieldNames:
    schema = rule_schema(pack, declared)
    assumed = query.assumed_types(schema)
    schema = replace(schema, types={**schema.types, **assumed})
    return FieldNames(pack, schema, assumed, is_declared=bool(declared.origins))


def _everything(rule: ElasticRule, condition: Condition, names: FieldNames) -> Condition:
    """Say for a rule that tests no field of its own what its log source says, if it has one."""
    pack = names.pack
    if pack is None or not isinstance(condition, AllOf):
        what = "every event" if isinstance(condition, AllOf) else "no event"
        raise Unsupported(
            f"a query that matches {what}",
            Span(0, 0, rule.query_line, 1),
            "a Sigma rule tests at least one field; add a condition",
        )
    tests = (
        Match(names.sigma(field), Kind.TEXT, (shape_of((value,)),))
        for field, value in sorted(pack.condition.items())
    )
    return simplify(AllOf(tuple(tests)))


def _case_widened(condition: Condition) -> tuple[Condition, list[Diagnostic]]:
    """Let every text compare in any case, and report the fields whose letters that widens."""
    fields: dict[str, None] = {}
    widened = simplify(_folded(condition, fields))
    if not fields:
        return widened, []
    what = (
        f"case is ignored on {', '.join(fields)} (--case insensitive); the Sigma rule also matches"
        " what differs from the Elastic rule in case alone"
    )
    return widened, [Diagnostic("case-widened", Severity.WARNING, what)]


def _folded(condition: Condition, fields: dict[str, None]) -> Condition:
    match condition:
        case Match(kind=Kind.TEXT, values=values):
            if any(isinstance(value, Shape) and value.has_letters for value in values):
                fields.setdefault(condition.field)
            return replace(condition, kind=Kind.FOLDED_TEXT)
        case Match(kind=Kind.PLACEHOLDER):
            fields.setdefault(condition.field)
            return replace(condition, kind=Kind.FOLDED_PLACEHOLDER)
        case Match():
            return condition
        case Negation(operand):
            return Negation(_folded(operand, fields))
        case AllOf(operands):
            return AllOf(tuple(_folded(one, fields) for one in operands))
        case AnyOf(operands):
            return AnyOf(tuple(_folded(one, fields) for one in operands))
        case _:
            assert_never(condition)
