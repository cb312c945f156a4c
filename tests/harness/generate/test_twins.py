"""Fields that a table reads of one column say the same, unless a predicate asks for something else."""

from __future__ import annotations

from converter.ir import And, Atom, Not, OneOf, Predicate, View
from converter.layout import CellPlace, FieldLayout, TableLayout
from harness.generate.twins import agreed, twins_of

COLUMNS = {"User": "string", "Code": "string"}
USER, CODE = (CellPlace("User"),), (CellPlace("Code"),)
TABLE = TableLayout(
    "Table",
    COLUMNS,
    (
        FieldLayout("id", places=USER),
        FieldLayout("user", places=USER),
        FieldLayout("name", places=USER, reading="before-at"),
        FieldLayout("code", places=CODE),
        FieldLayout("result", places=CODE, cases={"0": "good"}, otherwise="bad"),
    ),
)


def asks(field: str, value: str) -> Predicate:
    return Atom(field, View.KEYWORD, OneOf((value,)))


def made(fields: dict[str, object], predicate: Predicate, *kept: str) -> object:
    return agreed(fields, predicate, twins_of([TABLE], COLUMNS | dict.fromkeys(fields)), kept)


def test_twins_say_what_the_column_says() -> None:
    fields: dict[str, object] = {"id": "ada@x", "user": "something", "name": "else"}
    assert made(fields, asks("id", "ada@x")) == {"id": "ada@x", "user": "ada@x", "name": "ada"}
    fields = {"code": "7", "result": "good"}
    assert made(fields, asks("code", "7")) == {"code": "7", "result": "bad"}


def test_the_field_that_a_predicate_asks_for_decides() -> None:
    fields: dict[str, object] = {"id": "ada", "user": "bob"}
    asked = And((asks("user", "bob"), Not(asks("id", "eve"))))
    assert made(fields, asked) == {"id": "bob", "user": "bob"}
    both = And((asks("user", "bob"), asks("id", "ada")))
    assert made(fields, both) == fields


def test_a_term_is_kept_and_decides() -> None:
    fields: dict[str, object] = {"id": "something", "user": "term-1"}
    assert made(fields, Not(asks("id", "eve")), "user") == {"id": "term-1", "user": "term-1"}


def test_other_fields_are_not_added() -> None:
    fields: dict[str, object] = {"id": "ada"}
    assert made(fields, asks("id", "ada")) == fields
