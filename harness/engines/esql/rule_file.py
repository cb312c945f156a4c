"""Reads a Kibana rule of type esql: its query and the window that it asks for."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from converter.elastic.date_math import before_now, length
from converter.errors import InputError
from converter.ir import Schedule


@dataclass(frozen=True, slots=True)
class EsqlRule:
    """What decides the alerts of a rule."""

    query: str
    schedule: Schedule


def rule_in(text: str) -> EsqlRule | None:
    """Return the rule when the text is a rule file; None for a bare query."""
    if not text.lstrip().startswith("{"):
        return None
    first_line = text.strip().split("\n", 1)[0]
    try:
        rule = _object(text)
    except orjson.JSONDecodeError:
        try:
            rule = _object(first_line)
        except orjson.JSONDecodeError as error:
            raise InputError(f"rule file: JSON is broken: {error.msg}; correct it") from error
    if rule.get("language") != "esql":
        raise InputError(f"the rule file is in {rule.get('language')}; expected esql")
    query = rule.get("query")
    if not isinstance(query, str):
        raise InputError("rule file: no query; add the ES|QL query")
    return EsqlRule(query, _schedule(rule))


def _object(text: str) -> dict[str, object]:
    loaded: object = orjson.loads(text)
    if not isinstance(loaded, dict):
        raise InputError("rule file: expected an object; export one rule")
    return loaded


def _schedule(rule: dict[str, object]) -> Schedule:
    """Read from, interval and the timestamp with Kibana's defaults."""
    start, interval = str(rule.get("from", "now-6m")), str(rule.get("interval", "5m"))
    if rule.get("to", "now") != "now":
        raise InputError(f"rule file: to {rule['to']!r}; only now is executed here")
    try:
        lookback, every = before_now(start), length(interval)
    except ValueError as error:
        raise InputError(f"rule file: from {start!r}, interval {interval!r}: {error}") from error
    timestamp = str(rule.get("timestamp_override") or "@timestamp")
    has_fallback = rule.get("timestamp_override_fallback_disabled") is not True
    return Schedule(every, lookback, timestamp, has_fallback)
