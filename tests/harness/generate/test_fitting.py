"""Values that no row reads as are changed where nothing asks for just these values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from converter.ir import AnyField, Atom, Not, OneOf, Predicate, View
from converter.layout import CellPlace, FieldLayout, JoinedTable, Kind, TableLayout
from harness.generate.fitting import fitted
from sigma.sigmaproof.steps import steps_of


def layout(*fields: FieldLayout) -> TableLayout:
    return TableLayout("Table", {"Text": "string", "Details": "dynamic"}, fields)


def read_as(reading: str) -> TableLayout:
    return layout(FieldLayout("name", places=(CellPlace("Text"),), reading=reading))


def asks(field: str, value: str) -> Predicate:
    return Atom(field, View.KEYWORD, OneOf((value,)))


@pytest.mark.parametrize(
    ("reading", "given", "gives"),
    [
        ("upper-case", "something else", "SOMETHING ELSE"),
        ("lower-case", "VM", "vm"),
        ("lower-case-last-segment", "a/VM", "vm"),
        ("last-segment", "a/b", "b"),
        ("before-at", "ada@example.org", "ada"),
        ("e-mail", "Some one", "Some-one@example.org"),
        ("e-mail", "ada@example.org", "ada@example.org"),
        ("operation-types", "something else", "end"),
        ("operation-types", "start", "start"),
        ("url-path", "something else", "/something-else"),
        ("url-host", "Some host", "some-host"),
        ("process-identity", "5 2026-01-01T00:00:00.0000000Z", "5 2026-01-01T00:00:00.0000000Z"),
        ("", "something else", "something else"),
    ],
)
def test_a_value_becomes_one_that_the_column_can_stand_for(
    reading: str, given: str, gives: str
) -> None:
    found = fitted({"name": given, "other": "x"}, asks("other", "x"), [read_as(reading)])
    assert found == {"name": gives, "other": "x"}


def test_of_several_sources_the_one_that_the_table_holds_is_taken() -> None:
    field = FieldLayout("event.dataset", constant="azure.signinlogs")
    either = Atom("event.dataset", View.KEYWORD, OneOf(("azure.auditlogs", "azure.signinlogs")))
    fields = {"event.dataset": "azure.auditlogs"}
    assert fitted(fields, either, [layout(field)]) == {"event.dataset": "azure.signinlogs"}
    fields = {"event.dataset": "something else"}
    assert fitted(fields, either, [layout(field)]) == fields


def test_what_the_predicate_says_of_the_event_stays() -> None:
    fields = {"name": "write"}
    assert fitted(fields, asks("name", "write"), [read_as("upper-case")]) == fields
    assert fitted(fields, asks("name", "WRITE"), [read_as("upper-case")]) == fields


def test_a_value_of_a_list_of_names_and_values_stands_in_the_arrays_too() -> None:
    table = layout(
        *(
            FieldLayout(name, places=(CellPlace("Details", tuple(steps_of(f"D{path}")[1:])),))
            for name, path in (
                ("agent", "[key=User-Agent|Agent].value"),
                ("keys", "[].key"),
                ("values", "[].value"),
                ("inner", "[].more.value"),
            )
        )
    )
    fields = {"agent": "x", "values": "join"}
    assert fitted(fields, asks("values", "join"), [table]) == {
        "agent": "x",
        "keys": "User-Agent",
        "values": ["x", "join"],
    }
    # with the value of the agent among them the condition would hold
    assert fitted(fields, asks("values", "x"), [table])["values"] == "join"


def test_a_value_outside_of_a_closed_table_becomes_one_of_it() -> None:
    table = layout(
        FieldLayout("kind", places=(CellPlace("Text"),), cases={"2": "Admin", "3": "System"})
    )
    asked = Not(asks("kind", "System"))
    assert fitted({"kind": "something else"}, asked, [table]) == {"kind": "Admin"}
    assert fitted({"kind": "System"}, asked, [table]) == {"kind": "System"}


def test_values_that_every_event_has_are_added() -> None:
    table = layout(FieldLayout("kinds", always=("web", "log")))
    fields = {"kinds": "log", "other": "x"}
    assert fitted(fields, asks("other", "x"), [table])["kinds"] == ["web", "log"]
    assert fitted({"other": "x"}, asks("other", "x"), [table]) == {"other": "x"}
    assert fitted(fields, Not(asks("kinds", "web")), [table]) == fields
    told = layout(
        FieldLayout("kinds", always=("web",), places=(CellPlace("Text"),), cases={"1": "file"})
    )
    assert fitted(fields, asks("other", "x"), [told])["kinds"] == ["file", "web"]


def test_a_text_of_any_field_stands_in_one_that_the_table_has() -> None:
    table = layout(
        FieldLayout("read", places=(CellPlace("Text"),), reading="before-at"),
        FieldLayout("inside", places=(CellPlace("Details", tuple(steps_of("D.a")[1:])),)),
        FieldLayout("name", places=(CellPlace("Text"),)),
    )
    search = AnyField(View.KEYWORD, OneOf(("x",)))
    fields = {"event.reason": "x", "other": "y"}
    assert fitted(fields, search, [table]) == {"name": "x", "other": "y"}
    assert fitted(fields, asks("event.reason", "x"), [table]) == fields


def test_a_text_of_any_field_stands_in_no_column_that_decides_about_others() -> None:
    kinds = FieldLayout("kind", places=(CellPlace("Kind"),), cases={"Load": "driver"})
    fields = (
        kinds,
        FieldLayout("action", places=(CellPlace("Kind"),)),
        FieldLayout("device", places=(CellPlace("Device"),)),
        FieldLayout("name", places=(CellPlace("Name"),)),
    )
    devices = JoinedTable("Devices", "Device", "Device", "Seen", {"System": "Platform"})
    columns = dict.fromkeys(("Kind", "Device", "System", "Name"), "string")
    table = TableLayout("Table", columns, fields, joined=(devices,))
    search = AnyField(View.KEYWORD, OneOf(("x",)))
    first, other = (
        fitted({"event.reason": "x", "user": user}, search, [table]) for user in ("ada", "bob")
    )
    assert first.keys() == {"device", "name", "user"}
    assert first["name"] == "x"
    assert first["device"] != other["device"]


def test_another_table_does_not_change_the_event_of_one() -> None:
    kind = FieldLayout("kind", places=(CellPlace("Text"),), cases={"Load": "driver"})
    other = replace(layout(kind), selector={"action": "Load"})
    home = replace(layout(FieldLayout("kind", constant="process")), selector={"kind": "process"})
    fields = {"kind": "process", "name": "x"}
    assert fitted(fields, asks("name", "x"), [home, other]) == fields
    assert fitted({"name": "x", "kind": "y"}, asks("name", "x"), [home, other])["kind"] == "driver"


def test_values_that_the_code_of_the_event_tells_are_those_of_its_part() -> None:
    share = FieldLayout("category", known=("network", "file"))
    task = FieldLayout("category", known=("iam",))
    parts = [replace(layout(share), selector={"code": "5145"})]
    parts.append(replace(layout(task), selector={"code": ("4702", "4698")}))
    fields = {"code": "5145", "category": "file"}
    assert fitted(fields, asks("category", "file"), parts)["category"] == ["network", "file"]
    assert fitted({"code": "4702"}, asks("code", "4702"), parts)["category"] == "iam"
    # of another code nothing is known, and what the rule asks for stays
    assert "category" not in fitted({"code": "1"}, asks("code", "1"), parts)
    fields = {"code": "4702", "category": "file"}
    assert fitted(fields, asks("category", "file"), parts) == fields


@pytest.mark.parametrize(
    ("line", "gives"), [("a", "a word"), ("a b c", "a b"), ("a b", "a b"), (None, "word word")]
)
def test_a_text_has_as_many_words_as_are_counted(line: str | None, gives: str) -> None:
    counted = FieldLayout("count", Kind.NUMBER, (CellPlace("Text"),), reading="word-count")
    table = layout(FieldLayout("line", places=(CellPlace("Text"),)), counted)
    fields = {"count": 2, "other": "x"} | ({"line": line} if line else {})
    assert fitted(fields, asks("other", "x"), [table])["line"] == gives


def test_a_process_gets_an_id_and_a_start_of_its_own() -> None:
    table = read_as("process-identity")
    texts = [str(fitted({"name": one}, asks("other", "x"), [table])["name"]) for one in "ab"]
    assert len(set(texts)) == 2
    assert all(text.endswith(" 2026-01-01T00:00:00.0000000Z") for text in texts)


def test_what_no_column_has_is_left_out_where_nothing_asks_for_it() -> None:
    home = replace(layout(FieldLayout("gone"), FieldLayout("kind")), selector={"kind": "a"})
    other = replace(layout(FieldLayout("kind")), selector={"kind": "b"})
    fields = {"kind": "a", "gone": "x", "name": "y"}
    assert fitted(fields, asks("name", "y"), [home, other]) == {"kind": "a", "name": "y"}
    assert fitted(fields, asks("gone", "x"), [home, other]) == fields
    # of a table that the event is not in nothing follows
    fields = {"kind": "b", "gone": "x", "name": "y"}
    assert fitted(fields, asks("name", "y"), [home, other]) == fields


def test_a_field_that_an_empty_column_tells_has_the_value() -> None:
    told = FieldLayout(
        "outcome", places=(CellPlace("Text"),), cases={"": "success", "1": "failure"}
    )
    fields = {"name": "x"}
    assert fitted(fields, asks("name", "x"), [layout(told)])["outcome"] == "success"
    assert fitted(fields, asks("outcome", "success"), [layout(told)]) == fields
    untold = FieldLayout("outcome", places=(CellPlace("Text"),), cases={"1": "failure"})
    assert fitted(fields, asks("name", "x"), [layout(untold)]) == fields


def test_what_no_column_holds_is_left_out_but_for_values_of_their_own() -> None:
    table = layout(FieldLayout("name", places=(CellPlace("Text"),)), FieldLayout("address"))
    fields = {"name": "x", "address": "198.18.0.1"}
    assert fitted(fields, asks("name", "x"), [table]) == {"name": "x"}
    assert fitted(fields, asks("name", "x"), [table], ["address"]) == fields
