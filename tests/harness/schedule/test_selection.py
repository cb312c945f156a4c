from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.ir import Schedule
from harness.events.event import Event
from harness.schedule.selection import select_runs
from harness.schedule.window import Run, runs_over

START = datetime(2026, 6, 1, tzinfo=UTC)
SCHEDULE = Schedule(interval=timedelta(minutes=5), lookback=timedelta(minutes=9))
HISTORY = timedelta(hours=1)


def _event(minutes: float, visible: float | None = None) -> Event:
    time = START + timedelta(minutes=minutes)
    seen = time if visible is None else START + timedelta(minutes=visible)
    return Event(str(minutes), time, seen, {})


def _runs(minutes: float) -> list[Run]:
    return runs_over(SCHEDULE, START, START + timedelta(minutes=minutes))


def test_the_grid_does_not_depend_on_the_log() -> None:
    early = {run.end for run in runs_over(SCHEDULE, START, START + timedelta(hours=1))}
    late = {
        run.end
        for run in runs_over(SCHEDULE, START + timedelta(minutes=7), START + timedelta(hours=1))
    }
    assert late < early


def test_every_window_that_touches_the_log_is_a_run() -> None:
    runs = runs_over(SCHEDULE, START, START + timedelta(minutes=10))
    assert runs[0].end == START
    assert runs[-1].start <= START + timedelta(minutes=10) < runs[-1].end + timedelta(minutes=5)


def test_all_runs_are_chosen_below_the_limit() -> None:
    runs = _runs(60)
    assert select_runs(runs, [], [], HISTORY, len(runs)).runs == tuple(runs)


@pytest.mark.parametrize("offset", [timedelta(0), timedelta(minutes=9), HISTORY])
def test_a_run_with_an_event_on_a_boundary_is_chosen(offset: timedelta) -> None:
    chosen = select_runs(_runs(600), [_event(100)], [], HISTORY, 10)
    end = START + timedelta(minutes=100) + offset
    grid = {run.end for run in _runs(600)}
    assert (end in grid) == (end in {run.end for run in chosen.runs})


def test_a_run_that_alerts_comes_with_its_neighbours() -> None:
    end = START + timedelta(minutes=200)
    chosen = select_runs(_runs(600), [], [end], HISTORY, 5)
    around = [end + timedelta(minutes=minutes) for minutes in (-5, 0, 5)]
    assert [run.end for run in chosen.runs] == around


@given(st.lists(st.floats(0, 3000), max_size=40))
def test_every_event_is_inside_a_chosen_window(minutes: list[float]) -> None:
    events = [_event(minute) for minute in minutes]
    chosen = select_runs(_runs(3000), events, [], HISTORY, 300).runs
    for event in events:
        assert any(run.start < event.time <= run.end for run in chosen)
