"""The stream against a simulation that scans every run, written here from the rule's definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from converter.ir import ALWAYS, NewTerms, Schedule, TermField
from harness.engines.stream import Tally, run

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

Found = set[tuple[int, str, int, frozenset[str]]]
"""First run end, term, time, ids; times in milliseconds."""


@dataclass(frozen=True)
class Rule:
    interval: int
    lookback: int
    history: int


@dataclass(frozen=True)
class Sighting:
    id: str
    time: int
    visible: int
    terms: tuple[str, ...]

    def document(self, unit: timedelta) -> dict[str, object]:
        """Write times as epoch milliseconds, or as text where the unit is not that."""

        def written(time: int) -> object:
            moment = datetime.fromtimestamp(0, UTC) + time * unit
            return time if unit == MILLISECOND else moment.isoformat()

        terms: object = self.terms[0] if len(self.terms) == 1 else [*self.terms]
        event = {"id": self.id, "ingested": written(self.visible)}
        return {"@timestamp": written(self.time), "event": event, "f": terms}


rules = st.builds(
    Rule,
    interval=st.integers(1, 10),
    lookback=st.integers(1, 15),
    history=st.integers(1, 40),
)


@st.composite
def sightings(draw: st.DrawFn) -> list[Sighting]:
    size = draw(st.integers(0, 12))
    return [
        Sighting(
            id=f"e{number}",
            time=(time := draw(st.integers(0, 60))),
            visible=time + draw(st.one_of(st.just(0), st.integers(-3, 12), st.integers(0, 60))),
            terms=draw(st.sampled_from([("a",), ("a",), ("b",), ("a", "b"), ()])),
        )
        for number in range(size)
    ]


def scanned(rule: Rule, events: Sequence[Sighting]) -> Found:
    found: dict[tuple[str, int], tuple[int, frozenset[str]]] = {}
    for end in range(0, 200, rule.interval):
        base = [e for e in events if e.visible <= end and end - rule.history <= e.time <= end]
        for term in ("a", "b"):
            times = [e.time for e in base if term in e.terms]
            if times and min(times) > end - rule.lookback:
                ids = frozenset(e.id for e in base if term in e.terms and e.time == min(times))
                found.setdefault((term, min(times)), (end, ids))
    return {(end, term, time, ids) for (term, time), (end, ids) in found.items()}


def streamed(
    rule: Rule,
    events: Sequence[Sighting],
    disorder: int,
    tally: Tally,
    unit: timedelta = MILLISECOND,
) -> Found:
    alerts = run(
        NewTerms(ALWAYS, (TermField("f"),), rule.history * unit),
        [event.document(unit) for event in events],
        Schedule(interval=rule.interval * unit, lookback=rule.lookback * unit),
        max_disorder=disorder * unit,
        tally=tally,
    )
    found = set()
    for hit in alerts:
        alert = hit.alert
        assert alert.run_end is not None
        assert alert.time is not None
        end, time = ((moment - EPOCH) // unit for moment in (alert.run_end, alert.time))
        key = (end, str(alert.term[0]), time, alert.ids)
        assert key not in found, "an alert is counted once"
        found.add(key)
    return found


@settings(max_examples=600, deadline=None)
@given(rules, sightings())
def test_any_order_inside_the_allowed_disorder_gives_what_a_scan_of_all_runs_gives(
    rule: Rule, events: list[Sighting]
) -> None:
    tally = Tally()
    expected = scanned(rule, events)
    assert streamed(rule, events, disorder=100, tally=tally) == expected
    assert tally.late == 0
    event(f"{len(expected)} alerts")


@settings(max_examples=400, deadline=None)
@given(rules, sightings())
def test_texts_and_schedules_of_whole_minutes_give_the_same(
    rule: Rule, events: list[Sighting]
) -> None:
    minutes = Rule(3 * rule.interval, 3 * rule.lookback, 3 * rule.history)
    found = streamed(minutes, events, 100, Tally(), unit=timedelta(seconds=20))
    assert found == scanned(minutes, events)


@settings(max_examples=600, deadline=None)
@given(rules, sightings(), st.integers(0, 20), st.data())
def test_alerts_leave_early_and_stay_exact_when_the_disorder_is_small(
    rule: Rule, events: list[Sighting], disorder: int, data: st.DataObject
) -> None:
    delays = data.draw(
        st.lists(st.integers(0, disorder), min_size=len(events), max_size=len(events))
    )
    order = sorted(zip(events, delays, strict=True), key=lambda pair: pair[0].time + pair[1])
    read = [sighting for sighting, _ in order]
    tally = Tally()
    assert streamed(rule, read, disorder, tally) == scanned(rule, events)
    assert tally.late == 0


@settings(max_examples=300, deadline=None)
@given(rules, sightings(), st.integers(0, 20))
def test_exactly_the_events_behind_the_allowed_disorder_are_counted_as_late(
    rule: Rule, events: list[Sighting], disorder: int
) -> None:
    tally = Tally()
    streamed(rule, events, disorder, tally)
    late = [
        sighting.id
        for number, sighting in enumerate(events)
        if any(other.time - disorder > sighting.time for other in events[:number])
    ]
    assert tally.late == len(late)
    assert tally.late_examples == late[:5]
