from __future__ import annotations

import math
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.errors import QuerySyntaxError, Unsupported
from converter.ir import FieldType, Schema
from converter.languages.eql import lower, lower_with_scripts, parse, show
from converter.languages.eql.syntax import (
    And,
    Arithmetic,
    Call,
    Comparison,
    EventQuery,
    Expression,
    FieldName,
    Literal,
    Match,
    MatchOperator,
    Membership,
    Negative,
    Not,
    Operator,
    Or,
    Sign,
)
from converter.languages.eql.tokens import span_of

CASES = Path(__file__).parents[2] / "data" / "cases"
SYNTAX = yaml.safe_load((CASES / "eql_syntax.yml").read_text(encoding="utf-8"))
ERRORS = yaml.safe_load((CASES / "eql_errors.yml").read_text(encoding="utf-8"))
SCHEMA = Schema(
    {
        "k": FieldType.KEYWORD,
        "n": FieldType.LONG,
        "b": FieldType.BOOLEAN,
        "i": FieldType.IP,
        "d": FieldType.DATE,
        "t": FieldType.TEXT,
        "fl": FieldType.FLATTENED,
        "ne": FieldType.NESTED,
    }
)


@pytest.mark.parametrize("text", SYNTAX)
def test_canonical_text_shows_how_operators_bind(text: str) -> None:
    assert show(parse(text)) == SYNTAX[text]
    assert parse(show(parse(text))) == parse(text)


@pytest.mark.parametrize("case", ERRORS["syntax"], ids=lambda case: case["text"])
def test_syntax_error_names_the_place_and_what_to_do(case: dict[str, object]) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(str(case["text"]))
    found = (caught.value.span.line, caught.value.span.column)
    assert found == (case.get("line", 1), case["column"])
    assert str(case["message"]) in caught.value.message


@pytest.mark.parametrize("case", ERRORS["unsupported"], ids=lambda case: case["text"])
def test_what_is_not_read_or_refused_by_elasticsearch_is_named(case: dict[str, str]) -> None:
    with pytest.raises(Unsupported) as caught:
        lower_with_scripts(parse(case["text"]), SCHEMA)
    assert caught.value.construct == case["construct"]
    assert caught.value.hint
    assert caught.value.span is not None


def test_a_predicate_alone_cannot_hold_a_script() -> None:
    with pytest.raises(Unsupported, match=r"the computed condition length\(k\) > 5"):
        lower(parse('any where k == "a" and length(k) > 5'), SCHEMA)


NOWHERE = span_of("", 0, 0)
TEXTS = st.text("aA*?\"\\'\t\n\x00é\U0001f600", max_size=5)
NAMES = st.text("ab.-` 1", min_size=1, max_size=4) | st.sampled_from(["in", "a.not", "@t"])
NUMBERS = st.integers(-20, 20) | st.floats(allow_nan=False, allow_infinity=False)
LITERALS = st.builds(
    Literal, st.none() | st.booleans() | TEXTS | NUMBERS.filter(lambda n: n != 0), st.just(NOWHERE)
)
STRINGS = st.builds(Literal, TEXTS, st.just(NOWHERE))
LEAVES: st.SearchStrategy[Expression] = LITERALS | st.builds(
    FieldName, NAMES, st.booleans(), st.just(NOWHERE)
)


def _is_number(expression: Expression) -> bool:
    return isinstance(expression, Literal) and type(expression.value) in (int, float)


def larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Not, inner),
        st.builds(And, several),
        st.builds(Or, several),
        st.builds(Comparison, st.sampled_from(Operator), inner, inner, st.just(NOWHERE)),
        st.builds(Arithmetic, st.sampled_from(Sign), inner, inner, st.just(NOWHERE)),
        # The sign of a number is part of the number.
        st.builds(Negative, inner.filter(lambda one: not _is_number(one)), st.just(NOWHERE)),
        st.builds(
            Match,
            st.sampled_from(MatchOperator),
            inner,
            st.lists(STRINGS, min_size=1, max_size=3).map(tuple),
            st.just(NOWHERE),
        ),
        st.builds(
            Membership,
            inner,
            st.lists(inner, min_size=1, max_size=3).map(tuple),
            st.booleans(),
            st.just(NOWHERE),
        ),
        st.builds(
            Call,
            st.sampled_from(["length", "f_2", "A"]),
            st.booleans(),
            st.lists(inner, max_size=3).map(tuple),
            st.just(NOWHERE),
        ),
    )


CATEGORIES = st.none() | TEXTS | st.sampled_from(["process", "any", "sequence"])


@settings(deadline=None, max_examples=300)
@given(st.builds(EventQuery, CATEGORIES, st.recursive(LEAVES, larger, max_leaves=8)))
def test_any_tree_survives_being_shown_and_parsed(query: EventQuery) -> None:
    assert parse(show(query)) == query


def test_numbers_keep_their_type() -> None:
    query = parse("any where a == 1 and b == 1.0 and c == 1e300")
    assert isinstance(query.condition, And)
    values = [
        one.right.value
        for one in query.condition.operands
        if isinstance(one, Comparison) and isinstance(one.right, Literal)
    ]
    assert [type(value) for value in values] == [int, float, float]
    assert math.isclose(float(values[2] or 0), 1e300)
