"""The two fields that every integration fills with one constant stay alike where a table tells one of them."""

from __future__ import annotations

from converter.ir import And, Atom, Filter, OneOf, Schema, View
from converter.layout import CellPlace, FieldLayout, TableLayout
from harness.events.event import values_of
from harness.generate import dataset_for
from tests.harness.generate.test_new_terms_events import SCHEDULES

APP = (CellPlace("App"),)
LAYOUT = TableLayout(
    "Reports",
    {"App": "string"},
    (
        FieldLayout("event.provider", places=APP),
        FieldLayout("event.dataset", places=APP, cases=(CASES := {"a": "x.a", "b": "x.b"})),
        FieldLayout("data_stream.dataset", places=APP, cases=CASES),
    ),
)


def test_events_without_either_of_them_stay_so() -> None:
    asked = And(
        (
            Atom("event.provider", View.KEYWORD, OneOf(("a",))),
            Atom("data_stream.dataset", View.KEYWORD, OneOf(("x.a",))),
            Atom("user.name", View.KEYWORD, OneOf(("ada",))),
        )
    )
    schedule = SCHEDULES["by event time"]
    made = dataset_for(Filter(asked), schedule, Schema({}), layouts=[LAYOUT]).events
    datasets = [
        (values_of(one.document, "event.dataset"), values_of(one.document, "data_stream.dataset"))
        for one in made
    ]
    assert ((), ()) in datasets
    assert all(one == other for one, other in datasets)
