"""Patterns of words find the same rows in JSON text as in the text that writes it as `key=value`."""

from __future__ import annotations

import json

import pytest
from sigma.types import SigmaString

from harness.engines.kusto_store import EVENT_COLUMN, Store, StoredTable
from harness.engines.kusto_text import INGESTION_COLUMN
from sigma.backends.sigmaproof_kusto.layout import one_line
from sigma.backends.sigmaproof_kusto.strings import parts_of, string_test
from sigma.backends.sigmaproof_kusto.words import word_test
from sigma.sigmaproof.readings import EXPRESSIONS
from tests.sigma.backends.kusto_table import NOW

NODES = [
    {"logging": {"clusterLogging": [{"types": ["api"], "enabled": False}]}},
    {"logging": {"clusterLogging": [{"enabled": "false"}]}},
    {"logging": {"clusterLogging": [{"enabled": True}]}},
    {"enabled": False, "logging": {}},
    {"launchPermission": {"add": {"items": [{"userId": "1"}]}}},
    {"name": "add=items", "path": "logging/enabled=false"},
    {"document": '{"add":"x","enabled":false}', "logging": 1},
    {"add": "", "other": "ADD"},
    {"name": "adding", "on": "enabled:false logging"},
    {"value": "=false", "enabled": "=false", "logging": None},
]
WORDS = [
    ("*add*", 'j contains_cs "add"'),
    ("*add=*", r'j matches regex @"(?s)add(?:""\s*:\s*""?|=)"'),
    ("*enabled=false*", r'j matches regex @"(?s)enabled(?:""\s*:\s*""?|=)false"'),
    ("*logging*enabled=false*", r'j matches regex @"(?s)logging.*enabled(?:""\s*:\s*""?|=)false"'),
    ("*logging*false*", 'j matches regex "(?s)logging.*false"'),
]


def rows_where(condition: str) -> list[str]:
    columns = {
        "j": "string",
        "TimeGenerated": "datetime",
        INGESTION_COLUMN: "datetime",
        EVENT_COLUMN: "string",
    }
    texts = (json.dumps(node, separators=(",", ":")) for node in NODES)
    cells = [[text, NOW, NOW, str(number)] for number, text in enumerate(texts)]
    with Store([StoredTable("T", columns, cells)]) as store:
        found = store.query(f"T | where {condition}", NOW)
    place = found.columns.index(EVENT_COLUMN)
    return sorted(str(row[place]) for row in found.rows)


@pytest.mark.parametrize(("pattern", "text"), WORDS)
def test_words_are_found_in_the_json_as_in_what_it_is_read_as(pattern: str, text: str) -> None:
    parts = parts_of(SigmaString(pattern))
    in_json = word_test("j", parts, cased=True)
    assert in_json is not None
    assert one_line(in_json) == text
    read = string_test(EXPRESSIONS["java-map"].format("j"), parts, cased=True)
    found = rows_where(text)
    assert found == rows_where(one_line(read))
    assert 0 < len(found) < len(NODES)


@pytest.mark.parametrize(
    "pattern",
    ["{add*", "*a, b*", "*a==b*", "*=false*", "*[a]*", "add*", "*a?b*", '*"a"*', "*a:b*", "*", "a"],
)
def test_a_pattern_of_more_than_words_is_not_looked_for_in_json(pattern: str) -> None:
    assert word_test("j", parts_of(SigmaString(pattern)), cased=True) is None
