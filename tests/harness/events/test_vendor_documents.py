"""Documents made of Windows events are those that Elastic's integrations make of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import pytest

from converter.layout import DocumentLayout
from converter.mapping import MappingPack, document_layout, packs
from harness.events.agent_events import as_windows_writes_it
from harness.events.event import Document, values_of
from harness.events.mapping_check import Hits, Pair, check_documents
from harness.events.vendor_documents import document_of
from tests.corpus import shared

FOLDERS = (
    "windows/sysmon_operational",
    "windows/forwarded",
    "windows/powershell",
    "system/security",
)

OLDER = {
    # the integration of early 2023 kept 0x00000004 as it was, and no type of binary data
    "registry.data.strings": 4,
    "registry.data.type": 3,
    # a recorded event without a user's data, from another version of the agent
    "process.entity_id": 1,
    "process.executable": 1,
}
"""Misses by field that are known: the document at hand is of another version of the integration."""


def windows() -> MappingPack:
    return next(pack for pack in packs() if pack.name == "windows")


def layout() -> DocumentLayout:
    found = document_layout(windows())
    assert found is not None
    return found


@lru_cache(maxsize=1)
def pairs() -> tuple[Pair, ...]:
    found = []
    for folder in FOLDERS:
        raw, ecs = (
            (shared("data/paired") / folder / name).read_text(encoding="utf-8").splitlines()
            for name in ("raw.ndjson", "ecs.ndjson")
        )
        for agent, document in zip(raw, ecs, strict=True):
            event = as_windows_writes_it(json.loads(agent))
            found.append(Pair(event, json.loads(document)))
    return tuple(found)


def report(counts: Sequence[Hits]) -> str:
    return "\n".join(str(count) for count in counts if count.hits < count.occurrences)


def rate(counts: Sequence[Hits]) -> float:
    return sum(count.hits for count in counts) / sum(count.occurrences for count in counts)


def transformed() -> set[str]:
    return {
        name
        for entry in windows().fields
        if entry.is_rewritten
        for name in (*entry.parts.values(), entry.ecs)
    }


def test_documents_equal_the_real_ones_field_by_field() -> None:
    counts = check_documents(layout(), pairs())
    misses = {
        count.name: count.occurrences - count.hits
        for count in counts
        if count.hits < count.occurrences
    }
    assert misses == OLDER, report(counts)
    assert len(pairs()) == 476
    assert sum(count.occurrences for count in counts) > 7900


@pytest.mark.parametrize(("is_transformed", "floor"), [(False, 0.99), (True, 0.98)])
def test_the_hit_rate_is_that_of_a_mapping_which_is_right(
    is_transformed: bool, floor: float
) -> None:
    counts = [
        count
        for count in check_documents(layout(), pairs())
        if (count.name in transformed()) == is_transformed
    ]
    assert len(counts) >= 15
    assert rate(counts) >= floor, report(counts)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("process.parent.executable", {"vendor": ("EventData.Image",)}),
        ("file.path", {"name": "file.name"}),
        ("network.direction", {"meanings": {"true": "ingress", "false": "egress"}}),
        ("source.port", {"transform": "", "vendor": ("EventData.DestinationPort",)}),
        ("dns.question.name", {"events": {"Security": ()}}),
        ("winlog.event_data.QueryResults", {"is_dropped": False}),
    ],
)
def test_a_wrong_field_is_found_out(name: str, change: dict[str, object]) -> None:
    right = layout()
    # mypy cannot see that the keys are fields of DocumentField
    fields = tuple(
        replace(field, **change) if field.name == name else field  # type: ignore[arg-type]
        for field in right.fields
    )
    before = {count.name: count for count in check_documents(right, pairs())}
    after = {count.name: count for count in check_documents(replace(right, fields=fields), pairs())}
    assert any(
        count.occurrences - count.hits > before[name].occurrences - before[name].hits
        if name in before
        else count.hits < count.occurrences
        for name, count in after.items()
    )


def event(channel: str, code: object, data: object) -> Document:
    system = {"Channel": channel, "EventID": code, "Computer": "host"}
    return document_of(layout(), {"Event": {"System": system, "EventData": data}})


SYSMON = "Microsoft-Windows-Sysmon/Operational"


@pytest.mark.parametrize(
    ("channel", "code", "data", "name", "values"),
    [
        (SYSMON, 1, {"ProcessId": 7112}, "process.pid", (7112,)),
        ("Security", 4648, {"ProcessId": "0x378"}, "process.pid", (888,)),
        ("Security", 4688, {"NewProcessName": "a.exe"}, "process.executable", ("a.exe",)),
        (
            "Security",
            4688,
            {"NewProcessName": "a.exe", "ProcessName": "b.exe"},
            "process.executable",
            ("a.exe",),
        ),
        ("Security", 4688, {"SubjectUserName": "bob"}, "user.name", ("bob",)),
        (SYSMON, 1, {"User": "LAB\\bob"}, "user.domain", ("LAB",)),
        (SYSMON, 1, {"User": "bob"}, "user.name", ()),
        (SYSMON, 1, {"Hashes": "MD5=AB,IMPHASH=00"}, "process.hash.md5", ("ab",)),
        (SYSMON, 1, {"Hashes": "MD5=AB,IMPHASH=00"}, "process.pe.imphash", ()),
        (SYSMON, 7, {"Hashes": "MD5=AB"}, "file.hash.md5", ("ab",)),
        (
            SYSMON,
            13,
            {"Details": "QWORD (0x00000001-0x00000002)"},
            "registry.data.strings",
            ("258",),
        ),
        (SYSMON, 1, {"ParentUser": "-"}, "winlog.event_data.ParentUser", ()),
        ("Security", 4648, {"IpAddress": "-"}, "winlog.event_data.IpAddress", ("-",)),
        ("Security", 4624, {"IpAddress": "::ffff:10.0.0.1"}, "source.ip", ("10.0.0.1",)),
        ("System", {"#text": 7045}, {"ServiceName": "x"}, "event.code", ("7045",)),
        ("System", 7045, {"ServiceName": "x"}, "winlog.event_data.ServiceName", ("x",)),
        ("Application", 1, {"Data": {"#text": ["a", "b"]}}, "winlog.event_data.param2", ("b",)),
        ("Application", 1, {"Data": "a"}, "winlog.event_data.param1", ("a",)),
        (SYSMON, 23, {"IsExecutable": "true"}, "sysmon.file.is_executable", (True,)),
        (SYSMON, 22, {"QueryResults": "1.2.3.4;"}, "winlog.event_data.QueryResults", ()),
    ],
)
def test_a_value_of_an_event_stands_in_the_document(
    channel: str, code: object, data: object, name: str, values: tuple[object, ...]
) -> None:
    assert values_of(event(channel, code, data), name) == values


def test_another_document_stays_as_it_is() -> None:
    document = {"event": {"code": "1"}, "@timestamp": "2026-01-01T00:00:00Z"}
    assert document_of(layout(), document) is document
    assert document_layout(None) is None
    assert document_layout(next(p for p in packs() if p.name == "entra_signin")) is None
