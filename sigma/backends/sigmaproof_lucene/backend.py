"""Renders Sigma to Lucene's query_string, or refuses.

The classic parser has no precedence, so every group and every negation beside OR stands in parentheses.
Comparisons without case become regular expressions with a class for each letter.
"""

from __future__ import annotations

from typing import ClassVar, assert_never

from sigma.conversion.state import ConversionState
from sigma.types import SigmaType

from sigma.sigmaproof.elastic.analysed import ANALYSED_TEXT, KEYWORD_NOTE, phrase_of
from sigma.sigmaproof.elastic.backend import LINES
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
from sigma.sigmaproof.elastic.expression import of_search, of_shape, of_text
from sigma.sigmaproof.elastic.fields import Field, Kind, refuse_pattern_on_key
from sigma.sigmaproof.elastic.kibana import KibanaBackend, listed
from sigma.sigmaproof.elastic.layout import Line, Node, Style, some

from .keywords import keyword
from .literals import delimited, field_name, holds_controls, pattern, quoted


class LuceneBackend(KibanaBackend):
    """Lucene query_string; a new-terms rule is its base query, the terms stand in the Kibana rule."""

    name: ClassVar[str] = "Lucene query_string (sigmaproof)"
    identifier: ClassVar[str] = "sigmaproof_lucene"
    style: ClassVar[Style] = Style("AND", "OR", "NOT", groups_negation_in_some=True)

    def alternatives(self, field: Field, comparisons: list[Comparison]) -> Node:
        """Write values of one field as one list."""
        name = field_name(field.name)
        values = [_value(field, one) for one in comparisons if not isinstance(one, AnyValue)]
        nodes: list[Node] = []
        if AnyValue() in comparisons:
            nodes.append(Line(f"_exists_:{name}"))
        return some([*listed(f"{name}:", values, "OR"), *nodes])

    def keyword(self, value: SigmaType) -> Node:
        """Write a search in all fields (LUCENE-15), in analysed text for the words in a row."""
        written = keyword(value)
        if written is None:
            return super().keyword(value)
        self._note(ANALYSED_TEXT, KEYWORD_NOTE)
        return some([Line(text) for text in written])

    def _written(self, node: Node, state: ConversionState) -> str:
        """Lay a whole condition out, and say where it cannot be copied through a field of one line."""
        text = super()._written(node, state)
        if any(map(holds_controls, state.processing_state[LINES])):
            self._note(
                "raw-control-character",
                "the text holds line breaks or other control characters inside patterns, where Lucene has"
                " no escape for them; deploy it by a rule file, or where it stays as it is",
            )
        return text


def _value(field: Field, comparison: Comparison) -> str:
    match comparison:
        case Text() | Shape() | Search():
            return _text(field, comparison)
        case Number(number):
            return str(number) if number >= 0 else f'"{number}"'
        case Boolean(boolean):
            name = str(boolean).lower()
            if field.kind is not Kind.BOOLEAN:
                refuse_pattern_on_key(field)
                return delimited(field.name, of_text(name, ignores_case=True))
            return name
        case Bound(operator, number):
            return _bound(operator, number)
        case Address(text) | Network(text):
            return quoted(text)
        case AnyValue():
            raise AssertionError("the existence of a field is asked by _exists_")
        case _:
            assert_never(comparison)


def _text(field: Field, comparison: Text | Shape | Search) -> str:
    if field.kind is Kind.TEXT:
        return quoted(phrase_of(field, comparison))
    match comparison:
        case Text(text, ignores_case):
            if ignores_case:
                refuse_pattern_on_key(field)
                return delimited(field.name, of_text(text, ignores_case=True))
            return quoted(text)
        case Shape(parts, ignores_case):
            if ignores_case or not is_prefix(parts):
                refuse_pattern_on_key(field)
            if ignores_case:
                return delimited(field.name, of_shape(parts, ignores_case=True))
            return pattern(parts)
        case Search():
            refuse_pattern_on_key(field)
            return delimited(field.name, of_search(comparison, field.name))
        case _:
            assert_never(comparison)


def _bound(operator: str, number: float) -> str:
    if number >= 0:
        return f"{operator}{number}"
    match operator:
        case ">":
            return f"{{{number} TO *]"
        case ">=":
            return f"[{number} TO *]"
        case "<":
            return f"[* TO {number}}}"
        case _:
            return f"[* TO {number}]"
