"""Steps into JSON and readings of texts: Kusto and the harness read the same, and what is written reads back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from harness.engines.kusto_store import EVENT_COLUMN, Store, StoredTable
from harness.engines.kusto_text import INGESTION_COLUMN
from harness.events.cells import read_cell, with_inside
from harness.events.readings import (
    ARRAYS,
    JOINS,
    column_text,
    joined,
    joined_parts,
    number_of_text,
    read,
    text_of_values,
    values_of_text,
)
from sigma.sigmaproof.kusto_steps import value_inside
from sigma.sigmaproof.readings import EXPRESSIONS, NUMBERS, Reading
from sigma.sigmaproof.steps import is_array, steps_of, written

CASES = Path(__file__).parents[2] / "data" / "cases" / "steps.yml"
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@lru_cache(maxsize=1)
def data() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True)
class Case:
    path: str
    reads: object


READS = [Case(**case) for case in data()["cases"]]


def kusto(expression: str, columns: dict[str, str], row: tuple[object, ...]) -> object:
    """Return what an expression gives on a table of one row."""
    hidden = {EVENT_COLUMN: "string", INGESTION_COLUMN: "datetime"}
    table = StoredTable("T", {**columns, **hidden}, [(*row, "1", NOW)])
    with Store([table]) as store:
        ((value,),) = store.query(f"T | project x = {expression}", NOW).rows
    return value


@pytest.mark.parametrize("kind", ["string", "dynamic"])
@pytest.mark.parametrize("case", READS, ids=lambda case: case.path)
def test_kusto_and_the_harness_read_the_same(case: Case, kind: str) -> None:
    cell = data()["cell"]
    value: object = json.dumps(cell) if kind == "string" else cell
    steps = steps_of(case.path)
    column = value_inside("Cell", "string" if kind == "string" else "dynamic", steps)
    found = read_cell(value, steps, kind)
    if is_array(steps):
        by_kusto = kusto(f"tostring({column})", {"Cell": kind}, (value,))
        assert json.loads(str(by_kusto)) == case.reads
        assert found == case.reads
    else:
        assert kusto(f"tostring({column})", {"Cell": kind}, (value,)) == case.reads
        texts = {"True": "true", "None": ""}
        assert texts.get(str(found), str(found)) == case.reads


@pytest.mark.parametrize("text", ["", "[]", "no JSON"])
@pytest.mark.parametrize("case", READS, ids=lambda case: case.path)
def test_a_column_without_the_value_reads_as_nothing(case: Case, text: str) -> None:
    steps = steps_of(case.path)
    column = value_inside("Cell", "string", steps)
    by_kusto = kusto(f"tostring({column})", {"Cell": "string"}, (text,))
    assert by_kusto in ("", "[]")
    assert read_cell(text, steps, "string") in (None, [])


@pytest.mark.parametrize("kind", ["string", "dynamic"])
@pytest.mark.parametrize("case", data()["writes"], ids=lambda case: case["path"])
def test_what_is_written_stands_there_and_reads_back(case: dict[str, Any], kind: str) -> None:
    steps = steps_of(case["path"])
    cell = with_inside("" if kind == "string" else None, steps, case["value"], kind)
    assert (json.loads(str(cell)) if kind == "string" else cell) == case["gives"]
    assert read_cell(cell, steps, kind) == case["value"]


@pytest.mark.parametrize("case", READS, ids=lambda case: case.path)
def test_steps_are_written_as_they_are_read(case: Case) -> None:
    assert written(steps_of(case.path)) == case.path


def test_every_reading_is_executed_as_kusto_computes_it() -> None:
    assert set(EXPRESSIONS) == set(get_args(Reading))
    texts = [
        "",
        "ada",
        "ada@example.org",
        "[2a01:110::5f1f]:36185",
        "[::ffff:10.0.0.1]",
        "10.0.0.1:443",
        "::ffff:10.0.0.1",
        "fe80::1",
        "/a/b/C",
        "https://Host.example/v1.0/me?x=1",
        "https://h.example",
        "host.example/a/b.TXT",
        "Windows11",
        "macOS",
        r"\Device\NamedPipe\mojo",
        "9b117c67170e4aed9702658b3fddc889",
        "9b117c67-170e-4aed-9702-658b3fddc889",
        "a\u00a0b\tc\x0bd  e",
        " ",
        r'{"name":"B:o,b","tags":["a",1,{"on":true}],"arn":"a:b","q":":x","w":"\\","p":"{\"E\":\"A\"}"}',
    ]
    of_one_text = {name: one for name, one in EXPRESSIONS.items() if name not in ARRAYS | JOINS}
    for reading, expression in of_one_text.items():
        for text in texts:
            by_kusto = kusto(expression.format("Cell"), {"Cell": "string"}, (text,))
            if reading in NUMBERS:
                assert by_kusto == number_of_text(text), (reading, text)
                continue
            found = read(reading, text)
            if reading == "url-host":
                by_kusto, found = str(by_kusto).lower(), found.lower()
            assert by_kusto == found, (reading, text)


@pytest.mark.parametrize(
    ("reading", "value", "text"),
    [
        ("address", "10.0.0.1", "10.0.0.1"),
        ("address", "[fe80::1]", None),
        ("e-mail", "ada@x", "ada@x"),
        ("e-mail", "ada", None),
        ("before-at", "ada", "ada"),
        ("before-at", "ada@x", None),
        ("last-segment", "vm", "vm"),
        ("last-segment", "a/b", None),
        ("upper-case", "WRITE", "WRITE"),
        ("upper-case", "write", None),
        ("lower-case", "write", "write"),
        ("lower-case", "WRITE", None),
        ("url-host", "graph.example", "https://graph.example/"),
        ("url-path", "/v1.0/me", "https://host.example/v1.0/me"),
        ("url-path", "no path?", None),
        (
            "without-dashes",
            "9b117c67-170e-4aed-9702-658b3fddc889",
            "9b117c67170e4aed9702658b3fddc889",
        ),
        ("without-dashes", "no-guid", "no-guid"),
        ("java-map", "{name=Bob, on=true}", '{"name":"Bob","on":true}'),
        ("java-map", "no map", '"no map"'),
        ("java-map", "two\ttabs", None),
        ("without-dashes", "9b117c67170e4aed9702658b3fddc889", None),
    ],
)
def test_a_text_is_found_that_reads_as_the_value_or_none(
    reading: str, value: str, text: str | None
) -> None:
    assert column_text(reading, value) == text


@pytest.mark.parametrize(
    ("key", "name", "path"),
    [
        (r"HKEY_LOCAL_MACHINE\SOFTWARE\Run", "Updater", r"HKLM\SOFTWARE\Run\Updater"),
        (r"HKEY_LOCAL_MACHINE\SOFTWARE\Run", "", r"HKLM\SOFTWARE\Run"),
        (r"HKEY_USERS\S-1-5-18\Run", "a b", r"HKU\S-1-5-18\Run\a b"),
        (r"HKEY_CURRENT_USER\Run", "x", r"HKCU\Run\x"),
        (r"HKEY_CURRENT_USER\S-1-5-21-7-500\Run", "x", r"HKU\S-1-5-21-7-500\Run\x"),
        (r"HKEY_CURRENT_USER\S-1-12-1-7\Run", "", r"HKU\S-1-12-1-7\Run"),
        (r"HKEY_CURRENT_USER\S-1", "x", r"HKCU\S-1\x"),
        (r"HKEY_LOCAL_MACHINE\S-1-5-18", "x", r"HKLM\S-1-5-18\x"),
        (r"HKEY_CLASSES_ROOT\.txt", "", r"HKCR\.txt"),
        (
            r"HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Services",
            "x",
            r"HKLM\SYSTEM\CurrentControlSet\Services\x",
        ),
        (
            r"HKEY_LOCAL_MACHINE\OTHER\ControlSet001\Services",
            "x",
            r"HKLM\OTHER\ControlSet001\Services\x",
        ),
        (r"elsewhere\HKEY_USERS", "x", r"elsewhere\HKEY_USERS\x"),
        ("", "", ""),
    ],
)
def test_key_and_value_of_the_registry_are_joined_as_kusto_joins_them(
    key: str, name: str, path: str
) -> None:
    expression = EXPRESSIONS["registry-path"].format("Key", "Name")
    assert kusto(expression, {"Key": "string", "Name": "string"}, (key, name)) == path
    assert joined("registry-path", [key, name]) == path


@pytest.mark.parametrize(
    "path",
    [
        r"HKLM\SOFTWARE\Run\Updater",
        r"\SOFTWARE\Run",
        "word",
        r"HKU\S-1-5-18\Run",
        r"HKU\S-1-5-21-7\x",
    ],
)
def test_a_path_of_the_registry_is_cut_into_what_reads_as_it(path: str) -> None:
    parts = [part or "" for part in joined_parts("registry-path", path)]
    assert joined("registry-path", parts) == path


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (r"HKU\S-1-5-21-7-500\Run\x", r"HKEY_CURRENT_USER\S-1-5-21-7-500\Run"),
        (r"HKU\S-1-5-18\Run\x", r"HKEY_USERS\S-1-5-18\Run"),
        (r"HKCU\Run\x", r"HKEY_CURRENT_USER\Run"),
    ],
)
def test_the_hive_of_a_user_is_written_as_defender_writes_it(path: str, key: str) -> None:
    assert joined_parts("registry-path", path) == (key, "x")
    assert joined("registry-path", [key, "x"]) == path


@pytest.mark.parametrize("text", ["", "a", "tar -xf a.tar", "  two  blanks\tand a tab "])
def test_the_words_of_a_text_are_those_that_kusto_finds(text: str) -> None:
    found = kusto(EXPRESSIONS["words"].format("Cell"), {"Cell": "string"}, (text,))
    words = json.loads(str(found)) if found is not None else []
    assert (words or []) == text.split()
    assert (text_of_values("words", text.split()) or "").split() == text.split()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("{New IP=NEGATIVE}", []),
        (
            "{New Geo-Location=POSITIVE, New IP=NEGATIVE, Velocity=POSITIVE}",
            ["New Geo-Location", "Velocity"],
        ),
        ("{A=POSITIVELY, B =POSITIVE}", ["B "]),
    ],
)
def test_the_positive_names_of_a_map_are_those_that_kusto_finds(
    text: str, names: list[str]
) -> None:
    found = kusto(EXPRESSIONS["positive-names"].format("Cell"), {"Cell": "string"}, (text,))
    assert (json.loads(str(found)) if found is not None else []) == names
    assert values_of_text("positive-names", text) == names
    written_again = text_of_values("positive-names", names) or ""
    assert values_of_text("positive-names", written_again) == names
