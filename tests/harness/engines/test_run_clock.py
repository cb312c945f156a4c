"""Times as runs, against the definition of runs; what is remembered must not show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.ir import Schedule
from harness.engines.run_clock import RunClock
from harness.events.time import instant, length

MINUTE = timedelta(minutes=1)
spans = st.one_of(
    st.integers(1, 600).map(lambda minutes: minutes * MINUTE),
    st.integers(1, 36_000).map(lambda tenths: timedelta(seconds=tenths / 10)),
)
# Few minutes and many boundaries, so that what is remembered is used.
moments = st.builds(
    lambda minute, seconds, micros: (
        datetime(2026, 6, 1, tzinfo=UTC) + timedelta(0, minute * 60 + seconds, micros)
    ),
    st.integers(0, 20),
    st.sampled_from([0, 1, 30, 59]),
    st.sampled_from([0, 1, 500_000, 999_999]),
)
offsets = st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(timedelta(minutes=-1))])


def written(moment: datetime, offset: timezone, style: int) -> str:
    text = moment.astimezone(offset).isoformat(sep=" " if style == 1 else "T")
    match style:
        case 2:
            return text.replace("+00:00", "Z")
        case 3:
            return text.replace("+00:00", "")
        case _:
            return text


texts = st.builds(written, moments, offsets, st.integers(0, 3))


@settings(max_examples=400, deadline=None)
@given(spans, spans, spans, st.lists(texts, min_size=1, max_size=30))
def test_runs_are_those_of_the_definition_however_often_a_clock_was_read(
    interval: timedelta, lookback: timedelta, history: timedelta, read: list[str]
) -> None:
    schedule = Schedule(interval=interval, lookback=lookback)
    clock = RunClock(schedule, length(history))
    for text in read:
        time = instant(text)
        assert time is not None
        runs = clock.read(text)
        assert runs == clock.runs_of(time)
        found, first, last, until = runs
        step = length(interval)
        assert found == time
        assert (first - 1) * step < time <= first * step
        assert until * step - length(history) <= time < (until + 1) * step - length(history)
        assert last <= until
        assert last * step - length(lookback) < time
        assert last == until or (last + 1) * step - length(lookback) >= time


@pytest.mark.parametrize("text", ["", "soon", "2026-06-01T00:01:", "30Z", "2026-06-01T00:01:61Z"])
def test_what_is_no_time_stays_none_beside_what_is_remembered(text: str) -> None:
    clock = RunClock(Schedule(), length(timedelta(days=14)))
    for good in ("2026-06-01T00:01:30Z", "2026-06-01T00:02:59.5Z"):
        assert clock.read(good) is not None
    assert clock.read(text) is None


def test_epoch_milliseconds_are_read_too() -> None:
    clock = RunClock(Schedule(), length(timedelta(days=14)))
    assert clock.read("1780272030000") == clock.read("2026-06-01T00:00:30Z")


def test_what_is_remembered_is_bounded() -> None:
    clock = RunClock(Schedule(), length(timedelta(days=14)))
    start = datetime(2026, 6, 1, tzinfo=UTC)
    for number in range(1 << 17):
        moment = start + timedelta(0, number * 60 + 1, number)
        clock.read(moment.isoformat())
    assert len(clock._minutes) <= 1 << 12
    assert len(clock._endings) <= 1 << 16
