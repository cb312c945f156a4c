from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.errors import QuerySyntaxError, Unsupported
from converter.ir import NEVER, FieldType, Schema, Wildcard
from converter.languages.lucene import lower, parse, show
from converter.languages.lucene.syntax import (
    Clause,
    End,
    Group,
    Interval,
    Occur,
    Pattern,
    Phrase,
    Present,
    Query,
    Term,
)
from converter.languages.lucene.tokens import span_of
from harness.engines.predicate import evaluate

CASES = Path(__file__).parents[2] / "data" / "cases"


def schema_of(types: dict[str, str]) -> Schema:
    return Schema({name: FieldType(type_name) for name, type_name in types.items()})


VECTORS = yaml.safe_load((CASES / "lucene_vectors.yml").read_text(encoding="utf-8"))
SYNTAX = yaml.safe_load((CASES / "lucene_syntax.yml").read_text(encoding="utf-8"))
ERRORS = yaml.safe_load((CASES / "lucene_errors.yml").read_text(encoding="utf-8"))
TYPES = yaml.safe_load((CASES / "lucene_types.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", VECTORS["matches"])
def test_query_matches_what_lucene_matched(text: str) -> None:
    predicate = lower(parse(text), schema_of(VECTORS["types"]))
    found = [
        number
        for number, document in VECTORS["documents"].items()
        if evaluate(predicate, document) is True
    ]
    assert found == VECTORS["matches"][text]


@pytest.mark.parametrize("text", SYNTAX)
def test_canonical_text_shows_the_flat_clauses(text: str) -> None:
    assert show(parse(text)) == SYNTAX[text]


@pytest.mark.parametrize("text", [*SYNTAX, *VECTORS["matches"]])
def test_canonical_text_parses_to_the_same_tree(text: str) -> None:
    query = parse(text)
    assert parse(show(query)) == query


@pytest.mark.parametrize("case", ERRORS["syntax"], ids=lambda case: case["text"])
def test_syntax_error_names_the_place_and_what_to_do(case: dict[str, object]) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(str(case["text"]))
    found = (caught.value.message, caught.value.span.line, caught.value.span.column)
    assert found == (case["message"], case.get("line", 1), case["column"])


@pytest.mark.parametrize("case", ERRORS["unsupported"], ids=lambda case: case["text"])
def test_what_cannot_be_expressed_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(Unsupported) as caught:
        lower(parse(case["text"]), schema_of({**TYPES["types"], "b": "boolean", "d": "date"}))
    assert caught.value.construct == case["construct"]
    assert caught.value.hint


@pytest.mark.parametrize(
    ("case", "text", "truth"),
    [
        pytest.param(case, text, truth, id=f"{case['rule']} {text}")
        for case in TYPES["cases"]
        for key, truth in (("matches", True), ("misses", False))
        for text in case[key]
    ],
)
def test_field_type_decides_what_a_leaf_means(
    case: dict[str, dict[str, object]], text: str, truth: bool
) -> None:
    predicate = lower(parse(text), schema_of(TYPES["types"]))
    assert evaluate(predicate, case["document"]) is truth


def test_blank_text_matches_nothing() -> None:
    assert lower(parse(" \n"), Schema({})) == NEVER


NOWHERE = span_of("", 0, 0)
FIELDS = st.none() | st.text("ab. -:", min_size=1, max_size=4)
TEXTS = st.text('aANDOR \\"*?/:+-!~^(){}[]<>=&|\t\n\u3000é', max_size=6)
WORDS = TEXTS.filter(lambda text: text != "" and (len(text) == 1 or text[0] not in "<>"))
ENDS = st.builds(End, TEXTS.filter(lambda text: text not in ("", "*")), st.booleans())
PARTS = st.lists(WORDS | st.sampled_from(Wildcard), min_size=2, max_size=4).filter(
    lambda parts: (
        any(isinstance(part, Wildcard) for part in parts)
        and not any(
            isinstance(one, str) and isinstance(other, str) for one, other in pairwise(parts)
        )
    )
)
LEAVES: st.SearchStrategy[Query] = st.one_of(
    st.builds(Term, FIELDS, WORDS, st.just(NOWHERE)),
    st.builds(Phrase, FIELDS, TEXTS, st.just(NOWHERE)),
    st.builds(Pattern, FIELDS, PARTS.map(tuple), st.just(NOWHERE)),
    st.builds(Present, TEXTS.filter(bool), st.just(NOWHERE)),
    st.builds(
        lambda field, end, is_lower: Interval(
            field, end if is_lower else None, None if is_lower else end, NOWHERE
        ),
        FIELDS,
        ENDS,
        st.booleans(),
    ),
)


def levels(inner: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    clauses = st.lists(st.builds(Clause, st.sampled_from(Occur), inner), min_size=2, max_size=3)
    return clauses.map(lambda members: Group(tuple(members)))


@settings(deadline=None)
@given(st.recursive(LEAVES, levels, max_leaves=6))
def test_any_tree_survives_being_shown_and_parsed(query: Query) -> None:
    assert parse(show(query)) == query
