"""Rule files as frozen rules, one function for each rule type.

The table `_READERS` decides which types can be read; all others are refused by name.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from converter.diagnostic import Span
from converter.errors import Unsupported
from converter.ir import Schedule

from .date_math import CalendarMath, before_now, length
from .fields import Fields
from .header import header_of
from .rule import ElasticRule, Language, NewTermsRule, QueryRule, ThresholdRule
from .source import RuleSource, sources_of
from .threshold import limits_of

DEFAULT_FROM, DEFAULT_INTERVAL = "now-6m", "5m"
MAXIMUM_FIELDS = 3

_NOT_YET = {
    "eql": "EQL queries are not imported yet",
    "esql": "ES|QL queries are not imported yet",
    "threat_match": "Sigma has no lists of indicators to match events against",
    "machine_learning": "its condition is a trained model, not a query",
    "saved_query": "its query is stored in Kibana, not in the file",
}
_HINTS = {
    "threat_match": "convert --placeholder-lists writes a rule whose lists are to be filled in",
    "machine_learning": "the anomaly records of its job would be needed, and a rule that asks for them",
    "saved_query": "export the query, and write it into the rule",
}


def read_rules(text: str, path: str) -> list[ElasticRule]:
    """Read every rule of a TOML, JSON or NDJSON text; `path` is for messages and for the format.

    Raises InputError for a file that is not valid, Unsupported for a rule of another type.
    """
    return [rule_of(source) for source in sources_of(text, path)]


def rule_of(source: RuleSource) -> ElasticRule:
    """Check one rule's fields and build it."""
    rule = Fields(source, "rule", source.tables["rule"])
    kind = rule.text("type")
    if kind in _NOT_YET:
        raise Unsupported(
            f"rules of type {kind}: {_NOT_YET[kind]}",
            _span(source, "rule.type"),
            _HINTS.get(kind, f"supported are {_supported()}"),
        )
    if kind not in _READERS:
        rule.fail("type", f'unknown rule type "{kind}"', f"supported are {_supported()}")
    return _READERS[kind](rule)


def query_rule(rule: Fields) -> QueryRule:
    """Read a rule that alerts on each matching document."""
    query, line = _query(rule)
    index, language, schedule = rule.texts("index"), _language(rule), _schedule(rule)
    metadata = _metadata(rule)
    return QueryRule(
        header=header_of(rule, metadata),
        index=index,
        language=language,
        query=query,
        query_line=line,
        schedule=schedule,
        query_keeps_lines="rule.query" in rule.source.multiline,
    )


def _new_terms_rule(rule: Fields) -> NewTermsRule:
    query, line = _query(rule)
    index, language, schedule = rule.texts("index"), _language(rule), _schedule(rule)
    fields, history = _term_fields(rule), _history(rule, schedule)
    metadata = _metadata(rule)
    return NewTermsRule(
        header=header_of(rule, metadata),
        index=index,
        language=language,
        query=query,
        query_line=line,
        schedule=schedule,
        fields=fields,
        history=history,
        query_keeps_lines="rule.query" in rule.source.multiline,
    )


def _threshold_rule(rule: Fields) -> ThresholdRule:
    query, line = _query(rule)
    index, language, schedule = rule.texts("index"), _language(rule), _schedule(rule)
    limits = limits_of(rule)
    metadata = _metadata(rule)
    return ThresholdRule(
        header=header_of(rule, metadata),
        index=index,
        language=language,
        query=query,
        query_line=line,
        schedule=schedule,
        fields=limits.fields,
        value=limits.value,
        cardinality=limits.cardinality,
        query_keeps_lines="rule.query" in rule.source.multiline,
    )


_READERS: dict[str, Callable[[Fields], ElasticRule]] = {
    "new_terms": _new_terms_rule,
    "query": query_rule,
    "threshold": _threshold_rule,
}


def _supported() -> str:
    return ", ".join(sorted(_READERS))


def _metadata(rule: Fields) -> Fields:
    return Fields(rule.source, "metadata", rule.source.tables.get("metadata", {}))


