"""A table that keeps no case judges no event on which the case alone decides, and every other one."""

from __future__ import annotations

import pytest

from converter.ir import Atom, Case, Glob, Not, OneOf, Or, Predicate, Regex, RegexDialect, View
from converter.ir.predicate import Wildcard
from converter.layout import CellPlace, FieldLayout, TableLayout
from harness.any_case import case_question, kept_as_written

IN_CAPITALS = FieldLayout("operation", places=(CellPlace("Operation"),), reading="upper-case")
LAST_IN_SMALL = FieldLayout("name", places=(CellPlace("Id"),), reading="lower-case-last-segment")
AS_IT_IS = FieldLayout("user", places=(CellPlace("User"),))
LAYOUT = TableLayout(
    "Activity",
    {"Id": "string", "Operation": "string", "User": "string"},
    (IN_CAPITALS, LAST_IN_SMALL, AS_IT_IS),
)


def one_of(field: str, *values: str) -> Predicate:
    return Atom(field, View.KEYWORD, OneOf(values))


WRITE = one_of("operation", "WRITE")
STARTS = Atom("operation", View.KEYWORD, Glob(("WR", Wildcard.MANY)))
MATCHES = Atom("operation", View.KEYWORD, Regex("WR.*", RegexDialect.LUCENE))


@pytest.mark.parametrize("rule", [WRITE, STARTS, MATCHES, Not(WRITE), Or((STARTS, WRITE))])
def test_the_case_alone_decides_on_an_event(rule: Predicate) -> None:
    question = case_question(rule, [LAYOUT])
    assert question.open({"operation": "WRITE"}) == ""
    assert question.open({"operation": "read"}) == ""
    assert question.open({"operation": "Write"}).startswith("its case alone decides")


def test_another_condition_that_decides_leaves_the_event_judged() -> None:
    question = case_question(Or((WRITE, one_of("user", "ada"))), [LAYOUT])
    assert question.open({"operation": "Write", "user": "ada"}) == ""
    assert question.open({"operation": "Write", "user": "Ada"}) != ""


def test_a_column_that_keeps_the_case_is_asked_for_it() -> None:
    question = case_question(one_of("user", "ada"), [LAYOUT])
    assert question.open({"user": "Ada"}) == ""


def test_a_rule_that_ignores_the_case_is_never_decided_by_it() -> None:
    rule = Atom("operation", View.KEYWORD, OneOf(("WRITE",), Case.ASCII))
    assert case_question(rule, [LAYOUT]).open({"operation": "Write"}) == ""


def test_rows_keep_the_case_of_events() -> None:
    kept = kept_as_written(LAYOUT)
    assert isinstance(kept, TableLayout)
    assert [field.reading for field in kept.fields] == ["", "last-segment", ""]
