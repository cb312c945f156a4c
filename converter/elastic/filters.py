"""Kibana filters beside a rule's query: conditions that are joined to it by and.

A wildcard in a filter is Elasticsearch's own: `*` and `?` are wildcards and a backslash makes the next
character literal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from converter.diagnostic import Span
from converter.errors import Unsupported
from converter.ir import Atom, Case, Exists, Glob, Not, OneOf, Predicate, View, Wildcard

from .rule import ElasticRule

HINT = "write the filter as a condition of the query"


def filter_predicates(rule: ElasticRule) -> tuple[Predicate, ...]:
    """Return what the rule's filters demand; raises Unsupported for a form that is not known."""
    filters = rule.header.extra.get("rule.filters", [])
    try:
        if not isinstance(filters, list):
            raise Unsupported("filters that are no list", hint=HINT)
        return tuple(one for entry in filters for one in _of_entry(entry))
    except Unsupported as refused:
        place = Span(0, 0, rule.query_line, 1)
        raise Unsupported(refused.construct, place, refused.hint) from refused


def _of_entry(entry: object) -> Iterator[Predicate]:
    match entry:
        case {"meta": {"disabled": True}}:
            return
        case {"query": dict(query), "meta": {"negate": True}}:
            yield Not(_of_query(query))
        case {"query": dict(query)}:
            yield _of_query(query)
        case _:
            raise Unsupported("a Kibana filter without a query", hint=HINT)


def _of_query(query: Mapping[str, object]) -> Predicate:
    match query:
        case {"exists": {"field": str(field)}}:
            return Atom(field, View.RAW, Exists())
        case {"wildcard": dict(by_field)} if len(by_field) == 1:
            ((field, value),) = by_field.items()
            return _wildcard(field, value)
        case {"match_phrase": dict(by_field)} | {"term": dict(by_field)} if len(by_field) == 1:
            ((field, value),) = by_field.items()
            return _phrase(field, value)
        case _:
            raise Unsupported(f"a Kibana filter of the form {', '.join(query)}", hint=HINT)


def _wildcard(field: str, value: object) -> Predicate:
    match value:
        case str(text) | {"value": str(text)} | {"wildcard": str(text)}:
            is_folded = isinstance(value, dict) and value.get("case_insensitive") is True
            test = Glob(_parts(text), Case.ASCII if is_folded else Case.EXACT)
            return Atom(field, View.KEYWORD, test)
        case _:
            raise Unsupported(f"a Kibana filter with a wildcard on {field}", hint=HINT)


def _phrase(field: str, value: object) -> Predicate:
    match value:
        case bool(plain):
            return Atom(field, View.BOOLEAN, OneOf((plain,)))
        case int(number) | float(number):
            return Atom(field, View.COERCED_NUMBER, OneOf((number,)))
        case str(text) | {"query": str(text)} | {"value": str(text)}:
            return Atom(field, View.KEYWORD, OneOf((text,)))
        case _:
            raise Unsupported(f"a Kibana filter with a phrase on {field}", hint=HINT)


def _parts(text: str) -> tuple[str | Wildcard, ...]:
    """Split a wildcard text into texts and wildcards; never two texts in a row."""
    parts: list[str | Wildcard] = []
    is_escaped = False
    for character in text:
        last = parts[-1] if parts else None
        if is_escaped or character not in "*?\\":
            if isinstance(last, str):
                parts[-1] = last + character
            else:
                parts.append(character)
            is_escaped = False
        elif character == "\\":
            is_escaped = True
        else:
            parts.append(Wildcard(character))
    return tuple(parts)
