"""Rules of type threat_match: one Sigma rule with a placeholder for each list of indicators.

What the lists hold is looked up in another index when the Elastic rule runs; the Sigma rule is to be completed
by a pipeline that puts their values in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from converter.diagnostic import Diagnostic, Severity
from converter.elastic.threat_match import IndicatorEntry, ThreatMatchRule
from converter.mapping import MappingPack
from converter.schema_files import NOTHING_DECLARED, DeclaredTypes

from . import query
from .condition import AllOf, AnyOf, Condition, Kind, Match, Negation
from .conversion import CaseChoice, Conversion
from .field_names import FieldNames


def convert(
    rule: ThreatMatchRule,
    case: CaseChoice = "exact",
    declared: DeclaredTypes = NOTHING_DECLARED,
    own: Sequence[MappingPack] = (),
) -> Conversion:
    """Turn the rule into one Sigma document."""

    def in_lists(names: FieldNames) -> Condition:
        groups = (AllOf(tuple(_in_list(one, names) for one in group)) for group in rule.groups)
        return AnyOf(tuple(groups))

    return query.convert(rule.base, case, declared, in_lists, tuple(_losses(rule)), own)


def _in_list(entry: IndicatorEntry, names: FieldNames) -> Condition:
    placeholder = f"%{_list_name(entry)}%"
    found = Match(names.sigma(entry.field), Kind.PLACEHOLDER, (placeholder,))
    return Negation(found) if entry.is_negated else found


def _list_name(entry: IndicatorEntry) -> str:
    return re.sub(r"\W+", "_", entry.indicator)


def _losses(rule: ThreatMatchRule) -> list[Diagnostic]:
    """Say what each placeholder stands for, and what it cannot."""
    extra = rule.base.header.extra
    indices = extra.get("rule.threat_index")
    where = ", ".join(map(str, indices)) if isinstance(indices, list) else "the indices of the rule"
    asked = " ".join(str(extra.get("rule.threat_query", "*:*")).split())
    if extra.get("rule.threat_filters"):
        asked += ", and the threat_filters of the rule"
    by_indicator: dict[str, list[IndicatorEntry]] = {}
    for entry in (one for group in rule.groups for one in group):
        by_indicator.setdefault(entry.indicator, []).append(entry)
    found = [
        f"%{_list_name(entries[0])}% stands for {indicator} of the documents in {where} that match"
        f" {asked}: put their values in before the rule is used"
        for indicator, entries in by_indicator.items()
    ]
    if any(len(group) > 1 for group in rule.groups):
        found.append(
            "the entries of a group must hold for one indicator in Elastic; in Sigma each may be met by"
            " another value of its list"
        )
    return [Diagnostic("placeholder-list", Severity.WARNING, what) for what in found]
