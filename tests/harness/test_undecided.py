from __future__ import annotations

import pytest

from converter.ir import (
    And,
    AnyField,
    Atom,
    Case,
    Exists,
    FieldComparison,
    Glob,
    Not,
    OneOf,
    Predicate,
    Regex,
    RegexDialect,
    Relation,
    View,
)
from harness.undecided import caseless_fields, undecided

TEXT = View.TEXT
IN_ANY_CASE = OneOf(("k",), Case.ASCII)
EXACT = OneOf(("k",))


@pytest.mark.parametrize(
    ("predicate", "fields"),
    [
        (Atom("a", TEXT, IN_ANY_CASE), {"a"}),
        (Atom("a", TEXT, EXACT), set()),
        (Atom("a", TEXT, Exists()), set()),
        (Atom("a", TEXT, Glob(("k",), Case.ASCII)), {"a"}),
        (Atom("a", TEXT, Regex("k", RegexDialect.RE2, "i")), {"a"}),
        (Atom("a", TEXT, Regex("k", RegexDialect.RE2)), set()),
        (Atom("a", View.LENIENT_BOOLEAN, OneOf((True,))), {"a"}),
        (AnyField(TEXT, IN_ANY_CASE), {""}),
        (FieldComparison("a", Relation.EQUALS, "b", case=Case.ASCII), {"a", "b"}),
        (Not(And((Atom("a", TEXT, IN_ANY_CASE), Atom("b", TEXT, EXACT)))), {"a"}),
    ],
)
def test_the_fields_whose_case_is_ignored_are_found(predicate: Predicate, fields: set[str]) -> None:
    assert caseless_fields(predicate) == fields


@pytest.mark.parametrize("letter", "\u0130\u0131\u017f\u212a")
def test_a_letter_that_may_fold_to_an_ascii_one_decides_nothing(letter: str) -> None:
    document = {"a": {"b": ["x", f"y{letter}"]}, "c": "k"}
    assert "Kusto does not say" in undecided(document, frozenset({"a.b"}))
    assert "Kusto does not say" in undecided(document, frozenset({""}))
    assert undecided(document, frozenset({"c"})) == ""


def test_other_letters_decide() -> None:
    assert undecided({"a": "kKéÉß"}, frozenset({"a", ""})) == ""
