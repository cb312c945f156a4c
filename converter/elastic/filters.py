"""Kibana filters beside a rule's query: conditions that are joined to it by and.

Each is a query of Elasticsearch's own query language for JSON. A wildcard in it is Elasticsearch's: `*` and
`?` are wildcards and a backslash makes the next character literal; `case_insensitive` folds A to Z.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from converter.diagnostic import Span
from converter.errors import Unsupported
from converter.ir import ALWAYS, NEVER, And, Not, Or, Predicate, Schema

from .filter_leaf import HINT, exists, phrase, regular_expression, span_of_values, term, wildcard
from .rule import ElasticRule


def filter_predicates(rule: ElasticRule, schema: Schema) -> tuple[Predicate, ...]:
    """Return what the rule's filters demand; raises Unsupported for a form that is not known."""
    filters = rule.header.extra.get("rule.filters", [])
    try:
        if not isinstance(filters, list):
            raise Unsupported("filters that are no list", hint=HINT)
        return tuple(one for entry in filters for one in _of_entry(entry, schema))
    except Unsupported as refused:
        place = Span(0, 0, rule.query_line, 1)
        raise Unsupported(refused.construct, place, refused.hint) from refused


def _of_entry(entry: object, schema: Schema) -> Iterator[Predicate]:
    match entry:
        case {"meta": {"disabled": True}}:
            return
        case {"query": dict(query), "meta": {"negate": True}}:
            yield Not(_of_query(query, schema))
        case {"query": dict(query)}:
            yield _of_query(query, schema)
        case _:
            raise Unsupported("a Kibana filter without a query", hint=HINT)


def _of_query(query: Mapping[str, object], schema: Schema) -> Predicate:
    match query:
        case {"match_all": {}, **rest} if not rest:
            return ALWAYS
        case {"match_none": {}, **rest} if not rest:
            return NEVER
        case {"bool": dict(clauses), **rest} if not rest:
            return _of_clauses(clauses, schema)
        case {"exists": {"field": str(name)}, **rest} if not rest:
            return exists(name, schema)
        case {"terms": dict(by_field), **rest} if len(by_field) == 1 and not rest:
            return _terms(by_field, schema)
        case _ if len(query) == 1:
            ((kind, inner),) = query.items()
            if kind in _LEAVES and isinstance(inner, dict) and len(inner) == 1:
                ((name, value),) = inner.items()
                return _LEAVES[kind](name, value, schema)
        case _:
            pass
    raise Unsupported(f"a Kibana filter of the form {', '.join(query)}", hint=HINT)


_LEAVES = {
    "match_phrase": phrase,
    "range": span_of_values,
    "regexp": regular_expression,
    "term": term,
    "wildcard": wildcard,
}


def _terms(by_field: Mapping[str, object], schema: Schema) -> Predicate:
    ((name, values),) = by_field.items()
    if not isinstance(values, list) or not values:
        raise Unsupported(f"a Kibana filter with terms on {name}", hint=HINT)
    return Or(tuple(term(name, value, schema) for value in values))


def _of_clauses(clauses: Mapping[str, object], schema: Schema) -> Predicate:
    """Join the clauses of a `bool`; one of `should` must hold where nothing else is demanded."""
    unknown = sorted(clauses.keys() - {"must", "filter", "must_not", "should", _LEAST})
    if unknown:
        raise Unsupported(f"a Kibana filter of the form bool with {', '.join(unknown)}", hint=HINT)
    demanded = [*_queries(clauses, "must", schema), *_queries(clauses, "filter", schema)]
    left_out = [Not(one) for one in _queries(clauses, "must_not", schema)]
    choice = _queries(clauses, "should", schema)
    least = clauses.get(_LEAST, 0 if demanded or not choice else 1)
    if least not in (0, 1, "1"):
        raise Unsupported(f"a Kibana filter with {_LEAST} {least}", hint=HINT)
    chosen = [Or(tuple(choice))] if least else []
    joined = (*demanded, *left_out, *chosen)
    return joined[0] if len(joined) == 1 else And(joined)


_LEAST = "minimum_should_match"


def _queries(clauses: Mapping[str, object], kind: str, schema: Schema) -> list[Predicate]:
    found = clauses.get(kind, [])
    queries = found if isinstance(found, list) else [found]
    known = [query for query in queries if isinstance(query, dict)]
    if len(known) < len(queries):
        raise Unsupported(f"a Kibana filter with {kind} of a form that is not known", hint=HINT)
    return [_of_query(query, schema) for query in known]
