"""Renders Sigma to Kibana's query language, or refuses.

A field is a set of values, a comparison holds if any value satisfies it and `not` is the complement,
which is what Sigma means too. The language has no comparison without case, no wildcard for one
character and no regular expression; rules that need them are refused, unless the output is that of a rule
file, which says such conditions as filters beside the text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, assert_never

from sigma.collection import SigmaCollection
from sigma.conversion.state import ConversionState
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.rule import SigmaRule

from sigma.sigmaproof.elastic.analysed import ANALYSED_TEXT, note_of, phrase_of
from sigma.sigmaproof.elastic.backend import Callback, Condition, ElasticBackend, checked
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
    is_prefix,
)
from sigma.sigmaproof.elastic.fields import Field, Kind, refuse_pattern_on_key
from sigma.sigmaproof.elastic.kibana import KibanaBackend, listed
from sigma.sigmaproof.elastic.layout import (
    Line,
    Node,
    Style,
    every,
    some,
)
from sigma.sigmaproof.elastic.refusal import refusal

from .filters import Query, conjuncts, filter_of, joined, split
from .literals import field_name, pattern, quoted

EVERYTHING = "*:*"
RULE = "rule"
"""Output format for rule files: JSON with the query text and the filters that belong to it."""


class KueryBackend(KibanaBackend):
    """Kibana query language; a new-terms rule is its base query, the terms stand in the Kibana rule."""

    name: ClassVar[str] = "Kibana query language (sigmaproof)"
    identifier: ClassVar[str] = "kuery"
    formats: ClassVar[dict[str, str]] = {
        **ElasticBackend.formats,
        RULE: "Query text and filters of a Kibana rule, as JSON",
    }
    style: ClassVar[Style] = Style("and", "or", "not")
    reads_nested: ClassVar[bool] = True

    _is_rule = False
    _conditions = 0
    _filters: tuple[Query, ...] = ()

    def convert(
        self,
        rule_collection: SigmaCollection,
        output_format: str | None = None,
        correlation_method: str | None = None,
        callback: Callback | None = None,
    ) -> Any:  # noqa: ANN401 - a backend of pySigma returns what its formats make
        """Convert rules; filters belong to one condition, so that the output of a rule file takes no more."""
        self._is_rule = output_format == RULE
        self._conditions, self._filters = 0, ()
        found = super().convert(rule_collection, output_format, correlation_method, callback)
        if self._filters and self._conditions > 1:
            raise refusal(
                "several conditions, of which one needs filters of the rule",
                "write one rule for each",
            )
        return found

    def convert_condition(self, cond: Condition | None, state: ConversionState) -> str:
        """Write a condition, what the language cannot say as filters where a rule file takes them."""
        self._conditions += 1
        if not self._is_rule:
            return super().convert_condition(cond, state)
        self._take_notes(state)
        said: list[Node] = []
        for conjunct in conjuncts(checked(cond)):
            said += self._said(conjunct, state.processing_state)
        return self._written(every(said) if said else Line(EVERYTHING), state)

    def _said(self, cond: Condition, state: Mapping[str, object]) -> list[Node]:
        """Return what the language says of a condition; the rest becomes filters."""
        if self._can_say(cond, state):
            return [self._node(cond, state)]
        said: list[Condition] = []
        for part in split(cond):
            if self._can_say(part, state):
                said.append(part)
            else:
                found = filter_of(part, lambda name: self._filtered_field(name, state))
                self._filters = (*self._filters, found)
        return [self._node(joined(said), state)] if said else []

    def _can_say(self, cond: Condition, state: Mapping[str, object]) -> bool:
        try:
            self._node(cond, state)
        except SigmaFeatureNotSupportedByBackendError:
            return False
        return True

    def _filtered_field(self, name: str, state: Mapping[str, object]) -> Field:
        field = self._field(name, state)
        if field.nested:
            raise refusal(
                f"field {name} is inside the nested object {field.nested}: a filter of the rule on it",
                "compare it with cased strings",
            )
        refuse_pattern_on_key(field)
        if field.kind is Kind.TEXT:
            self._note(ANALYSED_TEXT, note_of(field))
        return field

    def finalize_query_rule(
        self, rule: SigmaRule | SigmaCorrelationRule, query: str, index: int, state: ConversionState
    ) -> str:
        """Leave the text of a rule file as it is."""
        return query

    def finalize_output_rule(self, queries: list[str]) -> list[str]:
        """Put each text beside its filters."""
        return [json.dumps({"query": query, "filters": self._filters}) for query in queries]

    def alternatives(self, field: Field, comparisons: list[Comparison]) -> Node:
        """Write values of one field as one list, of a nested one in braces of its own (KUERY-30)."""
        name, closing = _opening(field), "}" if field.nested else ""
        values: list[str] = []
        nodes: list[Node] = []
        for comparison in comparisons:
            if isinstance(comparison, Bound):
                bound = f"{name} {comparison.operator} {comparison.value}{closing}"
                nodes.append(Line(bound))
            else:
                values.append(_value(field, comparison))
        return some([*listed(f"{name}: ", values, "or", closing), *nodes])


def _opening(field: Field) -> str:
    """Return a field's name, inside a nested object behind the path and its brace."""
    if not field.nested:
        return field_name(field.name)
    inner = field.name.removeprefix(f"{field.nested}.")
    return f"{field_name(field.nested)}:{{{field_name(inner)}"


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
            if not is_prefix(parts):
                refuse_pattern_on_key(field)
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
            if field.kind is not Kind.BOOLEAN:
                raise refusal(
                    f"field {field.name}: a boolean on the type {field.type_name or 'keyword'} matches"
                    " its name in any case, and Kibana's language always minds case",
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
            "Kibana's language always minds case; use |cased, the filters of a rule file, or the"
            " target lucene",
        )
