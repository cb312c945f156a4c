from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from harness.compare import compare, pairs
from harness.engines.execution import Alert, Execution

END = datetime(2026, 6, 1, tzinfo=UTC)
ALERT = Alert(END, ("u", "a"), END - timedelta(minutes=1), frozenset({"e1"}))


def test_the_same_alert_in_another_run_is_a_difference() -> None:
    later = replace(ALERT, run_end=END + timedelta(minutes=5))
    comparison = compare(Execution((ALERT,)), Execution((later,)))
    assert (comparison.missed, comparison.extra) == ((ALERT,), (later,))


def test_events_that_tie_on_the_time_are_the_same() -> None:
    other = replace(ALERT, ids=frozenset({"e2"}))
    assert compare(Execution((ALERT,)), Execution((other,))).is_equal


def test_terms_of_another_type_differ() -> None:
    text = replace(ALERT, term=("1",))
    number = replace(ALERT, term=(1,))
    assert not compare(Execution((text,)), Execution((number,))).is_equal


def test_without_times_only_run_and_term_compare() -> None:
    timeless = replace(ALERT, time=None)
    comparison = compare(Execution((ALERT,)), Execution((timeless,)))
    assert comparison.is_equal
    assert not comparison.has_times


def test_a_filter_compares_events() -> None:
    one = Alert(None, (), None, frozenset({"e1"}))
    two = Alert(None, (), None, frozenset({"e2"}))
    assert compare(Execution((one, two)), Execution((two,))).missed == (one,)


def test_an_alert_that_overlapping_runs_find_counts_once() -> None:
    again = replace(ALERT, run_end=END + timedelta(minutes=5))
    assert len(pairs(Execution((ALERT, again)))) == 1
