"""Rules on endpoints as rows of Defender hold their events: data of the registry, hives of users, systems."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

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
HIDDEN = {EVENT_COLUMN: "string", INGESTION_COLUMN: "datetime"}
REGISTRY = (
    "ActionType",
    "RegistryKey",
    "RegistryValueName",
    "RegistryValueData",
    "RegistryValueType",
)
KEY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Demo"


def source(category: str, item: str) -> str:
    return f"""
title: A rule
logsource: {{product: windows, category: {category}}}
detection:
  a: {item}
  condition: a
"""


def rendered(category: str, item: str) -> RenderedQuery:
    (rule,) = read_rules(source(category, item), "rule.yml", ImportOptions())
    target = target_named("xdr")
    return render_placed(placed(rule, target), target)


def notes(query: RenderedQuery) -> str:
    return "\n".join(one.message for one in query.diagnostics)


def table(name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> StoredTable:
    times = {"Timestamp", "Seen"}
    types = {one: "datetime" if one in times else "string" for one in columns} | HIDDEN
    return StoredTable(name, types, [(*row, str(place), NOW) for place, row in enumerate(rows)])


def registry(*rows: Sequence[str]) -> StoredTable:
    return table("DeviceRegistryEvents", REGISTRY, rows)


def found(query: RenderedQuery, *tables: StoredTable) -> int:
    with Store(list(tables)) as store:
        return len(store.query(query.text, NOW).rows)


SET = "RegistryValueSet"
DATA = {
    "a text without characters": (SET, "", "String"),
    "an expanded text without characters": (SET, "", "ExpandString"),
    "texts, none of them": (SET, "", "MultiString"),
    "a text": (SET, "x", "String"),
    "a text like a word of Sysmon": (SET, "(Empty)", "String"),
    "binary data": (SET, "", "Binary"),
    "a number": (SET, "1", "Dword"),
    "a key": ("RegistryKeyCreated", "", ""),
    "a value that is deleted": ("RegistryValueDeleted", "", "None"),
}
WORDS = {
    "(Empty)": ("{Details: (Empty)}", {*list(DATA)[:3]}),
    "Binary Data": ("{Details: Binary Data}", {"binary data"}),
    "a part of both": (
        "{Details|endswith: ['mpty)', ' data']}",
        {*list(DATA)[:3], "binary data"} | {"a text like a word of Sysmon"},
    ),
    "one of several": ("{Details: [Binary Data, x]}", {"binary data", "a text"}),
    "a number": ("{Details: DWORD (0x00000001)}", {"a number"}),
}


@pytest.mark.parametrize("case", WORDS.values(), ids=WORDS)
def test_a_word_of_sysmon_finds_the_values_that_it_stands_for(case: tuple[str, set[str]]) -> None:
    item, expected = case
    query = rendered("registry_event", item)
    rows = {name: (action, KEY, "x", data, kind) for name, (action, data, kind) in DATA.items()}
    assert {name for name, row in rows.items() if found(query, registry(row))} == expected


@pytest.mark.parametrize(
    ("item", "is_told"),
    [
        ("{Details: (Empty)}", True),
        ("{Details: null}", True),
        ("{Details: QWORD (0x00000000-0x00000001)}", True),
        ("{Details: Binary Data}", False),
        ("{Details: DWORD (0x00000001)}", False),
        (r"{Details|endswith: '\a.exe'}", False),
    ],
)
def test_what_is_lost_of_data_is_told(item: str, is_told: bool) -> None:
    assert ("Details: the data itself" in notes(rendered("registry_set", item))) == is_told


@pytest.mark.parametrize("word", ["(Empty)", "Binary Data"])
def test_events_made_for_a_word_are_found(word: str) -> None:
    text = source("registry_set", f"{{TargetObject|endswith: '\\Command', Details: {word}}}")
    rules = read_rules(text, "rule.yml", ImportOptions())
    (result,) = (
        one for one in verify(rules, [Claim("xdr")], (), Options()) if isinstance(one, RuleResult)
    )
    assert result.targets[0].verdict == Agrees(), result.targets[0].text


@pytest.mark.parametrize(
    ("key", "is_found"),
    [
        (r"HKEY_CURRENT_USER\S-1-5-21-7-500\Run", True),
        (r"HKEY_USERS\S-1-5-21-7-500\Run", True),
        (r"HKEY_CURRENT_USER\Run", False),
        (r"HKEY_LOCAL_MACHINE\S-1-5-21-7-500\Run", False),
    ],
)
def test_the_hive_of_a_user_is_found_under_its_name_in_rules(key: str, is_found: bool) -> None:
    query = rendered("registry_set", r"{TargetObject|startswith: 'HKU\S-1-5-21-'}")
    assert bool(found(query, registry((SET, key, "x", "", "String")))) == is_found
    assert "not seen in paired events" in notes(query)


SYSTEMS = {
    "the one that is told": (["Windows11"], 1),
    "a later row that tells none": (["Windows11", ""], 1),
    "a later row that tells another": (["Windows11", "Linux"], 0),
    "none": ([""], 0),
}


@pytest.mark.parametrize("case", SYSTEMS.values(), ids=SYSTEMS)
def test_the_system_is_that_of_the_latest_row_that_tells_one(case: tuple[list[str], int]) -> None:
    platforms, expected = case
    query = rendered("file_event", r"{TargetFilename|endswith: '\a.exe'}")
    devices = [
        (NOW + timedelta(minutes=place), "d", platform) for place, platform in enumerate(platforms)
    ]
    tables = (
        table("DeviceInfo", ("Timestamp", "DeviceId", "OSPlatform"), devices),
        table(
            "DeviceFileEvents",
            ("ActionType", "DeviceId", "FolderPath"),
            [("FileCreated", "d", r"C:\a.exe")],
        ),
    )
    assert found(query, *tables) == expected
