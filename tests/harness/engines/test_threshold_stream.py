"""A threshold rule on a stream gives what the simulation of every run gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.ir import ALWAYS, Distinct, Schedule, Schema, TermField, Threshold
from harness.engines.plan import execute_plan
from harness.engines.stream import Tally, run
from harness.events.event import Dataset, Document, Event
from harness.schedule.window import runs_over

_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_PLAN = Threshold(ALWAYS, (TermField("g"),), 2)
_FIVE = Schedule(interval=5 * _MINUTE, lookback=9 * _MINUTE)


def _event(number: int, time: float, groups: Sequence[str], value: str, delay: float) -> Event:
    moment, visible = _NOON + time * _MINUTE, _NOON + (time + delay) * _MINUTE
    document = {
        "@timestamp": moment.isoformat(),
        "event": {"id": f"e{number}", "ingested": visible.isoformat()},
        "g": [*groups],
        "u": value,
    }
    return Event(f"e{number}", moment, visible, document)


events_in_any_order = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.sampled_from([("a",), ("a",), ("b",), ("a", "b"), ()]),
        st.sampled_from("xyz"),
        st.sampled_from([0, 0, 0, 1, 7, 30]),
    ),
    max_size=25,
).map(lambda some: [_event(number, *one) for number, one in enumerate(some)])
plans = st.builds(
    Threshold,
    base=st.just(ALWAYS),
    terms=st.sampled_from([(), (TermField("g"),)]),
    count=st.integers(1, 4),
    distinct=st.sampled_from([None, Distinct(TermField("u"), 2)]),
    counts_once=st.booleans(),
)
schedules = st.builds(
    lambda interval, lookback: Schedule(interval * _MINUTE, lookback * _MINUTE),
    st.integers(1, 12),
    st.integers(1, 20),
)


@settings(max_examples=400, deadline=None)
@given(events_in_any_order, plans, schedules)
def test_a_stream_finds_what_the_simulation_of_every_run_finds(
    events: list[Event], plan: Threshold, schedule: Schedule
) -> None:
    ordered = tuple(sorted(events, key=lambda one: (one.time, one.id)))
    expected: list[tuple[object, ...]] = []
    if events:
        runs = runs_over(schedule, ordered[0].time, ordered[-1].time)
        found = execute_plan(plan, Dataset(ordered, Schema({})), runs).alerts
        expected = [(one.run_end, one.term, one.ids) for one in found]
    tally = Tally()

    alerts = [
        one.alert
        for one in run(
            plan,
            [event.document for event in events],
            schedule,
            max_disorder=timedelta(hours=1),
            tally=tally,
        )
    ]

    assert [(one.run_end, one.term, one.ids) for one in alerts] == expected
    assert (tally.matching, tally.late) == (len(events), 0)


def test_a_run_takes_place_when_nothing_can_come_for_it_any_more() -> None:
    read: list[int] = []
    events = [_event(number, number, ["a"], "x", 0) for number in range(60)]

    def documents() -> Iterator[Document]:
        for number, event in enumerate(events):
            read.append(number)
            yield event.document

    first = next(run(_PLAN, documents(), _FIVE, max_disorder=3 * _MINUTE))

    assert first.alert.run_end == _NOON + 5 * _MINUTE
    assert len(read) == 10
    assert first.document == events[5].document


@pytest.mark.parametrize(("late_by", "is_late"), [(3, False), (40, True)])
def test_an_event_that_comes_after_its_run_is_named(late_by: int, is_late: bool) -> None:
    events = [
        _event(0, 1, ["a"], "x", 0),
        _event(1, 1 + late_by, ["b"], "x", 0),
        _event(2, 2, ["a"], "x", 0),
    ]
    tally = Tally()

    alerts = list(
        run(
            _PLAN,
            [event.document for event in events],
            _FIVE,
            max_disorder=10 * _MINUTE,
            tally=tally,
        )
    )

    assert (len(alerts), tally.late) == ((0, 1) if is_late else (1, 0))


def test_an_event_without_the_groups_field_is_not_held() -> None:
    event = _event(0, 1, [], "x", 0)

    assert list(run(replace(_PLAN, count=1), [event.document], _FIVE)) == []
