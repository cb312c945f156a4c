"""Events that are made go into the tables that can hold what a rule reads."""

from __future__ import annotations

from converter.ir import Atom, Not, OneOf, View
from converter.layout import CellPlace, FieldLayout, Selector, TableLayout
from harness.generate.placement import placed, placements_in


def table(name: str, selector: Selector, *columns: str, constant: str = "") -> TableLayout:
    fields = (
        FieldLayout("user", places=tuple(CellPlace(one) for one in columns if one == "User")),
        FieldLayout("kind", constant=constant or None),
    )
    return TableLayout(name, dict.fromkeys(columns, "string"), fields, selector=selector)


def test_a_list_in_a_selector_is_a_placement_for_each_value() -> None:
    layouts = [table("T", {"category": ("read", "write"), "blob": True}, "User")]
    assert placements_in(layouts, ()) == [
        {"category": "read", "blob": True},
        {"category": "write", "blob": True},
    ]


def test_tables_that_keep_more_of_the_fields_come_first() -> None:
    layouts = [
        table("Poor", {"category": "a"}),
        table("Rich", {"category": "b"}, "User", constant="x"),
        table("Middle", {"category": "c"}, "User"),
        table("Alone", {}, "User"),
    ]
    found = [one["category"] for one in placements_in(layouts, {"user", "kind"})]
    assert found == ["b", "c", "a"]
    assert [one["category"] for one in placements_in(layouts, ())] == ["a", "b", "c"]


def test_an_event_of_no_table_is_moved_where_that_changes_nothing() -> None:
    placements = [{"category": "read"}, {"category": "write"}]
    not_read = Not(Atom("category", View.KEYWORD, OneOf(("read",))))
    other = {"category": "something else", "user": "ada"}
    assert placed(other, "user", not_read, placements) == [{"category": "write", "user": "ada"}]
    assert placed(other, "category", not_read, placements) == [other]
    assert placed({"user": "ada"}, "user", not_read, placements) == [
        {"category": "write", "user": "ada"}
    ]
