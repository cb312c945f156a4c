"""Conditions as Kibana filters: what a rule file says beside a query text that cannot say it.

A filter is a query of Elasticsearch's JSON language, whose `term` and `wildcard` can ignore case (A to Z,
SIGMA-4), and which has regular expressions and a wildcard for one character.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import assert_never

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.types import (
    CompareOperators,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
)

from sigma.sigmaproof.elastic.analysed import phrase_of
from sigma.sigmaproof.elastic.backend import Condition, checked, disjuncts
from sigma.sigmaproof.elastic.comparison import (
    Address,
    AnyValue,
    Boolean,
    Bound,
    Comparison,
    Network,
    Never,
    Number,
    Part,
    Search,
    Shape,
    Text,
    Wildcard,
    comparison_of,
)
from sigma.sigmaproof.elastic.expression import of_search
from sigma.sigmaproof.elastic.fields import Field, Kind
from sigma.sigmaproof.elastic.refusal import refusal

Query = Mapping[str, object]
LookUp = Callable[[str], Field]

_RANGES = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}


def conjuncts(cond: Condition) -> Iterator[Condition]:
    """Yield the conditions that must all hold."""
    match cond:
        case ConditionAND():
            for one in cond.args:
                yield from conjuncts(checked(one))
        case _:
            yield cond


def split(cond: Condition) -> list[Condition]:
    """Return a negated choice as its negations, which together mean the same; any other condition alone."""
    if not isinstance(cond, ConditionNOT):
        return [cond]
    return [ConditionNOT([one]) for one in disjuncts(checked(cond.args[0]))]


def joined(negations: list[Condition]) -> Condition:
    """Return one condition for what `split` took apart."""
    if len(negations) == 1:
        return negations[0]
    left_out = [one.args[0] for one in negations if isinstance(one, ConditionNOT)]
    return ConditionNOT([ConditionOR(left_out)])


def filter_of(cond: Condition, look_up: LookUp) -> Query:
    """Write a condition as a filter; refuses what no query of Elasticsearch can say."""
    if isinstance(cond, ConditionNOT):
        return {"meta": {"negate": True}, "query": _query(checked(cond.args[0]), look_up)}
    return {"meta": {"negate": False}, "query": _query(cond, look_up)}


def _query(cond: Condition, look_up: LookUp) -> Query:
    match cond:
        case ConditionAND():
            return {"bool": {"filter": [_query(checked(one), look_up) for one in cond.args]}}
        case ConditionNOT():
            return _negated(_query(checked(cond.args[0]), look_up))
        case ConditionOR():
            return _choice([_query(one, look_up) for one in disjuncts(cond)])
        case ConditionFieldEqualsValueExpression():
            return _on_field(cond, look_up)
        case ConditionValueExpression(value=value):
            raise refusal(f"the keyword {str(value)!r}", "name the field that holds it")
        case _:
            raise refusal(f"a condition of type {type(cond).__name__}", "write it otherwise")


def _on_field(cond: ConditionFieldEqualsValueExpression, look_up: LookUp) -> Query:
    match cond.value:
        case SigmaExpansion():
            return _choice([_query(one, look_up) for one in disjuncts(cond)])
        case SigmaNull() | SigmaExists(exists=False):
            return _negated(_comparison(look_up(cond.field), AnyValue()))
        case SigmaCompareExpression(op=CompareOperators.NEQ, number=number):
            equality = ConditionFieldEqualsValueExpression(cond.field, number)
            return _negated(_on_field(equality, look_up))
        case SigmaFieldReference(field=other):
            raise refusal(
                f"field {cond.field}: a comparison with the field {other}",
                "a filter compares fields with constants only; compare it with values",
            )
        case _:
            field = look_up(cond.field)
            comparison = comparison_of(field, cond.value)
            if isinstance(comparison, Never):
                return {"match_none": {}}
            return _comparison(field, comparison)


def _negated(query: Query) -> Query:
    return {"bool": {"must_not": [query]}}


def _choice(queries: list[Query]) -> Query:
    if len(queries) == 1:
        return queries[0]
    return {"bool": {"should": queries, "minimum_should_match": 1}}


def _comparison(field: Field, comparison: Comparison) -> Query:
    name = field.name
    match comparison:
        case AnyValue():
            return {"exists": {"field": name}}
        case Text() | Shape() | Search() if field.kind is Kind.TEXT:
            return {"match_phrase": {name: phrase_of(field, comparison)}}
        case Text(text, ignores_case):
            return {"term": {name: _without_case(text, ignores_case)}}
        case Shape(parts, ignores_case):
            return {"wildcard": {name: _without_case(_pattern(parts), ignores_case)}}
        case Search():
            return {"regexp": {name: {"value": of_search(comparison, name)}}}
        case Boolean(boolean):
            is_text = field.kind in (Kind.KEYWORD, Kind.WILDCARD)
            return {"term": {name: _without_case(str(boolean).lower(), is_text)}}
        case Number(number):
            return {"term": {name: {"value": number}}}
        case Address(text) | Network(text):
            return {"term": {name: {"value": text}}}
        case Bound(operator, number):
            return {"range": {name: {_RANGES[operator]: number}}}
        case _:
            assert_never(comparison)


def _without_case(text: str, ignores_case: bool) -> Query:
    return {"case_insensitive": True, "value": text} if ignores_case else {"value": text}


def _pattern(parts: tuple[Part, ...]) -> str:
    return "".join(part.value if isinstance(part, Wildcard) else _escaped(part) for part in parts)


def _escaped(text: str) -> str:
    return "".join(f"\\{one}" if one in "\\*?" else one for one in text)
