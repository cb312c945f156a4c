"""Elastic rules on endpoints, on rows of Defender that hold their fields beside the event or in other columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from converter.errors import Unsupported
from converter.placement import placed, render_placed
from converter.port import ImportOptions, read_rules
from converter.registry import target_named
from converter.render import RenderedQuery
from harness.engines.kusto_store import EVENT_COLUMN, Store, StoredTable
from harness.engines.kusto_text import INGESTION_COLUMN
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import Agrees, RuleResult

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TYPES = {
    "Timestamp": "datetime",
    "ReportId": "long",
    "IsSigned": "bool",
    "IsTrusted": "bool",
    "ProcessId": "long",
    "InitiatingProcessId": "long",
    "InitiatingProcessCreationTime": "datetime",
    "InitiatingProcessParentId": "long",
    "InitiatingProcessParentCreationTime": "datetime",
}
HIDDEN = {EVENT_COLUMN: "string", INGESTION_COLUMN: "datetime"}


def source(query: str, term: str = "", shown: str = "") -> str:
    terms = f"""
type = "new_terms"
[rule.new_terms]
field = "new_terms_fields"
value = ["{term}"]
[[rule.new_terms.history_window_start]]
field = "history_window_start"
value = "now-5d"
[rule.investigation_fields]
field_names = ["{shown or term}"]
"""
    return f"""
[metadata]
creation_date = "2026/01/01"
maturity = "production"
updated_date = "2026/01/01"

[rule]
author = ["Demo"]
description = "A rule"
index = ["logs-endpoint.events.*"]
language = "kuery"
license = "MIT"
name = "A rule"
risk_score = 21
rule_id = "5f0dd1ba-4c5e-4a2f-9f36-2d2d1e0d9c11"
severity = "low"
query = '''
{query}
'''
{terms if term else 'type = "query"'}
"""


def rendered(query: str) -> RenderedQuery:
    (rule,) = read_rules(source(query), "rule.toml", ImportOptions())
    target = target_named("xdr")
    return render_placed(placed(rule, target), target)


def notes(query: RenderedQuery) -> str:
    return "\n".join(one.message for one in query.diagnostics)


def table(name: str, *rows: Mapping[str, object]) -> StoredTable:
    columns = {column: TYPES.get(column, "string") for row in rows for column in row}
    columns |= {"Timestamp": "datetime"}
    cells = [
        (*({"Timestamp": NOW, **row}.get(one) for one in columns), str(place), NOW)
        for place, row in enumerate(rows)
    ]
    return StoredTable(name, columns | HIDDEN, cells)


def found(query: RenderedQuery, *tables: StoredTable) -> Sequence[Sequence[object]]:
    with Store(list(tables)) as store:
        return store.query(query.text, NOW).rows


def process(**columns: object) -> StoredTable:
    return table(
        "DeviceProcessEvents", {"ActionType": "ProcessCreated", "DeviceId": "d", **columns}
    )


AGREEING = {
    "a working directory": "event.category:process and process.working_directory:/tmp*",
    "that of the parent": (
        "event.category:process and not process.parent.working_directory:(/home/*/x or /opt)"
    ),
    "a signer": "event.category:process and process.code_signature.subject_name:(A* or B)",
    "a signer that is trusted": (
        "host.os.type:windows and event.category:library and not (process.code_signature.trusted:true"
        " and process.code_signature.subject_name:A and process.name.caseless:a.exe)"
    ),
    "signers of a process and of what it loads": (
        "event.category:library and process.code_signature.exists:true and"
        " dll.code_signature.exists:false and not dll.code_signature.subject_name:B"
    ),
    "a number of arguments": "event.category:process and process.args_count >= 3",
    "one of a command line that is asked for too": (
        "event.category:process and process.args_count:2 and not process.command_line:(-a or b*)"
    ),
    "a parent that is known": "event.category:process and process.parent.entity_id:*",
    "the acting process": "event.category:file and not process.entity_id:x",
    "another user than root": "event.category:file and host.os.type:linux and not user.id:0",
    "a drive": (
        "event.type:device and event.action:mount and event.outcome:success and volume.removable:true"
        " and device.serial_number:A*"
    ),
}


def assert_agrees(text: str) -> None:
    rules = read_rules(text, "rule.toml", ImportOptions())
    results = verify(rules, [Claim("xdr")], (), Options())
    (result,) = (one for one in results if isinstance(one, RuleResult))
    assert result.targets[0].verdict == Agrees(), result.targets[0].text


@pytest.mark.parametrize("query", AGREEING.values(), ids=AGREEING)
def test_a_rule_detects_the_same(query: str) -> None:
    assert_agrees(source(query))


def test_a_term_may_be_a_joined_column() -> None:
    query = "event.category:process and process.name:a and process.code_signature.trusted:true"
    assert_agrees(source(query, "process.code_signature.subject_name"))


@pytest.mark.parametrize(
    ("inside", "is_found"),
    [
        ({"ProcessCurrentWorkingDirectory": "/tmp/x"}, True),
        ({"ProcessCurrentWorkingDirectory": "/"}, False),
        ({"InitiatingProcessCurrentWorkingDirectory": "/tmp/x"}, False),
        ({}, False),
    ],
)
def test_the_working_directory_is_that_of_the_created_process(
    inside: Mapping[str, str], is_found: bool
) -> None:
    query = rendered("event.category:process and process.working_directory:/tmp*")
    assert bool(found(query, process(AdditionalFields=json.dumps(inside)))) == is_found
    assert "recorded on Linux and macOS only" in notes(query)


@pytest.mark.parametrize(("product", "is_told"), [("linux", True), ("windows", False)])
def test_rules_of_sigma_have_the_working_directory_where_it_is_recorded(
    product: str, is_told: bool
) -> None:
    text = f"""
