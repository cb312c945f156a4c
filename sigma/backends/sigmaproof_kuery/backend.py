"""Renders Sigma to Kibana's query language, or refuses.

A field is a set of values, a comparison holds if any value satisfies it and `not` is the complement,
which is what Sigma means too. The language has no comparison without case, no wildcard for one
character and no regular expression; rules that need them are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, assert_never

from sigma.correlations import SigmaCorrelationRule

from sigma.sigmaproof.elastic.analysed import phrase_of
from sigma.sigmaproof.elastic.backend import ElasticBackend
from sigma.sigmaproof.elastic.comparison import (
    Address,
    AnyValue,
    Boolean,
    Bound,
    Comparison,
    Network,
    Number,
    Search,
    Shape,
    Text,
)
from sigma.sigmaproof.elastic.fields import Field, Kind
from sigma.sigmaproof.elastic.layout import WIDTH, Choice, Line, Node, Style, some
from sigma.sigmaproof.elastic.refusal import refusal
from sigma.sigmaproof.new_terms import NewTermsSpec
from sigma.sigmaproof.threshold import ThresholdSpec

from .literals import field_name, pattern, quoted


class KueryBackend(ElasticBackend):
    """Kibana query language; a new-terms rule is its base query, the terms stand in the Kibana rule."""

    name: ClassVar[str] = "Kibana query language (sigmaproof)"
    identifier: ClassVar[str] = "kuery"
    correlation_methods: ClassVar[dict[str, str] | None] = {
        "default": "Base query of a Kibana new-terms rule"
    }
    style: ClassVar[Style] = Style("and", "or", "not")
    room: ClassVar[int] = WIDTH
    compares_words: ClassVar[bool] = True
    reads_flattened: ClassVar[bool] = True

    def alternatives(self, field: Field, comparisons: list[Comparison]) -> Node:
        """Write values of one field as one list."""
        name = field_name(field.name)
        values: list[str] = []
        nodes: list[Node] = []
        for comparison in comparisons:
            if isinstance(comparison, Bound):
                nodes.append(Line(f"{name} {comparison.operator} {comparison.value}"))
            else:
                values.append(_value(field, comparison))
        match values:
            case []:
                return some(nodes)
            case [value]:
                return some([Line(f"{name}: {value}"), *nodes])
            case [first, *rest]:
                joined = (first, *(f"or {value}" for value in rest))
                return some([Choice(f"{name}: (", joined, ")"), *nodes])
            case _:
                raise AssertionError("a list has a first element or none")

    def new_terms_query(
        self,
        rule: SigmaCorrelationRule,
        spec: NewTermsSpec,
        condition: list[str],
        state: Mapping[str, object],
    ) -> str:
        """Write the base query; Kibana's rule holds the terms, history and schedule."""
        return "\n".join(condition)

    def threshold_query(
        self,
        rule: SigmaCorrelationRule,
        spec: ThresholdSpec,
        condition: list[str],
        state: Mapping[str, object],
    ) -> str:
        """Write the base query; Kibana's rule holds groups, counts and schedule."""
        return "\n".join(condition)


def _value(field: Field, comparison: Comparison) -> str:
    match comparison:
        case AnyValue():
            return "*"
        case Text() | Shape() | Search() if field.kind is Kind.TEXT:
            return quoted(phrase_of(field, comparison))
        case Text(text, ignores_case):
            _refuse_text(field, ignores_case)
            return quoted(text)
        case Shape(parts, ignores_case):
            _refuse_text(field, ignores_case)
            if field.kind is Kind.WILDCARD and any(
                isinstance(part, str) and any(map(str.isspace, part)) for part in parts
            ):
                raise refusal(
                    f"field {field.name}: a pattern with white space on the type {field.type_name}",
                    "Kibana splits it into words there; ask a keyword field",
                )
            return pattern(field.name, parts)
        case Number(number):
            return str(number)
        case Boolean(boolean):
            if field.kind in (Kind.KEYWORD, Kind.WILDCARD):
                raise refusal(
                    f"field {field.name}: a boolean on the type {field.type_name} matches its name in"
                    " any case, and Kibana's language always minds case",
                    "compare it with a cased string",
                )
            return str(boolean).lower()
        case Address(text) | Network(text):
            return quoted(text)
        case Search():
            raise refusal(
                f"field {field.name}: a regular expression",
                "Kibana's language has none; use the target lucene",
            )
        case Bound():
            raise AssertionError("bounds are written by their own operator")
        case _:
            assert_never(comparison)


def _refuse_text(field: Field, ignores_case: bool) -> None:
    if ignores_case:
        raise refusal(
            f"field {field.name}: a comparison without regard to case",
            "Kibana's language always minds case; use |cased, or the target lucene",
        )
