"""The rules and events that tests of correlations share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from converter.port import ImportOptions, PortableRule, read_rules
from harness.events.event import Dataset, Event

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
_DATA = Path(__file__).parents[2] / "data" / "cases" / "correlations.yml"
# A case file has no static shape; the tests read it key by key.
_FOUND: dict[str, list[dict[str, Any]]] = yaml.safe_load(_DATA.read_text("utf-8"))
CASES, REFUSALS = _FOUND["cases"], _FOUND["refusals"]


def documents_of(section: dict[str, Any]) -> str:
    """Return the correlation of a case with the rules that it names."""
    shared = {"type": "event_count", "rules": ["a"], "group-by": ["g"], "timespan": "10m"}
    correlation = {key: value for key, value in (shared | section).items() if value is not None}
    main = {"title": "T", "correlation": correlation}
    rules = [_rule(name) for name in dict.fromkeys(correlation["rules"])]
    return yaml.safe_dump_all([main, *rules])


def _rule(name: str) -> dict[str, object]:
    values = ["a", "b", "c"] if name == "any" else name
    return {
        "title": name,
        "name": name,
        "logsource": {"product": "test"},
        "detection": {"selection": {"k|cased": values}, "condition": "selection"},
    }


def rule_of(section: dict[str, Any]) -> PortableRule:
    """Read the rule of a case."""
    (rule,) = read_rules(documents_of(section), "rule.yml", ImportOptions())
    return rule


def dataset_of(rule: PortableRule, events: Sequence[Sequence[Any]]) -> Dataset:
    """Return the events of a case in order of time."""
    made = [_event(number, *one) for number, one in enumerate(events)]
    return Dataset(tuple(sorted(made, key=lambda one: (one.time, one.id))), rule.schema)


def _event(
    number: int, minutes: float, fields: dict[str, object], arrives: float | None = None
) -> Event:
    time = NOON + timedelta(minutes=minutes)
    visible = time if arrives is None else NOON + timedelta(minutes=arrives)
    stamps = {"@timestamp": time.isoformat(), "event.ingested": visible.isoformat()}
    identity = f"e{number}"
    return Event(identity, time, visible, {"event.id": identity, **stamps, **fields})
