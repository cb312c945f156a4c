"""Every event query of Elastic's public EQL rules is read, lowered and executed on an event."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from functools import cache

from converter.errors import Unsupported
from converter.languages.eql import lower_with_scripts, parse, show
from converter.languages.eql.syntax import EventQuery
from converter.mapping import ecs_schema
from harness.engines.eql.computing import with_computed_fields
from harness.engines.predicate import evaluate
from harness.events.event import Event
from tests.corpus import shared

EVENT_QUERIES = 663
SEQUENCES_AND_SAMPLES = 161
WITH_SCRIPTS = 18
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def _queries() -> dict[str, str]:
    root = shared("corpus/elastic")
    rules = {
        str(path.relative_to(root)): tomllib.loads(path.read_text(encoding="utf-8"))["rule"]
        for path in sorted(root.rglob("*.toml"))
    }
    return {name: rule["query"] for name, rule in rules.items() if rule.get("language") == "eql"}


@cache
def _parsed() -> dict[str, EventQuery]:
    parsed = {}
    for name, text in _queries().items():
        try:
            parsed[name] = parse(text)
        except Unsupported as refused:
            if not refused.construct.startswith(("sequence:", "sample:")):
                raise
    return parsed


def test_all_event_queries_are_read() -> None:
    assert len(_parsed()) == EVENT_QUERIES
    assert len(_queries()) == EVENT_QUERIES + SEQUENCES_AND_SAMPLES


def test_canonical_text_of_each_parses_to_the_same_tree() -> None:
    assert [name for name, query in _parsed().items() if parse(show(query)) != query] == []


def test_each_is_executed_and_few_need_scripts() -> None:
    schema = ecs_schema()
    event = Event("event", _NOW, _NOW, {"event": {"category": "process"}})
    with_scripts = 0
    for query in _parsed().values():
        lowered = lower_with_scripts(query, schema)
        with_scripts += bool(lowered.computed)
        computed = with_computed_fields(event, lowered.computed, schema)
        assert evaluate(lowered.predicate, computed.document) in (True, False)
    assert with_scripts == WITH_SCRIPTS
