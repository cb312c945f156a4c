"""Instants and the times of events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from converter.ir import Schedule, View
from harness.engines.view import read
from harness.events.errors import UndatedEvent
from harness.events.time import EventTimes, instant, length, microseconds, moment_of, times_of

SECOND = 1_000_000
JUNE = 1_780_272_000 * SECOND

READABLE: list[tuple[str | float, int]] = [
    ("2026-06-01T00:00:00Z", JUNE),
    ("2026-06-01T00:00:00", JUNE),
    ("2026-06-01", JUNE),
    ("2026-06-01T02:00:00+02:00", JUNE),
    ("2026-05-31T18:30:00-05:30", JUNE),
    ("2026-06-01T00:00:00.5Z", JUNE + SECOND // 2),
    ("2026-06-01T00:00:00.123Z", JUNE + 123_000),
    ("2026-06-01T00:00:00.123456Z", JUNE + 123_456),
    ("2026-06-01T00:00:00.1234567Z", JUNE + 123_456),
    ("2026-06-01T00:00:00.123456789Z", JUNE + 123_456),
    (1_780_272_000_000, JUNE),
    ("1780272000000", JUNE),
    (1_780_272_000_000.5, JUNE + 500),
    (0, 0),
    (-1, -1000),
    ("1969-12-31T23:59:59.999999Z", -1),
]


@pytest.mark.parametrize(("value", "expected"), READABLE)
def test_an_instant_is_read_to_the_microsecond(value: str | float, expected: int) -> None:
    assert instant(value) == expected


UNREADABLE: list[str | float] = [
    *("", "now", "2026-13-01", "2026-06-01T25:00:00Z", "10:00"),
    *("²", "١٧٨٠٢٧٢٠٠٠٠٠٠", 1e30, -1e30, "9" * 30),
]


@pytest.mark.parametrize("value", UNREADABLE)
def test_what_is_no_instant_is_none(value: str | float) -> None:
    assert instant(value) is None


@pytest.mark.parametrize(("value", "expected"), READABLE)
def test_a_date_view_reads_the_same_instants(value: str | float, expected: int) -> None:
    assert read(View.DATE, value) == expected


@pytest.mark.parametrize("value", UNREADABLE)
def test_a_date_view_reads_nothing_else(value: str | float) -> None:
    assert read(View.DATE, value) is None


def test_moments_and_instants_are_each_other_s_inverse() -> None:
    moment = datetime(2026, 6, 1, 2, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=2)))
    assert microseconds(moment) == JUNE + 123_456
    assert moment_of(JUNE + 123_456) == moment
    assert moment_of(JUNE).tzinfo is UTC
    assert microseconds(datetime(2026, 6, 1)) == JUNE


def test_lengths_are_exact() -> None:
    assert length(timedelta(days=14, microseconds=1)) == 14 * 86_400 * SECOND + 1


PRIMARY = "2026-06-01T00:00:00Z"
LATER = "2026-06-01T00:01:00Z"
INGESTED = Schedule(timestamp="event.ingested")


@pytest.mark.parametrize(
    ("document", "schedule", "expected"),
    [
        ({"@timestamp": PRIMARY}, Schedule(), (JUNE, JUNE)),
        ({"@timestamp": PRIMARY, "event.ingested": LATER}, Schedule(), (JUNE, JUNE + 60 * SECOND)),
        ({"@timestamp": LATER, "event": {"ingested": PRIMARY}}, INGESTED, (JUNE, JUNE)),
        ({"@timestamp": PRIMARY}, INGESTED, (JUNE, JUNE)),
        ({"@timestamp": PRIMARY, "event": {"ingested": None}}, INGESTED, (JUNE, JUNE)),
        ({"@timestamp": [PRIMARY, LATER]}, Schedule(), (JUNE, JUNE)),
        (
            {"seen": PRIMARY, "event.ingested": LATER},
            Schedule(timestamp="seen"),
            (JUNE, JUNE + 60 * SECOND),
        ),
    ],
    ids=["plain", "seen later", "by ingestion", "fallback", "null", "several", "own field"],
)
def test_an_event_has_a_primary_time_and_a_time_from_which_it_is_seen(
    document: dict[str, object], schedule: Schedule, expected: tuple[int, int]
) -> None:
    assert times_of(document, schedule) == EventTimes(*expected)


def test_an_event_without_any_time_says_which_fields_it_lacks() -> None:
    with pytest.raises(UndatedEvent, match="no event.ingested and no @timestamp; add the time or"):
        times_of({"a": 1}, INGESTED)


def test_the_fallback_can_be_switched_off() -> None:
    with pytest.raises(UndatedEvent, match=r"event has no event\.ingested; add"):
        times_of({"@timestamp": PRIMARY}, Schedule(timestamp="event.ingested", has_fallback=False))


@pytest.mark.parametrize("value", ["soon", True, [False]])
def test_an_unreadable_time_is_an_error_not_a_fallback(value: object) -> None:
    with pytest.raises(UndatedEvent, match=r"event\.ingested .* is no time; write ISO 8601"):
        times_of({"@timestamp": PRIMARY, "event": {"ingested": value}}, INGESTED)
