"""The query of a rule, whatever language it is in: what it demands, and its condition in Sigma names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, assert_never

from converter.diagnostic import Diagnostic, Span
from converter.elastic import ElasticRule, file_line
from converter.errors import InputError, QuerySyntaxError, Unsupported
from converter.ir import And, Atom, FieldType, OneOf, Predicate, Schema
from converter.languages import kuery, lucene
from converter.languages.kuery import ast
from converter.schema_files import DeclaredTypes

from .condition import Condition
from .field_names import FieldNames, rule_schema
from .kuery_condition import KueryReader
from .log_source import Demand
from .predicate_condition import PredicateReader


class SourceQuery(Protocol):
    """A parsed query."""

    def demanded(self) -> list[Demand]:
        """Return the texts that the query demands of a field in every event."""

    def assumed_types(self, schema: Schema) -> Mapping[str, FieldType]:
        """Return the fields that the query must be read with beside those of the schema."""

    def condition(
        self, names: FieldNames, implied: Collection[Demand]
    ) -> tuple[Condition, Sequence[Diagnostic]]:
        """Return the condition without the demands that the log source implies."""


def source_query(rule: ElasticRule, declared: DeclaredTypes) -> SourceQuery:
    """Parse a rule's query; raises InputError with the line of the rule file."""
    place = _placed(rule)
    try:
        match rule.language:
            case "kuery":
                return _KueryQuery(kuery.parse(rule.query), place)
            case "lucene":
                return _LuceneQuery(rule.query, place, declared)
            case _:
                assert_never(rule.language)
    except QuerySyntaxError as error:
        found = place(error.span)
        where = f"{rule.header.path}:{found.line}"
        message = f"{where}: {error.message} (column {found.column}); correct the query"
        raise InputError(message) from error


@dataclass(frozen=True, slots=True)
class _KueryQuery:
    query: ast.Query
    place: Callable[[Span], Span]

    def demanded(self) -> list[Demand]:
        return [demand for one in self._conjuncts() if (demand := _kuery_demand(one))]

    def assumed_types(self, schema: Schema) -> Mapping[str, FieldType]:
        return kuery.assumed_types(self.query, schema)

    def condition(
        self, names: FieldNames, implied: Collection[Demand]
    ) -> tuple[Condition, Sequence[Diagnostic]]:
        left = tuple(one for one in self._conjuncts() if _kuery_demand(one) not in implied)
        reader = KueryReader(names, self.place)
        query = ast.And(left) if len(left) > 1 else next(iter(left), ast.Empty())
        return reader.condition(query), reader.diagnostics

    def _conjuncts(self) -> tuple[ast.Query, ...]:
        return self.query.operands if isinstance(self.query, ast.And) else (self.query,)


class _LuceneQuery:
    """A query that is read by its meaning, since the syntax tree has no boolean shape of its own."""

    def __init__(self, text: str, place: Callable[[Span], Span], declared: DeclaredTypes) -> None:
        self._query = lucene.parse(text)
        self._place = place
        self._declared = declared

    def demanded(self) -> list[Demand]:
        conjuncts = self._conjuncts(rule_schema(None, self._declared))
        return [demand for one in conjuncts if (demand := _lucene_demand(one))]

    def assumed_types(self, schema: Schema) -> Mapping[str, FieldType]:
        return {}

    def condition(
        self, names: FieldNames, implied: Collection[Demand]
    ) -> tuple[Condition, Sequence[Diagnostic]]:
        conjuncts = self._conjuncts(names.schema)
        left = tuple(one for one in conjuncts if _lucene_demand(one) not in implied)
        reader = PredicateReader(names, self._place(Span(0, 0, 1, 1)))
        return reader.condition(And(left)), reader.diagnostics

    def _conjuncts(self, schema: Schema) -> tuple[Predicate, ...]:
        try:
            predicate = lucene.lower(self._query, schema)
        except Unsupported as refused:
            span = refused.span or Span(0, 0, 1, 1)
            raise Unsupported(refused.construct, self._place(span), refused.hint) from refused
        return predicate.operands if isinstance(predicate, And) else (predicate,)


def _kuery_demand(query: ast.Query) -> Demand | None:
    match query:
        case ast.Is(ast.Text(name), ast.Text(value)):
            return name, value
        case _:
            return None


def _lucene_demand(predicate: Predicate) -> Demand | None:
    match predicate:
        case Atom(field=name, test=OneOf((str(value),))):
            return name, value
        case _:
            return None


def _placed(rule: ElasticRule) -> Callable[[Span], Span]:
    return lambda span: replace(span, line=file_line(rule, span.line))
