"""A field that holds one value still gets a text that fits several patterns at once."""

from __future__ import annotations

import pytest

from converter.ir import (
    And,
    Atom,
    Case,
    FieldType,
    Filter,
    Glob,
    Not,
    Or,
    Predicate,
    Regex,
    RegexDialect,
    Schedule,
    Schema,
    View,
    Wildcard,
)
from harness.engines.predicate import evaluate
from harness.generate import dataset_for

FIELD = "process.command_line"
SCHEMA = Schema({FIELD: FieldType.WILDCARD}, frozenset({FIELD}))
MANY = Wildcard.MANY


def _any_of(*shapes: tuple[str | Wildcard, ...]) -> Predicate:
    return Or(tuple(Atom(FIELD, View.TEXT, Glob(shape, Case.ASCII)) for shape in shapes))


def _contains(*texts: str) -> Predicate:
    return _any_of(*((MANY, text, MANY) for text in texts))


@pytest.mark.parametrize(
    "predicate",
    [
        pytest.param(
            And(
                (
                    _contains(*(f"list {number} of the first" for number in range(20))),
                    _contains(*(f"other {number}" for number in range(20))),
                    _contains(*(f"third {number}" for number in range(20))),
                    Not(_contains(*(f"never {number}" for number in range(20)))),
                )
            ),
            id="three long lists and a forbidden one",
        ),
        pytest.param(
            And(
                (
                    _any_of(*((f"C:\\{number}\\", MANY) for number in range(15))),
                    _contains(*(f" -{number} " for number in range(15))),
                    _any_of(*((MANY, f"{number}.exe") for number in range(15))),
                    Atom(FIELD, View.TEXT, Regex("a[0-9]+b", RegexDialect.RE2)),
                )
            ),
            id="a start, a middle, an expression and an end",
        ),
    ],
)
def test_some_event_meets_every_list(predicate: Predicate) -> None:
    made = dataset_for(Filter(predicate), Schedule(), SCHEMA)
    assert any(evaluate(predicate, event.document) is True for event in made.events)
