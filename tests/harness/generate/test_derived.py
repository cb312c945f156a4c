"""Fields that one column tells get values that one text of the column tells, and the rule's answer stays."""

from __future__ import annotations

from dataclasses import replace

from converter.ir import And, Atom, Not, OneOf, Predicate, View
from converter.layout import CellPlace, FieldLayout, TableLayout
from harness.generate.derived import derived_of, told

TYPE = {"FileCreated": "creation", "FileModified": "change", "FileRenamed": "change"}
ACTION = {"FileCreated": "creation", "FileModified": "modification", "FileRenamed": "rename"}
LAYOUT = TableLayout(
    name="Files",
    columns={"Kind": "string"},
    fields=(
        FieldLayout("event.type", places=(CellPlace("Kind"),), cases=TYPE),
        FieldLayout("event.action", places=(CellPlace("Kind"),), cases=ACTION),
        FieldLayout("event.kind", places=(CellPlace("Other"),), cases={"a": "b"}),
    ),
    selector={"event.category": "file"},
)
NAMES = ("event.type", "event.action", "event.kind")


def equals(field: str, value: str) -> Predicate:
    return Atom(field, View.KEYWORD, OneOf((value,)))


CHANGED = And((equals("event.type", "change"), Not(equals("event.action", "rename"))))


def test_only_fields_that_share_a_column_and_are_read_are_told_together() -> None:
    ((layout, group),) = derived_of([LAYOUT], NAMES)
    assert layout is LAYOUT
    assert [field.name for field in group] == ["event.type", "event.action"]
    assert derived_of([LAYOUT], ("event.type",)) == []


def test_the_other_field_gets_what_the_column_says() -> None:
    event = {"event.category": "file", "event.type": "change"}
    found = told(event, CHANGED, derived_of([LAYOUT], NAMES), ())
    assert found == {**event, "event.action": "modification"}


def test_what_the_rule_says_of_the_event_stays() -> None:
    event = {"event.category": "file", "event.type": "change", "event.action": "rename"}
    assert told(event, CHANGED, derived_of([LAYOUT], NAMES), ()) == event
    contradiction = {**event, "event.type": "creation"}
    found = told(contradiction, CHANGED, derived_of([LAYOUT], NAMES), ())
    assert found in (
        {**event, "event.type": "change"},
        {**event, "event.type": "creation", "event.action": "creation"},
    )


def test_terms_and_events_of_other_tables_are_left_alone() -> None:
    event = {"event.category": "file", "event.type": "change", "event.action": "open"}
    assert told(event, CHANGED, derived_of([LAYOUT], NAMES), ("event.action",)) == event
    other = {**event, "event.category": "process"}
    assert told(other, CHANGED, derived_of([LAYOUT], NAMES), ()) == other


def test_the_text_of_the_column_that_tells_the_table_goes_with_what_it_means() -> None:
    kind = FieldLayout("kind", places=(CellPlace("Kind"),))
    table = replace(
        LAYOUT, fields=(kind, LAYOUT.fields[0]), selector={"kind": ("FileCreated", "FileRenamed")}
    )
    rule = equals("event.type", "change")
    event = {"kind": "FileCreated", "event.type": "change"}
    found = told(event, rule, derived_of([table], ("event.type",)), ())
    assert found == {**event, "kind": "FileRenamed"}
