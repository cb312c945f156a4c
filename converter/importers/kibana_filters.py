"""Kibana filters beside a rule's query: conditions that are joined to it by and.

A wildcard in a filter is Elasticsearch's own: `*` and `?` are wildcards and a backslash makes the next
character literal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from converter.diagnostic import Span
from converter.elastic import ElasticRule
from converter.errors import Unsupported
from converter.ir import Wildcard

from .condition import Condition, Kind, Match, Negation
from .field_names import FieldNames
from .shapes import Part, shape_of


def filter_conditions(rule: ElasticRule, names: FieldNames) -> list[Condition]:
    """Return the conditions of a rule's filters; raises Unsupported for a form that is not known."""
    filters = rule.header.extra.get("rule.filters")
    if filters is None:
        return []
    if not isinstance(filters, list):
        raise _refusal(rule, "filters that are no list")
    return [one for entry in filters for one in _of_entry(entry, rule, names)]


def _of_entry(entry: object, rule: ElasticRule, names: FieldNames) -> Iterator[Condition]:
    match entry:
        case {"meta": {"disabled": True}}:
            return
        case {"query": dict(query)}:
            condition = _of_query(query, rule, names)
        case _:
            raise _refusal(rule, "a Kibana filter without a query")
    match entry:
        case {"meta": {"negate": True}}:
            yield Negation(condition)
        case _:
            yield condition


def _of_query(query: Mapping[str, object], rule: ElasticRule, names: FieldNames) -> Condition:
    match query:
        case {"exists": {"field": str(field)}}:
            return Match(names.sigma(field), Kind.EXISTS, (True,))
        case {"wildcard": dict(by_field)} if len(by_field) == 1:
            ((field, value),) = by_field.items()
            return _wildcard(field, value, rule, names)
        case {"match_phrase": dict(by_field)} | {"term": dict(by_field)} if len(by_field) == 1:
            ((field, value),) = by_field.items()
            return _phrase(field, value, rule, names)
        case _:
            raise _refusal(rule, f"a Kibana filter of the form {', '.join(query)}")


def _wildcard(field: str, value: object, rule: ElasticRule, names: FieldNames) -> Condition:
    match value:
        case str(text) | {"value": str(text)} | {"wildcard": str(text)}:
            is_folded = isinstance(value, dict) and value.get("case_insensitive") is True
            kind = Kind.FOLDED_TEXT if is_folded else Kind.TEXT
            return Match(names.sigma(field), kind, (shape_of(_parts(text)),))
        case _:
            raise _refusal(rule, f"a Kibana filter with a wildcard on {field}")


def _phrase(field: str, value: object, rule: ElasticRule, names: FieldNames) -> Condition:
    match value:
        case bool(plain) | int(plain) | float(plain):
            return Match(names.sigma(field), Kind.PLAIN, (plain,))
        case str(text) | {"query": str(text)} | {"value": str(text)}:
            return Match(names.sigma(field), Kind.TEXT, (shape_of((text,)),))
        case _:
            raise _refusal(rule, f"a Kibana filter with a phrase on {field}")


def _parts(text: str) -> Iterator[Part]:
    is_escaped = False
    for character in text:
        if is_escaped or character not in "*?\\":
            yield character
            is_escaped = False
        elif character == "\\":
            is_escaped = True
        else:
            yield Wildcard.MANY if character == "*" else Wildcard.ONE


def _refusal(rule: ElasticRule, construct: str) -> Unsupported:
    hint = "write the filter as a condition of the query"
    return Unsupported(construct, Span(0, 0, rule.query_line, 1), hint)
