"""Elastic's own EQL cases: each event query finds the expected events, or is skipped by name with its reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

import pytest

from converter.errors import Unsupported
from converter.ir import FieldType, Schema
from converter.languages.eql import lower_with_scripts, parse
from harness.engines.eql.computing import with_computed_fields
from harness.engines.predicate import evaluate
from harness.events.event import Event
from tests.corpus import shared

_PIPE = "it ends in a pipe, and pipes are not read yet"
NOT_EXECUTED = {
    "notExitCodeGtWithHead1": _PIPE,
    "nullEqualityAndInWithHead": _PIPE,
    "nullEqualityWithGtAndHead": _PIPE,
    "nullEqualityWithLtAndHead": _PIPE,
    "simpleTail": _PIPE,
    "optionalDefaultNullValueFieldEqualNull": "its mapping has a null_value, which no schema here says",
}
_FILES = {
    "test_queries": "test_queries.ndjson",
    "extra": "extra.ndjson",
    "missing_events": "missing-events.ndjson",
}
_TYPES = {
    "text+keyword": "keyword",
    "keyword, null_value NULL": "keyword",
    "version": "keyword",
}
_SEVERAL_EVENTS = ("sequence", "sample")
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def _documents(name: str) -> list[dict[str, object]]:
    text = shared(f"conformance/eql/{_FILES[name]}").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _cases() -> list[object]:
    try:
        path = shared("conformance/eql/cases.ndjson")
    except pytest.skip.Exception as reason:
        return [pytest.param(None, marks=pytest.mark.skip(reason=str(reason)))]
    cases = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [pytest.param(case, id=case["name"]) for case in cases]


@pytest.mark.parametrize("case", _cases())
def test_case_finds_the_events_that_elasticsearch_finds(case: Mapping[str, object]) -> None:
    query = str(case["query"])
    if query.startswith(_SEVERAL_EVENTS):
        with pytest.raises(Unsupported, match=r"^(sequence|sample): a s\w+ of events"):
            parse(query)
        pytest.skip(f"{query.split()[0]} queries are not read yet")
    if reason := NOT_EXECUTED.get(str(case["name"])):
        pytest.skip(reason)
    assert _found(case, query) == case["expected_ids"]


def _found(case: Mapping[str, object], query: str) -> list[object]:
    types = case["types"]
    assert isinstance(types, dict)
    schema = Schema({name: FieldType(_TYPES.get(text, text)) for name, text in types.items()})
    lowered = lower_with_scripts(parse(query), schema, str(case["category_field"]))
    found = []
    for document in _documents(str(case["set"])):
        event = with_computed_fields(Event("event", _NOW, _NOW, document), lowered.computed, schema)
        if evaluate(lowered.predicate, event.document) is True:
            found.append(document[str(case["id_field"])])
    return found
