"""Rules of type threat_match: a query, and a comparison of its events with indicators of another index.

They stand apart from the other rule types, as what they find depends on documents that no rule holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from converter.errors import InputError

from .fields import Fields
from .read import query_rule
from .rule import QueryRule
from .source import RuleSource, sources_of


@dataclass(frozen=True, slots=True)
class IndicatorEntry:
    """A field whose value must be, or must not be, that of an indicator."""

    field: str
    indicator: str
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class ThreatMatchRule:
    """An alert for each event of the query that one of the groups matches with."""

    base: QueryRule
    """The rule without its comparison."""
    groups: tuple[tuple[IndicatorEntry, ...], ...]
    """Entries of a group hold for one indicator."""


def read_threat_matches(text: str, path: str) -> list[ThreatMatchRule]:
    """Read the rules of type threat_match of a file; raises InputError for one that is not valid."""
    sources = sources_of(text, path)
    return [_rule(one) for one in sources if one.tables["rule"].get("type") == "threat_match"]


def _rule(source: RuleSource) -> ThreatMatchRule:
    base = query_rule(Fields(source, "rule", source.tables["rule"]))
    groups = tuple(
        tuple(_entry(entry) for entry in group.tables("entries"))
        for group in Fields(source, "rule", source.tables["rule"]).tables("threat_mapping")
    )
    if not groups or not all(groups):
        line = source.line_of("rule.threat_mapping")
        what = "no 'threat_mapping', or a group without entries"
        raise InputError(f"{source.path}:{line}: {what}; name fields and indicators")
    return ThreatMatchRule(base, groups)


def _entry(entry: Fields) -> IndicatorEntry:
    if entry.text("type", "mapping") != "mapping":
        entry.fail("type", "a type of entry that is not known", 'write type = "mapping"')
    return IndicatorEntry(entry.text("field"), entry.text("value"), entry.flag("negate"))
