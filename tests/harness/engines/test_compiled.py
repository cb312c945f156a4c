"""Generated code against the interpreter, which defines the meaning."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from converter.errors import Unsupported
from converter.ir import (
    ALWAYS,
    NEVER,
    And,
    AnyField,
    Atom,
    Bound,
    Case,
    Cidr,
    Constant,
    Exists,
    FieldComparison,
    Glob,
    IsTrue,
    Missing,
    Nested,
    Not,
    OneOf,
    Or,
    Predicate,
    Quantifier,
    Range,
    Regex,
    RegexDialect,
    Relation,
    Test,
    View,
    Wildcard,
    Words,
)
from harness.engines.compiled import compile_predicate, compile_selection
from harness.engines.predicate import evaluate
from harness.events.event import Document, values_of

PATHS = ["a", "a.b", "a.b.c", "a.c", "b", "b.c"]

texts = st.sampled_from(
    ["", "a", "A", "ab", "b", "true", "True", "1", "1.0", "10.0.0.1", "x.y", "{0}'\"\\", "É", "é"]
)
numbers = st.sampled_from([0, 1, -1, 5, 10, 1.0, 0.5, 1e30])
scalars = st.one_of(texts, numbers, st.booleans())
cases = st.sampled_from(Case)


def any_test() -> st.SearchStrategy[Test]:
    bounds = st.none() | st.builds(Bound, scalars, st.booleans())
    part = st.sampled_from(["a", "B", "", "{", Wildcard.MANY, Wildcard.ONE])
    pattern = st.sampled_from(["a", "a.", "[ab]+", "b|1", "."])
    return st.one_of(
        st.just(Exists()),
        st.builds(OneOf, st.lists(scalars, min_size=1, max_size=3).map(tuple), cases),
        st.builds(Glob, st.lists(part, max_size=3).map(tuple), cases),
        st.builds(Regex, pattern, st.sampled_from(RegexDialect), st.just(""), cases),
        st.builds(Range, bounds, bounds),
        st.builds(Cidr, st.just(("10.0.0.0/8",)), st.booleans()),
        st.builds(Words, st.just(("a",)), st.booleans()),
    )


atoms = st.builds(
    Atom,
    st.sampled_from(PATHS),
    st.sampled_from(View),
    any_test(),
    st.sampled_from(Quantifier),
    st.sampled_from(Missing),
)
comparisons = st.builds(
    FieldComparison,
    st.sampled_from(PATHS),
    st.sampled_from(Relation),
    st.sampled_from(PATHS),
    st.sampled_from(View),
    cases,
)
leaves = st.one_of(
    atoms,
    atoms,
    atoms,
    st.builds(Constant, st.sampled_from([True, False, None])),
    st.builds(AnyField, st.sampled_from(View), any_test()),
    comparisons,
    st.builds(Nested, st.sampled_from(["a", "a.b"]), atoms),
)
predicates = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(And, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
        st.builds(IsTrue, inner),
    ),
    max_leaves=8,
)
nodes = st.recursive(
    st.none() | scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b", "c", "b.c"]), inner, max_size=3),
    ),
    max_leaves=6,
)
documents = st.dictionaries(st.sampled_from(["a", "b", "a.b", "b.c", "a.b.c"]), nodes, max_size=3)
# Most logs spell a field one way; without these the look-up in nested objects is hardly reached.
leaf = st.one_of(st.none(), scalars, st.lists(st.none() | scalars, max_size=2))
plain_documents = st.fixed_dictionaries(
    {},
    optional={
        "a": st.fixed_dictionaries(
            {}, optional={"b": st.fixed_dictionaries({}, optional={"c": leaf}) | leaf, "c": leaf}
        )
        | leaf,
        "b": st.fixed_dictionaries({}, optional={"c": leaf}) | leaf,
    },
)


@settings(max_examples=400, deadline=None)
@given(predicates, st.lists(documents | plain_documents, min_size=1, max_size=8))
def test_generated_code_is_true_exactly_where_the_interpreter_is(
    predicate: Predicate, events: list[Document]
) -> None:
    matches = compile_predicate(predicate)
    fails = compile_predicate(Not(predicate))
    for event in events:
        truth = evaluate(predicate, event)
        assert matches(event) is (truth is True)
        assert fails(event) is (truth is False)


@settings(max_examples=400, deadline=None)
@given(atoms, st.lists(documents | plain_documents, min_size=1, max_size=8))
def test_every_atom_is_decided_as_the_interpreter_does(atom: Atom, events: list[Document]) -> None:
    matches = compile_predicate(atom)
    fails = compile_predicate(Not(atom))
    again = compile_predicate(Or((atom, NEVER)))
    for event in events:
        truth = evaluate(atom, event)
        assert matches(event) is again(event) is (truth is True)
        assert fails(event) is (truth is False)


@settings(max_examples=300, deadline=None)
@given(st.lists(atoms, min_size=2, max_size=4), st.lists(plain_documents, min_size=1, max_size=8))
def test_tests_on_the_same_fields_share_what_was_looked_up(
    parts: list[Atom], events: list[Document]
) -> None:
    predicates: list[Predicate] = [
        And(tuple(parts)),
        Or(tuple(parts)),
        And(tuple(map(Not, parts))),
        Not(IsTrue(Or(tuple(parts)))),
    ]
    for predicate in predicates:
        matches = compile_predicate(predicate)
        for event in events:
            assert matches(event) is (evaluate(predicate, event) is True)


# Few values, so that lists and documents often meet.
few = st.sampled_from(["a", "A", "b", 1, True])
lists = st.builds(OneOf, st.lists(few, min_size=1, max_size=2).map(tuple), cases)
list_atoms = st.builds(
    Atom,
    st.just("a"),
    st.sampled_from([View.TEXT, View.RAW]),
    lists,
    st.sampled_from(Quantifier),
    st.sampled_from(Missing),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(list_atoms | list_atoms.map(IsTrue), min_size=2, max_size=4),
    few | st.lists(few, max_size=2),
)
def test_lists_on_one_field_are_merged_without_a_change_of_truth(
    parts: list[Atom | IsTrue], value: object
) -> None:
    for predicate in (And(tuple(parts)), Or(tuple(parts))):
        for event in ({"a": value}, {}):
            truth = evaluate(predicate, event)
            assert compile_predicate(predicate)(event) is (truth is True)
            assert compile_predicate(Not(predicate))(event) is (truth is False)


@example({"a": {"b": "x"}, "a.b": "y"})
@example({"a": [{"b": "x"}, {"b": "y"}]})
@example({"a": {"b": ["x"]}})
@example({"a": {"b": {"c": "x"}}})
@settings(max_examples=300, deadline=None)
@given(documents | plain_documents)
def test_a_selection_gives_the_values_of_a_matching_document(event: Document) -> None:
    selected = compile_selection(ALWAYS, "a.b", "a.c", ["a.b", "b"], "|")(event)
    assert selected is not None
    document, first, second, joined = selected
    assert document is event
    for path, value in (("a.b", first), ("a.c", second)):
        as_tuple = value if isinstance(value, tuple) else () if value is None else (value,)
        assert as_tuple == values_of(event, path)
    both = (*values_of(event, "a.b"), *values_of(event, "b"))
    is_one_text_each = all(
        len(found) == 1 and isinstance(found[0], str)
        for found in (values_of(event, "a.b"), values_of(event, "b"))
    )
    assert joined == ("|".join(map(str, both)) if is_one_text_each else None)


def test_a_selection_gives_nothing_of_other_documents() -> None:
    select = compile_selection(Atom("a", View.TEXT, OneOf(("x",))), "a", "b", ["a"], "|")
    assert select({"a": "y"}) is None
    assert select({"a": ["x"]}) == ({"a": ["x"]}, "x", None, "x")


SPELLINGS: list[Document] = [
    {"a.b.c": "x"},
    {"a.b": {"c": "x"}},
    {"a": {"b.c": "x"}},
    {"a": {"b": {"c": "x"}}},
    {"a": [{"b": {"c": "x"}}]},
    {"a": {"b": [{"c": "x"}]}},
    {"a": {"b": {"c": ["x"]}}},
    {"a": {"b.c": "x", "b": {"c": "y"}}},
    {"a": {"b": {"c": "y"}}, "a.b.c": "x"},
]


@pytest.mark.parametrize("document", SPELLINGS, ids=repr)
def test_a_field_is_found_however_it_is_spelled(document: Document) -> None:
    atom = Atom("a.b.c", View.TEXT, OneOf(("x",)))
    assert compile_predicate(atom)(document)
    assert not compile_predicate(Not(atom))(document)
    assert not compile_predicate(Atom("a.b.c", View.TEXT, OneOf(("z",))))(document)


def test_lists_that_every_value_must_be_in_are_not_merged() -> None:
    one, other = (
        Atom("a", View.TEXT, OneOf((text,)), Quantifier.ALL, Missing.FALSE) for text in "xy"
    )
    assert not compile_predicate(Or((one, other)))({"a": ["x", "y"]})


MANY = (Wildcard.MANY,)
JOINED = Quantifier.JOINED
DECIDED: list[tuple[Atom, object, bool | None]] = [
    (Atom("a", View.TEXT, OneOf(("\u00e9",), Case.ASCII)), "\u00c9", False),
    (Atom("a", View.TEXT, OneOf(("\u00e9",), Case.UNICODE)), "\u00c9", True),
    (Atom("a", View.TEXT, OneOf(("k",), Case.ASCII)), "\u212a", False),
    (Atom("a", View.TEXT, OneOf(("k",), Case.UNICODE)), "\u212a", True),
    (Atom("a", View.TEXT, Exists(), Quantifier.SINGLE), ["x", "y"], None),
    (Atom("a", View.TEXT, OneOf(("x",)), Quantifier.ALL), ["x", "y"], False),
    (Atom("a", View.KEYWORD, OneOf(("x",)), Quantifier.LEAST), ["y", "x"], True),
    (Atom("a", View.KEYWORD, OneOf(("y",)), Quantifier.LEAST), ["y", "x"], False),
    (Atom("a", View.IP, Cidr(("9.9.9.9",)), Quantifier.LEAST), ["10.1.1.1", "9.9.9.9"], True),
    (Atom("a", View.KEYWORD, OneOf(("x|y",)), JOINED, separator="|"), ["y", "x", "y"], True),
    (Atom("a", View.KEYWORD, OneOf(("x",)), JOINED, separator="|"), "x", True),
    (Atom("a", View.KEYWORD, Glob(("x", *MANY)), JOINED, separator="|"), ["y", "x"], True),
    (Atom("a", View.KEYWORD, Glob(("y", *MANY)), JOINED, separator="|"), ["y", "x"], False),
    (Atom("a", View.IP, OneOf(("9.9.9.9 ::1",)), JOINED, separator=" "), ["::1", "9.9.9.9"], False),
    (Atom("a", View.IP, OneOf(("::1 9.9.9.9",)), JOINED, separator=" "), ["9.9.9.9", "0::1"], True),
    (Atom("a", View.TEXT, Glob((*MANY, "{x}", *MANY))), "y{x}y", True),
    (Atom("a", View.TEXT, Glob((*MANY, "{x}"))), "y{x}", True),
    (Atom("a", View.TEXT, Glob(("{x}", *MANY), Case.ASCII)), "{X}y", True),
    (Atom("a", View.TEXT, Glob(("x", *MANY))), 5, False),
    (Atom("a", View.RAW, OneOf((1,))), True, False),
    (Atom("a", View.NUMBER, Range(Bound(1, True), Bound(2, False))), 1, True),
    (Atom("a", View.NUMBER, Range(Bound(1, True), Bound(2, False))), 2, False),
    (Atom("a", View.NUMBER, Range(Bound(1, False), None)), 1, False),
    (Atom("a", View.LENIENT_BOOLEAN, OneOf((False,))), "FALSE", True),
    (Atom("a", View.BOOLEAN, OneOf((False,))), "FALSE", False),
]


@pytest.mark.parametrize(("atom", "value", "expected"), DECIDED, ids=repr)
def test_what_is_written_out_decides_the_corners(
    atom: Atom, value: object, expected: bool | None
) -> None:
    for event in ({"a": value}, {"a": [value]} if not isinstance(value, list) else {"a": value}):
        assert evaluate(atom, event) is expected
        assert compile_predicate(atom)(event) is (expected is True)
        assert compile_predicate(Not(atom))(event) is (expected is False)


def test_names_and_texts_of_a_rule_never_become_code() -> None:
    nasty = "x') or True #{}\n\"\\"
    matches = compile_predicate(Atom(nasty, View.TEXT, OneOf((nasty,))))
    assert matches({nasty: nasty})
    assert not matches({nasty: "x"})


def test_deep_nesting_compiles() -> None:
    predicate: Predicate = Atom("a", View.TEXT, OneOf(("x",)))
    for number in range(150):
        other = Atom("b", View.RAW, OneOf((number,)))
        predicate = And((Or((predicate, other)), Not(Atom("c", View.TEXT, OneOf(("x",))))))
    matches = compile_predicate(predicate)
    assert matches({"a": "x"})
    assert matches({"b": 149})
    assert not matches({"a": "x", "c": "x"})


def test_a_long_list_of_alternatives_compiles() -> None:
    parts = tuple(Atom("a", View.TEXT, Glob((str(n), Wildcard.MANY))) for n in range(3000))
    assert compile_predicate(Or(parts))({"a": "2999x"})


def test_a_pattern_that_no_engine_takes_is_refused_before_any_event() -> None:
    with pytest.raises(Unsupported, match="is not valid"):
        compile_predicate(Atom("a", View.TEXT, Regex("(", RegexDialect.RE2)))
