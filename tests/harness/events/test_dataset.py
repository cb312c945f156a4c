"""Logs as data sets: ids, times, order, and what is left out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from converter.ir import Schedule, Schema
from harness.events.dataset import load_dataset
from harness.events.errors import LogError
from harness.events.event import Dataset
from harness.events.log import SkippedLines

SCHEMA = Schema({})


def written(folder: Path, *documents: object, name: str = "log.ndjson") -> Path:
    path = folder / name
    path.write_bytes(b"\n".join(map(orjson.dumps, documents)) + b"\n")
    return path


def ids(dataset: Dataset) -> list[str]:
    return [event.id for event in dataset.events]


def test_events_are_in_order_of_primary_time_then_id(tmp_path: Path) -> None:
    documents = [
        {"@timestamp": 2000, "event": {"id": "c"}},
        {"@timestamp": 1000, "event": {"id": "b"}},
        {"@timestamp": 1000, "event": {"id": "a"}},
    ]
    dataset = load_dataset([written(tmp_path, *documents)], Schedule(), SCHEMA)
    assert ids(dataset) == ["a", "b", "c"]
    assert dataset.schema is SCHEMA


def test_times_follow_the_schedule(tmp_path: Path) -> None:
    document = {"@timestamp": 1000, "event": {"ingested": 5000}}
    path = written(tmp_path, document)
    (by_occurrence,) = load_dataset([path], Schedule(), SCHEMA).events
    (by_ingestion,) = load_dataset([path], Schedule(timestamp="event.ingested"), SCHEMA).events
    one, five = datetime.fromtimestamp(1, UTC), datetime.fromtimestamp(5, UTC)
    assert (by_occurrence.time, by_occurrence.visible) == (one, five)
    assert (by_ingestion.time, by_ingestion.visible) == (five, five)
    assert by_occurrence.document == document


def test_an_id_is_that_of_the_hit_else_of_the_event_else_the_place(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"_id": "hit", "_source": {"@timestamp": 1, "event": {"id": "inner"}}},
        {"@timestamp": 2, "event": {"id": "inner"}},
        {"@timestamp": 3},
    )
    assert ids(load_dataset([path], Schedule(), SCHEMA)) == ["hit", "inner", f"{path}:3"]


def test_an_id_that_is_not_unique_gives_way_to_the_place(tmp_path: Path) -> None:
    one = written(tmp_path, {"@timestamp": 1, "event": {"id": "x"}}, name="one")
    two = written(
        tmp_path,
        {"@timestamp": 2, "event": {"id": "x"}},
        {"@timestamp": 3, "event": {"id": "y"}},
        name="two",
    )
    assert ids(load_dataset([one, two], Schedule(), SCHEMA)) == [f"{one}:1", f"{two}:1", "y"]


def test_an_event_without_a_time_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, {"@timestamp": 1}, {"a": 1})
    with pytest.raises(LogError) as caught:
        load_dataset([path], Schedule(), SCHEMA)
    assert str(caught.value) == (
        f"{path}:2: event has no @timestamp; add the time or drop the event"
    )


def test_events_without_a_time_and_bad_lines_can_be_counted_instead(tmp_path: Path) -> None:
    path = written(tmp_path, {"a": 1}, [1], {"@timestamp": 1})
    skipped = SkippedLines()
    assert ids(load_dataset([path], Schedule(), SCHEMA, skipped)) == [f"{path}:3"]
    assert skipped.count == 2
    assert [example.split(": ")[0] for example in skipped.examples] == [f"{path}:1", f"{path}:2"]
