"""Kibana's grammar: what a text parses to, what it is refused for, and how a tree is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from converter.errors import QuerySyntaxError
from converter.languages.kuery import ast, parse, show

CASES = Path(__file__).parents[2] / "data" / "cases"
SYNTAX = yaml.safe_load((CASES / "kuery_syntax.yml").read_text(encoding="utf-8"))
ERRORS = yaml.safe_load((CASES / "kuery_errors.yml").read_text(encoding="utf-8"))
SHOWN = yaml.safe_load((CASES / "kuery_show.yml").read_text(encoding="utf-8"))
MEANING = yaml.safe_load((CASES / "kuery_meaning.yml").read_text(encoding="utf-8"))

CASE_ID = "{0[rule]} {0[text]}".format


def plain(query: ast.Query) -> list[object]:
    """Write a tree as the cases do."""
    match query:
        case ast.Empty():
            return ["empty"]
        case ast.Is(field, value):
            return ["is", None if field is None else plain_literal(field), plain_literal(value)]
        case ast.Range(field, operator, bound):
            return ["range", plain_literal(field), operator.value, plain_literal(bound)]
        case ast.Nested(path, operand):
            return ["nested", plain_literal(path), plain(operand)]
        case ast.Not(operand):
            return ["not", plain(operand)]
        case ast.And(operands):
            return ["and", *map(plain, operands)]
        case ast.Or(operands):
            return ["or", *map(plain, operands)]


def plain_literal(literal: ast.Literal) -> object:
    match literal:
        case ast.Text(value, is_quoted):
            return {"phrase": value} if is_quoted else value
        case ast.Boolean(truth):
            return truth
        case ast.Null():
            return None
        case ast.Pattern(pieces):
            return {"pattern": list(pieces)}


@pytest.mark.parametrize("case", SYNTAX, ids=CASE_ID)
def test_text_parses_to_the_tree_that_kibana_builds(case: dict[str, object]) -> None:
    assert plain(parse(str(case["text"]))) == case["tree"]


@pytest.mark.parametrize("case", ERRORS, ids=CASE_ID)
def test_syntax_error_names_the_place_and_what_to_do(case: dict[str, object]) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(str(case["text"]))
    found = (caught.value.message, caught.value.span.line, caught.value.span.column)
    assert found == (case["message"], case.get("line", 1), case["column"])


def test_excerpt_puts_a_caret_under_the_place() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse("a:b and\n  not(c:d)")
    assert str(caught.value) == 'line 2, column 6: put a space after "not"'
    assert caught.value.excerpt() == "  not(c:d)\n     ^"


@pytest.mark.parametrize("case", SHOWN, ids=CASE_ID)
def test_tree_is_shown_on_one_line(case: dict[str, str]) -> None:
    assert show(parse(case["text"])) == case["shown"]


@pytest.mark.parametrize("case", [*SYNTAX, *SHOWN], ids=CASE_ID)
def test_shown_text_parses_to_the_same_tree(case: dict[str, str]) -> None:
    query = parse(case["text"])
    assert parse(show(query)) == query


def nested_brackets(levels: int) -> str:
    return "(" * levels + "a:b" + ")" * levels


def test_kuery_17_a_hundred_levels_of_brackets_are_read_and_no_more() -> None:
    assert parse(nested_brackets(100)) == parse("a:b")
    with pytest.raises(QuerySyntaxError, match="nested more than 100 levels deep") as caught:
        parse(nested_brackets(101))
    assert caught.value.span.column == 101
    with pytest.raises(QuerySyntaxError, match="nested more than 100 levels deep"):
        parse("(" * 100_000)


def test_brackets_in_values_do_not_count_as_levels() -> None:
    text = "a:" + r"\(" * 200 + ' or b:"' + "(" * 200 + '"'
    assert isinstance(parse(text), ast.Or)


def test_lone_surrogate_stays_one() -> None:
    assert parse(r"a:\ud83d") == ast.Is(ast.Text("a"), ast.Text("\ud83d"))


def test_every_node_knows_its_place() -> None:
    text = 'a:x and\n  not "b c" : (y or "z" )'
    query = parse(text)
    assert isinstance(query, ast.And)
    first, second = query.operands
    assert isinstance(first, ast.Is)
    assert isinstance(second, ast.Not)
    values = second.operand
    assert isinstance(values, ast.Or)
    last = values.operands[1]
    assert isinstance(last, ast.Is)
    assert isinstance(last.field, ast.Text)
    spans = [query.span, first.value.span, second.span, values.span, last.field.span, last.span]
    assert [text[span.start : span.end] for span in spans] == [
        text,
        "x",
        'not "b c" : (y or "z" )',
        '"b c" : (y or "z" )',
        '"b c"',
        '"z"',
    ]
    assert (second.span.line, second.span.column, last.span.column) == (2, 3, 21)


def test_span_of_an_unquoted_literal_ends_before_white_space() -> None:
    query = parse("(a b : c d )")
    assert isinstance(query, ast.Is)
    assert isinstance(query.field, ast.Text)
    assert (query.field.span.start, query.field.span.end) == (1, 4)
    assert (query.value.span.start, query.value.span.end) == (7, 10)


def test_trees_that_no_text_means_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="no unquoted literal"):
        ast.Text(" x")
    with pytest.raises(ValueError, match="no unquoted literal"):
        ast.Text("null")
    with pytest.raises(ValueError, match="no unquoted literal"):
        ast.Pattern(("x", "y "))
    with pytest.raises(ValueError, match="two operands"):
        ast.And((ast.Empty(),))


CHARACTERS = st.sampled_from(
    'aotrndAOTRND  \\():<>"*{}?\t\n\r\u00a0\u3000\ufeff\ud83d\ude00é😀u0041'
)
TEXTS = st.text(CHARACTERS, max_size=8) | st.lists(
    st.sampled_from(["or", "and", "not", "NOT", "nOt", " ", "x", "*", "\\", "null", "true"]),
    max_size=5,
).map("".join)


def joined(text: str) -> str:
    """Join surrogates as they are joined when they are read (KUERY-10)."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def unquoted(text: str) -> ast.Text:
    trimmed = joined(text).strip(ast.TRIMMED)
    return ast.Text(trimmed + "." if trimmed in ast.CONSTANTS else trimmed)


