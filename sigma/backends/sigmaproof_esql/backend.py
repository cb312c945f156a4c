"""Renders Sigma to ES|QL pipelines, or refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sigma.conversion.state import ConversionState
from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule
from sigma.types import SigmaFieldReference, SigmaType

from sigma.sigmaproof.elastic.backend import ElasticBackend
from sigma.sigmaproof.elastic.comparison import Comparison, Never, Search, Shape
from sigma.sigmaproof.elastic.fields import Field, Kind, index_patterns
from sigma.sigmaproof.elastic.layout import WIDTH, Line, Node, Style
from sigma.sigmaproof.new_terms import NewTermsSpec
from sigma.sigmaproof.threshold import ThresholdSpec

from .condition import alternatives
from .conversions import comparison
from .literals import field_name
from .patterns import assumed_separator
from .pipeline import filter_query, new_terms_query
from .references import reference
from .threshold import threshold_query


class EsqlBackend(ElasticBackend):
    """ES|QL of Elasticsearch 9.2; new terms and counts are pipelines that group by the term."""

    name: ClassVar[str] = "ES|QL 9.2 (sigmaproof)"
    identifier: ClassVar[str] = "sigmaproof_esql"
    correlation_methods: ClassVar[dict[str, str] | None] = {
        "default": "First event per term with STATS ... BY"
    }
    style: ClassVar[Style] = Style("AND", "OR", "NOT")
    room: ClassVar[int] = WIDTH - 4

    def comparison(self, field: Field, value: SigmaType) -> Comparison | Never:
        """Return what a value asks of a field, after a conversion where that is needed."""
        found = comparison(field, value)
        if field.kind is Kind.ADDRESS and isinstance(found, Shape | Search):
            self._note(
                "address-compared",
                f"{field.name} is an ip field, whose addresses are compared in canonical form",
            )
        return found

    def alternatives(self, field: Field, comparisons: list[Comparison]) -> Node:
        """Write conditions that are true or false, never null."""
        for separator in dict.fromkeys(assumed_separator(field, one) for one in comparisons):
            if separator:
                self._note(
                    "array-joined",
                    f"an array in {field.name} is compared as one text, its values joined by"
                    f" {separator} (U+{ord(separator):04X}); a value that holds this character itself"
                    " is taken for several",
                )
        return alternatives(field, comparisons)

    def reference(self, field: Field, value: SigmaFieldReference, other: Field) -> Node:
        """Write that two fields have a value in common."""
        return reference(field, value, other)

    def absence(self, field: Field) -> Node:
        """Write that a field has no value."""
        return Line(f"{field_name(field.name)} IS NULL")

    def new_terms_query(
        self,
        rule: SigmaCorrelationRule,
        spec: NewTermsSpec,
        condition: list[str],
        state: Mapping[str, object],
    ) -> str:
        """Write the whole pipeline."""
        for name in spec.fields:
            self.readable(name, state)
        return new_terms_query(rule.title or "", index_patterns(state), condition, spec)

    def threshold_query(
        self,
        rule: SigmaCorrelationRule,
        spec: ThresholdSpec,
        condition: list[str],
        state: Mapping[str, object],
    ) -> str:
        """Write the whole pipeline."""
        fields = [self.readable(name, state) for name in spec.fields]
        if spec.distinct is not None:
            self.readable(spec.distinct.field, state)
        return threshold_query(rule.title or "", index_patterns(state), condition, spec, fields)

    def finalize_query_default(
        self,
        rule: SigmaRule | SigmaCorrelationRule,
        query: object,
        index: int,
        state: ConversionState,
    ) -> object:
        """Put the condition of a rule into a pipeline; a correlation is one already."""
        if isinstance(rule, SigmaCorrelationRule):
            return query
        return filter_query(rule.title or "", index_patterns(state.processing_state), str(query))