title: A rule
logsource: {{product: {product}, category: process_creation}}
detection:
  a: {{CurrentDirectory|startswith: /tmp/}}
  condition: a
"""
    (rule,) = read_rules(text, "rule.yml", ImportOptions())
    target = target_named("xdr")
    if is_told:
        assert "ProcessCurrentWorkingDirectory" in render_placed(placed(rule, target), target).text
    else:
        with pytest.raises(Unsupported, match="working directory on Windows"):
            render_placed(placed(rule, target), target)


def test_a_drive_on_usb_that_is_mounted_is_removable_and_told_by_its_serial_number() -> None:
    query = rendered("event.action:mount and volume.removable:true and device.serial_number:A1")
    kinds = {"A1": "UsbDriveMounted", "A2": "UsbDriveMounted", "A3": "UsbDriveUnmounted"}
    drives = table(
        "DeviceEvents",
        *(
            {"ActionType": kind, "AdditionalFields": json.dumps({"SerialNumber": serial})}
            for serial, kind in kinds.items()
        ),
    )
    assert len(found(query, drives)) == 1
    assert query.text.count("ActionType ==") == 1
    assert "every drive on USB counts as removable" in notes(query)


def signed(sha1: str, signer: str, is_trusted: bool, minute: int = 0) -> dict[str, object]:
    return {
        "Timestamp": NOW + timedelta(minutes=minute),
        "SHA1": sha1,
        "Signer": signer,
        "IsSigned": bool(signer),
        "IsTrusted": is_trusted,
    }


CERTIFICATES = {
    "the signer": ([signed("1", "A", True)], True),
    "another signer": ([signed("1", "B", True)], False),
    "the signer of another file": ([signed("2", "A", True)], False),
    "one that is not trusted": ([signed("1", "A", False)], False),
    "a later signer": ([signed("1", "B", True), signed("1", "A", True, 1)], True),
    "an earlier signer": ([signed("1", "A", True, 1), signed("1", "", False, 2)], False),
    "a row that tells nothing": ([signed("1", "A", True), {"SHA1": "1", "Signer": ""}], True),
    "a row without a file": ([signed("", "A", True)], False),
}


@pytest.mark.parametrize("case", CERTIFICATES.values(), ids=CERTIFICATES)
def test_a_signature_is_the_latest_one_of_the_file(
    case: tuple[list[dict[str, object]], bool],
) -> None:
    rows, is_found = case
    query = rendered(
        "event.category:process and process.code_signature.subject_name:A"
        " and process.code_signature.trusted:true"
    )
    certificates = table("DeviceFileCertificateInfo", *rows)
    assert bool(found(query, process(SHA1="1"), certificates)) == is_found
    assert not found(query, process(SHA1=""), certificates)
    assert "not verified in the queried time" in notes(query)


def test_the_process_and_what_it_loads_are_signed_apart() -> None:
    query = rendered(
        "event.category:library and process.code_signature.subject_name:A"
        " and dll.code_signature.subject_name:B"
    )
    loads = {"ActionType": "ImageLoaded", "InitiatingProcessSHA1": "1", "SHA1": "2"}
    turned = {**loads, "InitiatingProcessSHA1": "2", "SHA1": "1"}
    certificates = table(
        "DeviceFileCertificateInfo", signed("1", "A", True), signed("2", "B", True)
    )
    assert len(found(query, table("DeviceImageLoadEvents", loads, turned), certificates)) == 1


def test_other_conditions_come_before_the_join_and_what_reads_it_behind() -> None:
    query = rendered(
        "event.category:process and process.code_signature.exists:true and process.name:a.exe"
    )
    places = [
        query.text.index(one) for one in ('FileName == "a.exe"', "| lookup", "ProcessIsSigned ==")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("line", "is_found"),
    [("nohup a", True), (" nohup   a ", True), ("nohup", False), ("nohup a b", False), ("", False)],
)
def test_the_words_of_the_command_line_are_counted(line: str, is_found: bool) -> None:
    query = rendered("event.category:process and process.args_count:2")
    assert bool(found(query, process(ProcessCommandLine=line))) == is_found
    assert "one with a blank inside counts as several" in notes(query)


def test_a_process_without_a_command_line_has_no_number_of_arguments() -> None:
    query = rendered("event.category:process and not process.args_count:*")
    assert found(query, process(ProcessCommandLine=""))
    assert not found(query, process(ProcessCommandLine="a"))


START = NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    ("number", "initiating", "identity"),
    [
        (7, 5, "5 2026-03-01T23:00:00.0000000Z"),
        (7, 7, "3 2026-03-02T00:00:00.0000000Z"),
        (7, None, None),
    ],
)
def test_a_parent_is_told_by_id_and_start_also_where_the_row_names_the_process_before(
    number: int, initiating: int | None, identity: str | None
) -> None:
    row = process(
        ProcessId=number,
        InitiatingProcessId=initiating,
        InitiatingProcessCreationTime=START,
        InitiatingProcessParentId=3,
        InitiatingProcessParentCreationTime=NOW,
    )
    known = rendered("event.category:process and process.parent.entity_id:*")
    assert bool(found(known, row)) == (identity is not None)
    query = rendered(f'event.category:process and process.parent.entity_id:"{identity}"')
    assert bool(found(query, row)) == (identity is not None)
    assert "unique on its device" in notes(query)


@pytest.mark.parametrize(
    ("inside", "is_found"),
    [({"PosixUserId": 0}, False), ({"PosixUserId": 1000}, True), ({}, True)],
)
def test_a_user_of_linux_is_told_by_number(inside: Mapping[str, int], is_found: bool) -> None:
    query = rendered("event.category:file and not user.id:0")
    row = {
        "ActionType": "FileCreated",
        "InitiatingProcessAccountSid": "S-1-5-21-1-2-3-1000",
        "AdditionalFields": json.dumps({"InitiatingProcessPosixEffectiveUser": inside}),
    }
    assert bool(found(query, table("DeviceFileEvents", row))) == is_found
    windows = {**row, "AdditionalFields": ""}
    by_sid = rendered('event.category:file and user.id:"S-1-5-21-1-2-3-1000"')
    assert found(by_sid, table("DeviceFileEvents", windows))


def test_a_column_to_look_at_is_not_joined_for() -> None:
    signer = "process.code_signature.subject_name"
    text = source("event.category:process and process.name:a", "process.executable", signer)
    assert_agrees(text)
    (rule,) = read_rules(text, "rule.toml", ImportOptions())
    query = render_placed(placed(rule, target_named("xdr")), target_named("xdr"))
    assert "DeviceFileCertificateInfo" not in query.text
    assert f"{signer} is not shown: another table would have to be joined" in notes(query)


@pytest.mark.parametrize("asked", ['"curl x"', "*curl x*"])
@pytest.mark.parametrize("which", ["", "not "])
def test_an_argument_with_a_blank_is_no_word_of_the_command_line(asked: str, which: str) -> None:
    query = f"event.category:process and process.name:a and {which}process.args:{asked}"
    with pytest.raises(Unsupported, match=r"; test process\.command_line; or leave"):
        rendered(query)