def _query(rule: Fields) -> tuple[str, int]:
    if rule.get("query") is None:
        rule.fail("query", f"no 'query' in a rule of type {rule.text('type')}", "add its query")
    return rule.text("query"), rule.source.line_of("rule.query")


def _language(rule: Fields) -> Language:
    language = rule.text("language", "kuery")
    if language not in ("kuery", "lucene"):
        rule.fail("language", f'unknown query language "{language}"', "use kuery or lucene")
    return "lucene" if language == "lucene" else "kuery"


def _schedule(rule: Fields) -> Schedule:
    if rule.text("to", "now") != "now":
        raise Unsupported(
            f"a window that ends at {rule.text('to')}",
            _span(rule.source, "rule.to"),
            "only windows that end now are supported",
        )
    lookback = _before_now(rule, "from", rule.text("from", DEFAULT_FROM))
    if lookback <= timedelta():
        rule.fail("from", f"'from' is {rule.text('from')}, not before now", 'write "now-9m"')
    return Schedule(
        interval=_interval(rule),
        lookback=lookback,
        timestamp=rule.text("timestamp_override", "@timestamp") or "@timestamp",
        has_fallback=not rule.flag("timestamp_override_fallback_disabled"),
    )


def _interval(rule: Fields) -> timedelta:
    text = rule.text("interval", DEFAULT_INTERVAL)
    try:
        interval = length(text)
    except ValueError:
        rule.fail("interval", f"'interval' is \"{text}\"", 'write a length such as "5m"')
    if not interval:
        rule.fail("interval", "'interval' is zero", 'write a length such as "5m"')
    return interval


def _before_now(rule: Fields, key: str, text: str) -> timedelta:
    try:
        return before_now(text)
    except CalendarMath as error:
        raise Unsupported(
            f"date math {text}: {error}",
            _span(rule.source, f"rule.{key}"),
            "only windows of a fixed length are supported, such as now-9m or now-14d",
        ) from error
    except (ValueError, OverflowError):
        rule.fail(key, f"'{key}' is \"{text}\", no date math", 'write a time such as "now-9m"')


def _term_fields(rule: Fields) -> tuple[str, ...]:
    """Read the term fields, which TOML nests under `new_terms` and Kibana does not."""
    nested = rule.table("new_terms")
    fields = rule.texts("new_terms_fields") or nested.texts("value")
    if nested.text("field", "new_terms_fields") != "new_terms_fields":
        nested.fail("field", "'field' must be \"new_terms_fields\"", "correct it")
    where = rule if rule.values.get("new_terms_fields") is not None else nested
    key = "new_terms_fields" if where is rule else "value"
    if not 1 <= len(fields) <= MAXIMUM_FIELDS:
        what = f"{len(fields)} new-terms fields"
        where.fail(key, what, f"give one to {MAXIMUM_FIELDS} fields")
    if len(set(fields)) < len(fields):
        where.fail(key, "a new-terms field is listed twice", "list each field once")
    return fields


def _history(rule: Fields, schedule: Schedule) -> timedelta:
    key, text = _history_start(rule)
    history = _before_now(rule, key, text)
    if history <= schedule.lookback:
        rule.fail(
            key,
            f"the history starts at {text}, not before 'from' ({rule.text('from', DEFAULT_FROM)})",
            "move history_window_start further back",
        )
    return history


def _history_start(rule: Fields) -> tuple[str, str]:
    if rule.get("history_window_start") is not None:
        return "history_window_start", rule.text("history_window_start")
    nested = rule.table("new_terms")
    entries = nested.tables("history_window_start")
    if not entries:
        rule.fail("new_terms", "no 'history_window_start'", 'add one such as "now-14d"')
    if len(entries) > 1:
        nested.fail("history_window_start", "several 'history_window_start'", "keep one")
    if entries[0].text("field", "history_window_start") != "history_window_start":
        entries[0].fail("field", "'field' must be \"history_window_start\"", "correct it")
    return "new_terms.history_window_start.value", entries[0].text("value")


def _span(source: RuleSource, name: str) -> Span:
    """Return a span of the file that only its line is known of."""
    return Span(0, 0, source.line_of(name), 1)
