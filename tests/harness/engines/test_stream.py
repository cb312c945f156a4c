"""What a stream does besides finding alerts: order, laziness, late events, events without a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from converter.ir import ALWAYS, Atom, Filter, NewTerms, OneOf, Schedule, TermField, View
from harness.engines.execution import Alert
from harness.engines.stream import Tally, run
from harness.events.errors import LogError
from harness.events.event import Document
from harness.events.log import SkippedLines

MINUTE = 60_000
NEW = NewTerms(ALWAYS, (TermField("f"),), timedelta(days=1))
BY_INGESTION = Schedule(timestamp="event.ingested")


class Numbered:
    """Yields documents and knows the number of the last one."""

    def __init__(self, *documents: Document) -> None:
        self.documents = documents
        self.read = 0

    def __iter__(self) -> Iterator[Document]:
        for self.read, document in enumerate(self.documents, 1):  # noqa: B020 - place() reads it
            yield document

    def place(self) -> str:
        return f"a.ndjson:{self.read}"

    def identify(self, document: Document) -> str:
        return f"#{self.read}"


def event(minute: float, term: object) -> Document:
    return {"@timestamp": int(minute * MINUTE), "f": term}


def test_a_filter_alerts_on_every_matching_document_in_order() -> None:
    origin = Numbered({"f": "a"}, {"f": "b"}, {"f": "a"})
    plan = Filter(Atom("f", View.TEXT, OneOf(("a",))))
    tally = Tally()
    hits = list(run(plan, origin, Schedule(), origin=origin, tally=tally))
    assert [hit.alert for hit in hits] == [
        Alert(None, (), None, frozenset({"#1"})),
        Alert(None, (), None, frozenset({"#3"})),
    ]
    assert [hit.document for hit in hits] == [origin.documents[0], origin.documents[2]]
    assert tally.matching == 2


def test_a_filter_needs_no_time() -> None:
    assert len(list(run(Filter(ALWAYS), [{}], Schedule()))) == 1


def test_new_terms_are_yielded_by_time_as_soon_as_nothing_earlier_can_come() -> None:
    origin = Numbered(
        event(60, "a"), event(58, "b"), event(70, "c"), event(71, "d"), event(99, "e")
    )
    hits = run(NEW, origin, Schedule(), origin=origin)
    assert next(hits).alert.ids == {"#2"}
    assert origin.read == 3, "58 min is known to be next when 70 min are read"
    assert next(hits).alert.ids == {"#1"}
    assert origin.read == 4
    assert [hit.alert.ids for hit in hits] == [{"#3"}, {"#4"}, {"#5"}]


def test_an_event_exactly_at_the_allowed_disorder_is_not_late() -> None:
    tally = Tally()
    documents = [event(60, "a"), event(50, "a")]
    hits = list(run(NEW, documents, Schedule(lookback=timedelta(hours=1)), tally=tally))
    assert [hit.document for hit in hits] == [documents[1]]
    assert tally.late == 0


def test_late_events_are_counted_and_the_first_few_named() -> None:
    origin = Numbered(event(60, "a"), *(event(49, "late") for _ in range(7)))
    tally = Tally()
    list(run(NEW, origin, Schedule(), origin=origin, tally=tally))
    assert tally.late == 7
    assert tally.late_examples == [f"a.ndjson:{line}" for line in range(2, 7)]


def test_a_late_event_of_an_unknown_term_still_alerts() -> None:
    origin = Numbered(event(60, "a"), event(49, "late"), event(61, "late"))
    hits = run(NEW, origin, Schedule(), origin=origin)
    assert [(*hit.alert.term, *hit.alert.ids) for hit in hits] == [("late", "#2"), ("a", "#1")]


def test_a_late_event_of_a_known_term_does_not_alert() -> None:
    documents = [event(45, "a"), event(60, "b"), event(44, "a")]
    hits = [hit.document for hit in run(NEW, documents, Schedule())]
    assert hits == [documents[0], documents[1]]


def test_the_order_of_events_that_do_not_match_is_nobody_s_business() -> None:
    plan = NewTerms(Atom("f", View.TEXT, OneOf(("a",))), (TermField("f"),), timedelta(days=1))
    tally = Tally()
    list(run(plan, [event(60, "b"), event(5, "a"), {"f": "b"}], Schedule(), tally=tally))
    assert tally == Tally(matching=1)


def test_a_matching_event_without_a_time_stops_the_stream_with_its_line() -> None:
    origin = Numbered(event(1, "a"), {"f": "b"})
    with pytest.raises(
        LogError,
        match="a.ndjson:2: event has no event.ingested and no @timestamp; add the time or drop",
    ):
        list(run(NEW, origin, BY_INGESTION, origin=origin))


def test_without_the_fallback_an_event_without_the_primary_time_is_never_found() -> None:
    schedule = Schedule(timestamp="event.ingested", has_fallback=False)
    found: Document = {"event": {"ingested": 2 * MINUTE}, "f": "b"}
    hits = run(NEW, [event(1, "a"), found], schedule)
    assert [hit.document for hit in hits] == [found]


def test_an_event_without_any_time_is_an_error_without_the_fallback_too() -> None:
    schedule = Schedule(timestamp="event.ingested", has_fallback=False)
    with pytest.raises(LogError, match=r"^event has no event\.ingested; add"):
        list(run(NEW, [{"f": "a"}], schedule))


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01T00:00:00Z", True, 1e30])
def test_an_unreadable_time_does_not_fall_back(time: object) -> None:
    document = {"@timestamp": 0, "event": {"ingested": time}, "f": "a"}
    with pytest.raises(LogError, match=r"event\.ingested .* is no time; write ISO 8601 such as"):
        list(run(NEW, [document], BY_INGESTION))


def test_an_unreadable_visibility_is_an_error_too() -> None:
    document = {"@timestamp": 0, "event": {"ingested": "soon"}, "f": "a"}
    with pytest.raises(LogError, match=r"event\.ingested 'soon' is no time"):
        list(run(NEW, [document], Schedule()))


def test_events_without_a_time_can_be_counted_instead() -> None:
    skipped = SkippedLines()
    origin = Numbered({"f": "b"}, event(1, "a"))
    hits = list(run(NEW, origin, Schedule(), origin=origin, skipped=skipped))
    assert [hit.alert.ids for hit in hits] == [{"#2"}]
    assert skipped.count == 1
    assert skipped.examples == [
        "a.ndjson:1: event has no @timestamp; add the time or drop the event"
    ]


def test_of_several_times_the_first_counts() -> None:
    document = {"@timestamp": [0, 5 * MINUTE], "f": "a"}
    (hit,) = run(NEW, [document], Schedule())
    assert hit.alert.time is not None
    assert hit.alert.time.timestamp() == 0


def test_ids_are_event_ids_when_nobody_says_otherwise() -> None:
    documents: list[Document] = [
        {"@timestamp": 0, "event": {"id": "x"}, "f": "a"},
        {"@timestamp": 0, "event.id": 7, "f": "b"},
        {"@timestamp": 0, "f": "c"},
    ]
    ids = [hit.alert.ids for hit in run(NEW, documents, Schedule())]
    assert ids == [{"x"}, {"7"}, {""}]


def test_a_view_that_cannot_read_a_value_leaves_it_out_of_the_terms() -> None:
    plan = NewTerms(ALWAYS, (TermField("f", View.NUMBER),), timedelta(days=1))
    hits = run(plan, [event(1, "x"), event(2, ["7", "y"])], Schedule())
    assert [hit.alert.term for hit in hits] == [(7,)]
