from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from sigma.exceptions import SigmaFeatureNotSupportedByBackendError

from converter.ir import Atom, Case, Regex, RegexDialect, Schema, View
from converter.ir import Wildcard as IrWildcard
from converter.languages import kuery, lucene
from converter.languages.kuery import ast
from converter.languages.lucene import syntax
from harness.engines.predicate import evaluate
from sigma.backends.sigmaproof_esql import literals as esql_literals
from sigma.backends.sigmaproof_kuery import literals as kuery_literals
from sigma.backends.sigmaproof_lucene import literals as lucene_literals
from sigma.sigmaproof.elastic.comparison import Part, Search, Wildcard
from sigma.sigmaproof.elastic.expression import of_search, of_text

CASES = Path(__file__).parents[2] / "data" / "cases"
EXPRESSIONS = yaml.safe_load((CASES / "backend_expressions.yml").read_text(encoding="utf-8"))

PIECES = [*"aNu0\\\"*?/:+-!~^(){}[]<>=&|@#$.,;' \u00a0\u3000\t\n\ré漢😀"]
WORDS = ["or", "and", "not", "NOT", "Or", "AND", "cannot", "true", "null"]
TEXTS = st.lists(st.sampled_from([*PIECES, *WORDS, *[" "] * 9]), max_size=9).map("".join)
NAMES = st.text(st.sampled_from('aB_.-@ :"\\()'), min_size=1, max_size=6) | st.sampled_from(WORDS)


def shapes(texts: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[Part, ...]]:
    return st.builds(
        lambda first, last: tuple(part for part in (first, Wildcard.MANY, last) if part != ""),
        texts,
        texts,
    )


@given(NAMES, TEXTS)
def test_kuery_reads_quoted_text_back(name: str, text: str) -> None:
    written = f"{kuery_literals.field_name(name)}: {kuery_literals.quoted(text)}"
    query = kuery.parse(written)
    assert isinstance(query, ast.Is)
    assert isinstance(query.field, ast.Text)
    assert (query.field.value, query.value) == (name, ast.Text(text, is_quoted=True))


@given(shapes(TEXTS.map(lambda text: text.strip())))
def test_kuery_reads_patterns_back(parts: tuple[Part, ...]) -> None:
    query = kuery.parse(f"f: {kuery_literals.pattern('f', parts)} and g: x")
    assert isinstance(query, ast.And)
    first = query.operands[0]
    assert isinstance(first, ast.Is)
    assert isinstance(first.value, ast.Pattern)
    assert "*".join(first.value.pieces) == "".join(
        part if isinstance(part, str) else part.value for part in parts
    )


@given(NAMES, TEXTS)
def test_lucene_reads_quoted_text_back(name: str, text: str) -> None:
    written = f"{lucene_literals.field_name(name)}:{lucene_literals.quoted(text)}"
    assert "\n" not in written
    query = lucene.parse(written)
    assert isinstance(query, syntax.Phrase)
    assert (query.field, query.text) == (name, text)


@given(
    shapes(
        st.text(st.sampled_from('aANDOR\\"*?/:+-!~^(){}[]<>=&|@# \u3000é😀\n\t\x01'), max_size=8)
    )
)
def test_lucene_reads_patterns_back(parts: tuple[Part, ...]) -> None:
    query = lucene.parse(f"f:{lucene_literals.pattern(parts)} AND g:x")
    assert isinstance(query, syntax.Group)
    first = query.clauses[0].query
    if parts == (Wildcard.MANY,):
        assert isinstance(first, syntax.Present)
        return
    assert isinstance(first, syntax.Pattern)
    assert first.parts == tuple(
        IrWildcard.MANY if isinstance(part, Wildcard) else part for part in parts
    )


@given(st.text(st.sampled_from('aZ1\\"*?/:.+|&@#<>~^$[](){} -é\n\t'), max_size=8))
def test_lucene_expression_of_a_text_matches_it_in_any_case(text: str) -> None:
    written = f"f:{lucene_literals.delimited('f', of_text(text, ignores_case=True))} AND g:/x/"
    query = lucene.parse(written)
    assert isinstance(query, syntax.Group)
    predicate = lucene.lower(query, Schema({}))
    for value in (text, text.upper().replace("É", "é"), text.lower()):
        assert evaluate(predicate, {"f": value, "g": "x"}) is True
    assert evaluate(predicate, {"f": text + "x", "g": "x"}) is False


@pytest.mark.parametrize("case", EXPRESSIONS["written"], ids=lambda case: case["pattern"])
def test_expression_is_written_in_lucenes_dialect(case: dict[str, str]) -> None:
    flags = frozenset(case.get("flags", ""))
    assert of_search(Search(case["pattern"], flags), "f") == case["written"]


@pytest.mark.parametrize("case", EXPRESSIONS["written"], ids=lambda case: case["pattern"])
def test_expression_matches_what_sigmas_matches(case: dict[str, str]) -> None:
    flags = case.get("flags", "")
    pattern = case["pattern"].removeprefix("(?s)")
    flags += "s" if pattern != case["pattern"] else ""
    case_rule = Case.ASCII if "i" in flags else Case.EXACT
    asked = Regex(pattern, RegexDialect.RE2, flags.replace("i", ""), case_rule)
    written = Regex(case["written"], RegexDialect.LUCENE)
    for values, truth in ((case["finds"], True), (case["misses"], False)):
        for value in values:
            for test in (asked, written):
                assert evaluate(Atom("f", View.TEXT, test), {"f": value}) is truth


@pytest.mark.parametrize("case", EXPRESSIONS["refused"], ids=lambda case: case["pattern"])
def test_expression_without_an_equal_in_lucene_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(SigmaFeatureNotSupportedByBackendError) as caught:
        of_search(Search(case["pattern"], frozenset(case.get("flags", ""))), "f")
    assert f"field f: {case['what']} the regular expression" in str(caught.value)


def test_lucene_expression_never_ends_in_an_escaped_slash() -> None:
    assert lucene_literals.delimited("f", r"c:\\") == r"/c:[\\]/"


def test_too_long_an_expression_is_refused() -> None:
    with pytest.raises(SigmaFeatureNotSupportedByBackendError, match="of 1001 characters"):
        lucene_literals.delimited("f", "a" * 1001)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("@timestamp", "@timestamp"),
        ("a.b_c.D1", "a.b_c.D1"),
        ("source.as.number", "source.`as`.number"),
        ("From", "`From`"),
        ("a.b-c.1d", "a.`b-c`.`1d`"),
        ("a`b", "`a``b`"),
    ],
)
def test_esql_quotes_what_is_no_identifier(name: str, written: str) -> None:
    assert esql_literals.field_name(name) == written


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (timedelta(days=1), "1 day"),
        (timedelta(days=14), "14 days"),
        (timedelta(hours=25), "25 hours"),
        (timedelta(minutes=9), "9 minutes"),
        (timedelta(seconds=90), "90 seconds"),
        (timedelta(milliseconds=1500), "1500 milliseconds"),
    ],
)
def test_esql_writes_durations_in_their_largest_unit(length: timedelta, written: str) -> None:
    assert esql_literals.duration(length) == written


@pytest.mark.parametrize(
    ("pattern", "written"), [("logs-*", "logs-*"), ("a b", '"a b"'), ("x:logs", '"x:logs"')]
)
def test_esql_quotes_odd_index_patterns(pattern: str, written: str) -> None:
    assert esql_literals.index_pattern(pattern) == written
