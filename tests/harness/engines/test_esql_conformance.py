"""Elastic's own ES|QL cases: each gives the expected rows, or is skipped by name with its reason."""

from __future__ import annotations

import csv
import json
import math
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from converter.ir import Schema, Value
from harness.engines.esql.compiled import Row
from harness.engines.esql.source import cell
from harness.engines.esql.table import tabulate
from harness.engines.esql.types import Cell, Type
from harness.events.event import Document
from tests.corpus import shared

NOT_EXECUTED: dict[str, str] = {}
"""Cases by file and name, and why they are not executed: none at present."""
TIES = frozenset({"mv_expand.csv-spec expandAfterSort1"})
"""Cases whose rows tie on the sort keys, so that their order is not defined."""

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_TYPES = {
    "keyword": Type.KEYWORD,
    "text": Type.TEXT,
    "date": Type.DATETIME,
    "integer": Type.INTEGER,
    "short": Type.INTEGER,
    "byte": Type.INTEGER,
    "long": Type.LONG,
    "double": Type.DOUBLE,
    "float": Type.DOUBLE,
    "half_float": Type.DOUBLE,
    "scaled_float": Type.DOUBLE,
    "boolean": Type.BOOLEAN,
    "ip": Type.IP,
}


class CsvSource:
    """A table of the conformance data as the rows of an index."""

    def __init__(self, path: Path) -> None:
        lines = path.read_text(encoding="utf-8").splitlines()
        self._kinds = dict(_header(name) for name in lines[0].split(","))
        self._lines = [dict(zip(self._kinds, _split(line), strict=True)) for line in lines[1:]]

    @property
    def columns(self) -> Mapping[str, Type]:
        return {name: _TYPES[self._kinds[name]] for name in sorted(self._kinds)}

    @property
    def schema(self) -> Schema:
        return Schema({})

    def document(self, number: int) -> Document:
        return {}

    def field_type(self, name: str) -> str:
        return self._kinds[name]

    def rows(self, names: Sequence[str]) -> Iterable[Row]:
        for number, line in enumerate(self._lines):
            yield (number, *(self._cell(name, line[name]) for name in names))

    def _cell(self, name: str, text: str) -> Cell:
        kind = self._kinds[name]
        return cell(_TYPES[kind], [_stored(kind, value) for value in _values(text)])


def _header(text: str) -> tuple[str, str]:
    name, kind = text.split(":")
    return name.strip(), kind.strip()


def _split(line: str) -> Iterator[str]:
    """Split a line at the commas that stand outside brackets."""
    depth, start = 0, 0
    for index, character in enumerate(line):
        depth += {"[": 1, "]": -1}.get(character, 0)
        if character == "," and depth == 0:
            yield line[start:index].strip()
            start = index + 1
    yield line[start:].strip()


def _values(text: str) -> list[str]:
    if text.startswith("["):
        return [item.strip() for item in next(csv.reader([text[1:-1]]), [])]
    return [text] if text else []


def _stored(kind: str, text: str) -> Value:
    """Return a value as the field keeps it: narrow numbers lose digits."""
    match kind:
        case "float":
            return float(struct.unpack("f", struct.pack("f", float(text)))[0])
        case "half_float":
            return float(struct.unpack("e", struct.pack("e", float(text)))[0])
        case "scaled_float":
            return round(float(text) * 100) * (1 / 100)
        case _:
            return text


@cache
def _source(name: str) -> CsvSource:
    return CsvSource(shared(f"conformance/esql/{name}.csv"))


def _cases() -> list[object]:
    try:
        path = shared("conformance/esql/cases.ndjson")
    except pytest.skip.Exception as reason:
        return [pytest.param(None, marks=pytest.mark.skip(reason=str(reason)))]
    cases = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [
        pytest.param(case, id=f"{case['file'].partition('.')[0]}-{case['name']}") for case in cases
    ]


@pytest.mark.parametrize("case", _cases())
def test_case_gives_the_rows_that_elasticsearch_gives(case: dict[str, object]) -> None:
    query = str(case["query"])
    name = f"{case['file']} {case['name']}"
    if reason := NOT_EXECUTED.get(name):
        pytest.skip(reason)
    table = tabulate(query, _source("hosts" if "hosts" in query.lower() else "employees"), _NOW)
    assert [list(column) for column in table.columns] == [
        [column["name"], column["type"]] for column in _dicts(case["columns"])
    ]
    _assert_rows(table.rows, case["rows"], is_ordered=not case["ignore_order"] and name not in TIES)
    if case["warnings"]:
        assert table.warnings


def _dicts(value: object) -> list[dict[str, str]]:
    assert isinstance(value, list)
    return value


def _assert_rows(rows: Sequence[Sequence[object]], expected: object, *, is_ordered: bool) -> None:
    assert isinstance(expected, list)
    found = [[_comparable(value) for value in row] for row in rows]
    wanted = [[_comparable(value) for value in row] for row in expected]
    if is_ordered:
        assert found == wanted
    else:
        assert sorted(found, key=repr) == sorted(wanted, key=repr)


def _comparable(value: object) -> object:
    """Round doubles to twelve digits; the cases print about as many."""
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.12g}")
    return value
