"""The state of new terms: its keys, its bound, and what it forgets."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from converter.ir import ALWAYS, NewTerms, Schedule, TermField, Value
from harness.engines.new_terms_state import NewTermsState, pack
from harness.engines.stream import run

values = st.one_of(
    st.text(st.sampled_from('a1:s\0"\ud800'), max_size=4),
    st.integers(-3, 12),
    st.sampled_from([0.0, -0.0, 1.0, 1e300, 0.1]),
    st.booleans(),
)


@example(("a", "bc"), ("ab", "c"))
@example(("a\0", "b"), ("a", "\0b"))
@example((1,), ("1",))
@example((1,), (True,))
@example((1,), (1.0,))
@example(("\0\0s1:a", ""), ("a", ""))
@given(*[st.integers(1, 3).flatmap(lambda size: st.tuples(*[values] * size))] * 2)
def test_two_terms_have_one_key_iff_they_are_equal_by_type(
    one: tuple[Value, ...], other: tuple[Value, ...]
) -> None:
    if len(one) == len(other):
        typed = [[(type(value), value) for value in term] for term in (one, other)]
        assert (pack(one) == pack(other)) is (typed[0] == typed[1])


def test_a_term_of_two_texts_of_forty_characters_costs_at_most_250_bytes() -> None:
    # The table has just grown at this size, which is when a term costs most.
    count = 2**17 * 2 // 3 + 1
    tracemalloc.start()
    try:
        state = NewTermsState(history_runs=4032)
        before, _ = tracemalloc.get_traced_memory()
        for number in range(count):
            key = pack((f"{number:040}", f"{number:040}"))
            state.add(key, number // 100, number // 100 + 4032, number // 100)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(state) == count
    assert (after - before) / count <= 220, "the docstring says so"


def test_a_term_is_forgotten_at_most_an_eighth_of_the_history_too_late() -> None:
    state = NewTermsState(history_runs=80)
    largest = 0
    for run_number in range(1000):
        state.advance(run_number)
        state.add(pack((run_number,)), run_number, run_number + 80, run_number)
        largest = max(largest, len(state))
    assert largest <= 80 * 9 / 8 + 1


def test_terms_that_are_seen_late_are_bounded_too() -> None:
    state = NewTermsState(history_runs=80)
    largest = 0
    for run_number in range(1000):
        state.advance(run_number)
        state.add(pack((run_number,)), run_number + 5, run_number + 80, run_number)
        largest = max(largest, len(state))
    assert largest <= 80 * 9 / 8 + 1


def test_sightings_that_all_become_visible_later_are_held_as_one_span() -> None:
    state = NewTermsState(history_runs=80)
    key = pack(("a",))
    tracemalloc.start()
    try:
        for first in range(10, 2000):
            state.add(key, first, first + 80, now=0)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2_000
    assert state.first_open(key, 5, 9) == 5
    assert state.first_open(key, 10, 2079) is None
    assert state.first_open(key, 10, 2080) == 2080


def test_a_stream_without_end_holds_no_more_than_the_history() -> None:
    def documents() -> list[dict[str, object]]:
        return [{"@timestamp": minute * 60_000, "f": f"{minute:040}"} for minute in range(20_000)]

    read = documents()
    plan = NewTerms(ALWAYS, (TermField("f"),), timedelta(hours=10))
    tracemalloc.start()
    try:
        alerts = sum(1 for _ in run(plan, read, Schedule()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert alerts == len(read)
    # 675 terms of 9/8 of the history, and what generating code and reading modules costs once.
    assert peak < 600_000
