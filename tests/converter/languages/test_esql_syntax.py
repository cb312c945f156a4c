"""ES|QL texts parse, are shown again, and fail with a message at the right place."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.diagnostic import Span
from converter.errors import QuerySyntaxError, Unsupported
from converter.languages.esql import parse, show
from converter.languages.esql import syntax as ast
from tests.corpus import shared

_CASES = Path(__file__).parents[2] / "data" / "cases"
_SYNTAX = yaml.safe_load((_CASES / "esql_syntax.yml").read_text(encoding="utf-8"))
_ERRORS = yaml.safe_load((_CASES / "esql_errors.yml").read_text(encoding="utf-8"))
_NOWHERE = Span(0, 0, 1, 1)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(text, shown or text, id=f"{rule} {text}")
        for rule, texts in _SYNTAX.items()
        for text, shown in texts.items()
    ],
)
def test_text_is_shown_in_its_canonical_form(text: str, shown: str) -> None:
    query = parse(text)
    assert show(query) == shown
    assert parse(shown) == query


@pytest.mark.parametrize("case", _ERRORS["syntax"], ids=lambda case: str(case["text"]))
def test_broken_text_is_refused_at_its_place(case: dict[str, object]) -> None:
    text = str(case["text"])
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert caught.value.message == case["message"]
    assert (caught.value.span.line, caught.value.span.column) == (
        case.get("line", 1),
        case["column"],
    )


@pytest.mark.parametrize("case", _ERRORS["unsupported"], ids=lambda case: str(case["text"]))
def test_what_is_not_executed_is_named(case: dict[str, str]) -> None:
    with pytest.raises(Unsupported) as caught:
        parse(case["text"])
    assert caught.value.construct == case["construct"]
    assert caught.value.span is not None


@pytest.mark.parametrize(
    "text",
    ["FROM a | WHERE " + "(" * 200 + "b" + ")" * 200, "FROM a | EVAL x = " + "+".join("b" * 200)],
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(Unsupported, match="more than (40|100)"):
        parse(text)


def test_wide_conditions_parse() -> None:
    text = "FROM a | WHERE " + " OR ".join(f'b == "{number}"' for number in range(3000))
    assert parse(show(parse(text))) == parse(text)


def test_positions_lead_to_the_text() -> None:
    text = 'FROM a\n| WHERE b == "x" AND LENGTH(c) > 5'
    where = parse(text).commands[0]
    assert isinstance(where, ast.Where)
    assert isinstance(where.condition, ast.Logical)
    second = where.condition.operands[1].span
    assert text[second.start : second.end] == "LENGTH(c) > 5"
    assert (second.line, second.column) == (2, 22)


def test_every_rule_of_elastic_parses_or_names_a_command_outside_the_list() -> None:
    commands = {"command GROK", "command DISSECT", "command COMPLETION", "options of MATCH"}
    for path in sorted(shared("corpus/elastic").rglob("*.toml")):
        rule = tomllib.loads(path.read_text(encoding="utf-8"))["rule"]
        if rule.get("language") != "esql":
            continue
        assert _outcome(rule["query"]) in {"same", *commands}, path.name


def _outcome(text: str) -> str:
    """Return whether a text survives being shown, or what is refused."""
    try:
        query = parse(text)
    except Unsupported as refused:
        return refused.construct
    return "same" if parse(show(query)) == query else "different"


_NAMES = st.sampled_from(["a", "b.c", "@timestamp", "d-e", "x.`y", "in", "first.as", "true", "*"])
_TEXTS = st.text(alphabet=st.sampled_from('ab"\\\n\t*? é`'), max_size=6)
_SCALARS: st.SearchStrategy[ast.Scalar] = st.one_of(
    _TEXTS.map(lambda value: ast.Text(value, _NOWHERE)),
    st.integers(-5, 5).map(lambda value: ast.Integer(value, _NOWHERE)),
    st.floats(-1e20, 1e20, allow_nan=False).map(lambda value: ast.Decimal(value, _NOWHERE)),
    st.booleans().map(lambda value: ast.Boolean(value, _NOWHERE)),
)
_LEAVES: st.SearchStrategy[ast.Expression] = st.one_of(
    _SCALARS,
    st.just(ast.Null(_NOWHERE)),
    _NAMES.map(lambda name: ast.Column(name, _NOWHERE)),
    st.builds(ast.TimeSpan, st.integers(-2, 9), st.sampled_from(ast.Unit), st.just(_NOWHERE)),
    st.lists(st.integers(-2, 2).map(lambda value: ast.Integer(value, _NOWHERE)), min_size=1).map(
        lambda items: ast.ListLiteral(tuple(items), _NOWHERE)
    ),
)


def _inner(inner: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Expression]:
    nowhere = st.just(_NOWHERE)
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    texts = st.lists(_TEXTS.map(lambda value: ast.Text(value, _NOWHERE)), min_size=1, max_size=2)
    return st.one_of(
        st.builds(ast.Not, inner, nowhere),
        st.builds(
            ast.Logical,
            st.sampled_from(ast.Connective),
            st.lists(inner, min_size=2, max_size=3).map(tuple),
            nowhere,
        ),
        st.builds(ast.Comparison, st.sampled_from(ast.Comparator), inner, inner, nowhere),
        st.builds(ast.Arithmetic, st.sampled_from(ast.Operator), inner, inner, nowhere),
        st.builds(ast.Negative, inner, nowhere),
        st.builds(ast.In, inner, some, nowhere),
        st.builds(ast.Matches, st.sampled_from(ast.Pattern), inner, texts.map(tuple), nowhere),
        st.builds(ast.IsNull, inner, nowhere),
        st.builds(ast.Cast, inner, st.sampled_from(["long", "ip"]), nowhere),
        st.builds(ast.Call, st.sampled_from(["F", "LENGTH", "FIRST"]), some, nowhere),
    )


@settings(max_examples=400, deadline=None)
@given(expression=st.recursive(_LEAVES, _inner, max_leaves=8))
def test_any_tree_survives_being_shown(expression: ast.Expression) -> None:
    query = ast.Query(
        ast.From(("a",), (), _NOWHERE),
        (
            ast.Where(expression, _NOWHERE),
            ast.Eval((ast.Definition("x", expression, _NOWHERE),), _NOWHERE),
        ),
    )
    assert parse(show(query)) == query
