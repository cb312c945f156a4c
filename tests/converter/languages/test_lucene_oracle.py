"""Our parser, lowering and evaluator against real Lucene, on all cases and on random queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from converter.errors import QuerySyntaxError, Unsupported
from converter.ir import FieldType, Schema
from converter.languages.lucene import lower, parse, show
from harness.engines.predicate import evaluate
from tests.converter.languages.lucene_queries import (
    KEYWORDS,
    TYPES,
    Documents,
    documents_of,
    expressions,
    loose_texts,
    typed_queries,
)
from tests.oracles.lucene.oracle import Answer, Found, Lucene, Refused, Skipped, running_lucene
from tests.random_examples import examples

CASES = Path(__file__).parents[2] / "data" / "cases"
VECTORS, TYPED, ERRORS, SYNTAX = (
    yaml.safe_load((CASES / f"lucene_{name}.yml").read_text(encoding="utf-8"))
    for name in ("vectors", "types", "errors", "syntax")
)
ENOUGH = 5000
"""Pairs of a query and a document that each random test compares at least."""

LETTERS = r"Lucene 8 reads \d, \w and \s as letters"
LEFT_OUT = {
    r"a:/abc\d+/": LETTERS,
    r'k:/[\w.>"]+/': LETTERS,
    r"k:/\D+/": LETTERS,
    r"k:/\W+/": LETTERS,
    r"k:/[0.\s\d]+/": LETTERS,
    r"k:/\d\d\d/": LETTERS,
    r"k:/[\d]+/": LETTERS,
    r"k:/[\.\s]+/": LETTERS,
    r"k:/\s+/": LETTERS,
    r"k:/a\s[^\s][^\s][^\d]/": LETTERS,
    r"k:/a\s\S\S\D/": LETTERS,
    r"k:/a\s\s.*/": LETTERS,
    r"k:/a..\s.*/": LETTERS,
    r"k:/.*\d/": LETTERS,
    r"k:/.*\w/": LETTERS,
}
"""Texts of the cases that real Lucene is not asked, with the reason."""
NOT_LUCENES = ("date", "flattened")
"""Types that are Elasticsearch's own; documents with such fields are left out as well."""


@pytest.fixture(scope="module")
def lucene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lucene]:
    with running_lucene(tmp_path_factory.mktemp("lucene")) as running:
        yield running


def our_answer(query: str, documents: Documents, types: Mapping[str, str]) -> Answer:
    schema = Schema({name: FieldType(type_name) for name, type_name in types.items()})
    try:
        predicate = lower(parse(query), schema)
    except QuerySyntaxError as error:
        if error.message.startswith("_exists_ takes"):
            return Skipped(error.message)  # Elasticsearch lets it match nothing
        return Refused(error.message)
    except Unsupported as error:
        return Skipped(error.construct)
    return Found(
        tuple(place for place, one in enumerate(documents) if evaluate(predicate, one) is True)
    )


def compare(
    lucene: Lucene, queries: Sequence[str], documents: Documents, types: Mapping[str, str]
) -> int:
    """Compare answers; return of how many pairs of a query and a document both said the same."""
    pairs = 0
    for query, theirs in zip(queries, lucene.ask(queries, documents, types), strict=True):
        ours = our_answer(query, documents, types)
        if isinstance(ours, Skipped) or isinstance(theirs, Skipped):
            continue
        if isinstance(ours, Refused) and isinstance(theirs, Refused):
            continue
        assert (query, ours) == (query, theirs)
        pairs += len(documents)
    return pairs


def test_lucene_finds_the_documents_of_the_vectors(lucene: Lucene) -> None:
    names = list(VECTORS["documents"])
    texts = [text for text in VECTORS["matches"] if text not in LEFT_OUT]
    answers = lucene.ask(texts, list(VECTORS["documents"].values()), VECTORS["types"])
    found = {
        text: [names[place] for place in answer.documents] if isinstance(answer, Found) else answer
        for text, answer in zip(texts, answers, strict=True)
    }
    assert found == {text: VECTORS["matches"][text] for text in texts}


def case_types(rule: object) -> dict[str, str]:
    types = {name: kind for name, kind in TYPED["types"].items() if kind not in NOT_LUCENES}
    if rule == "LUCENE-15":
        del types["t"]  # all fields are asked, and what a pattern finds in text is not modelled
    return types


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{case['rule']} {case['document']}")
        for case in TYPED["cases"]
        if all(TYPED["types"].get(name) not in NOT_LUCENES for name in case["document"])
    ],
)
def test_lucene_answers_the_cases_of_types(
    lucene: Lucene, case: dict[str, dict[str, object]]
) -> None:
    texts = [text for text in (*case["matches"], *case["misses"]) if text not in LEFT_OUT]
    answers = lucene.ask(texts, [case["document"]], case_types(case["rule"]))
    wanted = {text: Found((0,) if text in case["matches"] else ()) for text in texts}
    assert dict(zip(texts, answers, strict=True)) == wanted


def test_every_text_that_is_left_out_is_a_case() -> None:
    texts = {text for case in TYPED["cases"] for text in (*case["matches"], *case["misses"])}
    assert LEFT_OUT.keys() <= texts | VECTORS["matches"].keys()


def test_lucene_refuses_what_we_call_a_syntax_error(lucene: Lucene) -> None:
    texts = [
        case["text"]
        for case in ERRORS["syntax"]
        if not case["message"].startswith("_exists_ takes")  # Elasticsearch lets it match nothing
    ]
    answers = lucene.ask(texts, [], {})
    accepted = [
        text for text, answer in zip(texts, answers, strict=True) if not isinstance(answer, Refused)
    ]
    assert accepted == []


def test_lucene_reads_a_text_and_its_canonical_form_alike(lucene: Lucene) -> None:
    @examples(10)
    @given(documents_of({"f": "keyword", "a": "keyword", "b": "keyword"}))
    def read_alike(documents: Documents) -> None:
        written = lucene.ask(list(SYNTAX), documents, {})
        assert written == lucene.ask([show(parse(text)) for text in SYNTAX], documents, {})

    read_alike()


def test_random_queries_find_what_lucene_finds(lucene: Lucene) -> None:
    pairs = 0

    @examples(250)
    @given(st.lists(typed_queries(), min_size=10, max_size=10), documents_of(TYPES))
    def find_the_same(queries: list[str], documents: Documents) -> None:
        nonlocal pairs
        pairs += compare(lucene, queries, documents, TYPES)

    find_the_same()
    assert pairs > ENOUGH


def test_random_texts_find_what_lucene_finds_or_are_refused_by_both(lucene: Lucene) -> None:
    pairs = 0

    @examples(250)
    @given(st.lists(loose_texts(), min_size=40, max_size=40), documents_of(KEYWORDS))
    def find_the_same(queries: list[str], documents: Documents) -> None:
        nonlocal pairs
        pairs += compare(lucene, queries, documents, KEYWORDS)

    find_the_same()
    assert pairs > ENOUGH


def test_random_expressions_find_what_lucene_finds(lucene: Lucene) -> None:
    pairs = 0

    @examples(100)
    @given(st.lists(expressions(), min_size=40, max_size=40), documents_of({"k": "keyword"}))
    def find_the_same(queries: list[str], documents: Documents) -> None:
        nonlocal pairs
        pairs += compare(lucene, queries, documents, {"k": "keyword"})

    find_the_same()
    assert pairs > ENOUGH
