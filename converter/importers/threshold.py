"""Rules of type threshold: a base rule, and a standard count correlation over it.

The correlation counts as Sigma says; its custom attribute adds that it does so in each run of Elastic's
schedule (`sigma/sigmaproof/threshold.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from converter.diagnostic import Diagnostic, Severity
from converter.elastic import ThresholdRule
from converter.elastic.date_math import show_length
from converter.ir import Schedule
from converter.mapping import MappingPack
from converter.schema_files import NOTHING_DECLARED, DeclaredTypes
from sigma.sigmaproof.new_terms import ATTRIBUTE
from sigma.sigmaproof.threshold import COUNT, SECTION

from . import correlation
from .conversion import CaseChoice, Conversion
from .parts import RuleParts, parts_of
from .yaml_text import yaml_text

MOST_HITS = 10_000
"""Up to here Elasticsearch counts the hits of a search without groups."""

_DEFAULTS = Schedule()


def convert(
    rule: ThresholdRule,
    case: CaseChoice = "exact",
    declared: DeclaredTypes = NOTHING_DECLARED,
    own: Sequence[MappingPack] = (),
) -> Conversion:
    """Turn the rule into two Sigma documents."""
    parts = parts_of(rule, case, declared, own=own)
    purpose = f"The events that '{rule.header.name}' counts."
    documents = (
        correlation.base_document(parts, purpose),
        correlation.correlation_document(
            parts, _correlation(rule, parts), {ATTRIBUTE: {SECTION: _section(rule)}}
        ),
    )
    diagnostics = (*parts.all_diagnostics(), *_remarks(rule))
    return Conversion(documents, yaml_text(documents), diagnostics, parts.names.assumed)


def _correlation(rule: ThresholdRule, parts: RuleParts) -> dict[str, object]:
    cardinality = rule.cardinality
    groups = [parts.names.sigma(field) for field in rule.fields]
    condition: dict[str, object] = {"gte": rule.value}
    if cardinality is not None:
        condition = {"field": parts.names.sigma(cardinality.field), "gte": cardinality.value}
    return {
        "type": "event_count" if cardinality is None else "value_count",
        "rules": [correlation.base_name(rule)],
        **({"group-by": groups} if groups else {}),
        "timespan": show_length(rule.schedule.lookback),
        "condition": condition,
    }


def _section(rule: ThresholdRule) -> dict[str, object]:
    schedule = rule.schedule
    section: dict[str, object] = {"interval": show_length(schedule.interval)}
    if rule.cardinality is not None and rule.value > 1:
        section[COUNT] = rule.value
    if schedule.timestamp != _DEFAULTS.timestamp:
        section["timestamp"] = schedule.timestamp
    if not schedule.has_fallback:
        section["timestamp-fallback"] = False
    return section


def _remarks(rule: ThresholdRule) -> Iterator[Diagnostic]:
    if rule.cardinality is not None and rule.value > 1:
        what = (
            f"the rule asks for {rule.value} events and for {rule.cardinality.value} different values"
            f" of {rule.cardinality.field}; a correlation of Sigma counts one of them, the values, and"
            f" {ATTRIBUTE}.{SECTION} adds the events: tools that do not read it alert on fewer events too"
        )
        yield Diagnostic("threshold-both", Severity.WARNING, what)
    if not rule.fields and rule.value > MOST_HITS:
        what = (
            f"the rule counts all events and asks for {rule.value}, but Elasticsearch counts the hits of"
            f" such a search up to {MOST_HITS} only, so that it may never alert there"
        )
        yield Diagnostic("threshold-unreachable", Severity.WARNING, what)