def pattern(pieces: list[str]) -> ast.Pattern:
    first, *middle, last = map(joined, pieces)
    return ast.Pattern((first.lstrip(ast.TRIMMED), *middle, last.rstrip(ast.TRIMMED)))


LITERALS: st.SearchStrategy[ast.Literal] = st.one_of(
    TEXTS.map(unquoted),
    TEXTS.map(lambda text: ast.Text(joined(text), is_quoted=True)),
    st.lists(TEXTS, min_size=2, max_size=4).map(pattern),
    st.builds(ast.Boolean, st.booleans()),
    st.just(ast.Null()),
)
LEAVES: st.SearchStrategy[ast.Query] = st.one_of(
    st.builds(ast.Is, st.none() | LITERALS, LITERALS),
    st.builds(ast.Is, st.just(ast.Text("f")), LITERALS),
    st.builds(ast.Range, LITERALS, st.sampled_from(ast.Operator), LITERALS),
)


def above(inner: st.SearchStrategy[ast.Query]) -> st.SearchStrategy[ast.Query]:
    operands = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(ast.Not, inner),
        st.builds(ast.And, operands),
        st.builds(ast.Or, operands),
        st.builds(ast.Nested, LITERALS, inner),
    )


QUERIES = st.just(ast.Empty()) | st.recursive(LEAVES, above, max_leaves=6)


@given(QUERIES)
def test_any_tree_survives_showing_and_parsing(query: ast.Query) -> None:
    text = show(query)
    assert parse(text) == query
    assert not re.search(r"[\n\r\t]", text)


TOKEN_NAME = re.compile(r"QUOTED|LPAR|RPAR|LBRACE|RBRACE|COLON|RANGE|_OR|_AND|END")


def outcome_of(text: str) -> ast.Query | QuerySyntaxError:
    try:
        return parse(text)
    except QuerySyntaxError as error:
        return error


@given(st.lists(TEXTS | st.sampled_from(["a:", " or ", " and ", "not ", "(", ")", '"x"', ">"])))
def test_any_text_parses_and_survives_or_is_refused_with_a_place(fragments: list[str]) -> None:
    text = "".join(fragments)
    match outcome_of(text):
        case QuerySyntaxError(span=span, message=message):
            assert 0 <= span.start <= len(text)
            assert re.search(r"[a-z]", message)
            assert not TOKEN_NAME.search(message)
        case query:
            assert parse(show(query)) == query


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    semantics = Path(ast.__file__).with_name("SEMANTICS.md").read_text(encoding="utf-8")
    rules = set(re.findall(r"\*\*(KUERY-\d+)\*\*", semantics))
    cases = [*SYNTAX, *ERRORS, *SHOWN, *MEANING["cases"], *MEANING["refused"]]
    assert rules == {case["rule"] for case in cases} | {"KUERY-17"}  # tested above
