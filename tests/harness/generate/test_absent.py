"""Where a condition asks for what no table holds, events are made that meet the rest of it."""

from __future__ import annotations

from converter.ir import And, Atom, Constant, Not, OneOf, Or, Predicate, View
from converter.layout import CellPlace, FieldLayout, TableLayout
from harness.generate.absent import without_absent

TABLE = TableLayout(
    "Table",
    {"Name": "string"},
    (
        FieldLayout("name", places=(CellPlace("Name"),)),
        FieldLayout("signer"),
        FieldLayout("system", constant="windows"),
        FieldLayout("kind", known=("process",)),
        FieldLayout("types", always=("info",)),
    ),
)
OTHER = TableLayout(
    "Other", {"Signer": "string"}, (FieldLayout("signer", places=(CellPlace("Signer"),)),)
)


def asks(field: str) -> Predicate:
    return Atom(field, View.KEYWORD, OneOf(("x",)))


def test_a_condition_on_what_no_table_holds_is_false() -> None:
    predicate = And((Or((asks("signer"), asks("name"))), Not(asks("signer")), asks("kind")))
    never = Constant(False)
    left = And((Or((never, asks("name"))), Not(never), asks("kind")))
    assert list(without_absent(predicate, [TABLE])) == [left]


def test_what_some_table_holds_is_left_alone() -> None:
    known = And((asks("name"), asks("system"), asks("kind"), asks("types")))
    assert list(without_absent(known, [TABLE])) == []
    assert list(without_absent(asks("signer"), [TABLE, OTHER])) == []
    assert list(without_absent(asks("signer"), [])) == []
