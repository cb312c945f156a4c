"""A Sigma rule's own description as an Elastic rule: the keys of Kibana's detections API.

Where the rule came from Elastic, its `elastic` attribute gives back what Sigma has no key for; a rule
written in Sigma gets Kibana's defaults, and a diagnostic for each that is a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5

from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule

from converter import mapping
from converter.diagnostic import Diagnostic, Severity
from converter.elastic.date_math import show_length
from converter.elastic.threat import with_references
from sigma.sigmaproof.loader import load_documents
from sigma.sigmaproof.new_terms import NewTermsSpec, new_terms_of
from sigma.sigmaproof.threshold import ThresholdSpec, threshold_of

from .attack import tactics_in, techniques_in

ATTRIBUTE = "elastic"
_TITLES = UUID("0b0c2b6e-54fd-5a3f-9a0f-5c2d8f3d0c77")
RISK_SCORES = {"low": 21, "medium": 47, "high": 73, "critical": 99}
_MATURITY = {
    "stable": "production",
    "test": "beta",
    "experimental": "experimental",
    "deprecated": "deprecated",
}
_DETECTING = (
    "filters",
    "from",
    "history_window_start",
    "language",
    "new_terms_fields",
    "query",
    "threshold",
    "to",
    "type",
)
"""Keys that the rendered query and its schedule decide, never the attribute."""


@dataclass(slots=True)
class RuleMetadata:
    """Everything about a rule but its query."""

    rule: dict[str, object]
    """Keys of the API; no query, type or language."""
    metadata: dict[str, object]
    """Keys of the table `metadata` of detection-rules."""
    other: dict[str, object]
    """Further tables of detection-rules, unchanged."""
    new_terms: NewTermsSpec | None
    """Field names in it are those of the Sigma rule."""
    counts: ThresholdSpec | None = None
    """As in `new_terms`."""
    had_filters: bool = False
    """Whether the Elastic rule had filters, which the Sigma rule says as conditions."""
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def note(self, code: str, message: str, severity: Severity = Severity.NOTE) -> None:
        """Add a diagnostic."""
        self.diagnostics.append(Diagnostic(code, severity, message))


def metadata_of(documents: str, pack: mapping.MappingPack | None) -> RuleMetadata:
    """Read the main rule of Sigma documents."""
    loaded = load_documents(documents, "rule.yml")
    main = loaded.main_rules[-1]
    attribute = _attribute(main)
    found = RuleMetadata(
        rule={},
        metadata=dict(_table(attribute, "metadata")),
        other={key: value for key, value in attribute.items() if key not in ("metadata", "rule")},
        new_terms=new_terms_of(main) if isinstance(main, SigmaCorrelationRule) else None,
        counts=threshold_of(main) if isinstance(main, SigmaCorrelationRule) else None,
    )
    kept = dict(_table(attribute, "rule"))
    _describe(found, main, pack, kept)
    _classify(found, main, kept)
    _schedule(found, kept)
    _index(found, pack, kept)
    _keep_rest(found, kept)
    found.rule = dict(sorted(found.rule.items()))
    return found


def _attribute(main: SigmaRule | SigmaCorrelationRule) -> Mapping[str, object]:
    attribute = main.custom_attributes.get(ATTRIBUTE)
    return attribute if isinstance(attribute, Mapping) else {}


def _table(attribute: Mapping[str, object], name: str) -> Mapping[str, object]:
    table = attribute.get(name)
    return table if isinstance(table, Mapping) else {}


def _made_id(found: RuleMetadata, main: SigmaRule | SigmaCorrelationRule) -> UUID:
    """Return the same id for the same title, so that an import over it updates the rule."""
    found.note("id-made", "the Sigma rule has no id; the rule file has one made from its title")
    return uuid5(_TITLES, main.title)


def _describe(
    found: RuleMetadata,
    main: SigmaRule | SigmaCorrelationRule,
    pack: mapping.MappingPack | None,
    kept: Mapping[str, object],
) -> None:
    """Fill in what people read."""
    authors = [name.strip() for name in (main.author or "").split(",") if name.strip()]
    fields = [mapping.ecs_name(pack, name) for name in main.fields]
    described: dict[str, object] = {
        "name": main.title,
        "rule_id": str(kept.get("rule_id") or main.id or _made_id(found, main)),
        "description": main.description or main.title,
        "author": kept.get("author", authors),
        "license": main.license or "",
        "references": list(main.references),
        "false_positives": list(main.falsepositives),
        "investigation_fields": kept.get("investigation_fields", {"field_names": fields}),
    }
    empty: tuple[object, ...] = ("", [], {"field_names": []})
    found.rule |= {key: value for key, value in described.items() if value not in empty}
    maturity = _MATURITY.get(str(main.status)) if main.status else None
    dates = {
        "creation_date": _day(main.date),
        "maturity": maturity or "",
        "updated_date": _day(main.modified or main.date),
    }
    found.metadata = {key: value for key, value in dates.items() if value} | found.metadata


def _classify(
    found: RuleMetadata, main: SigmaRule | SigmaCorrelationRule, kept: Mapping[str, object]
) -> None:
    """Fill in severity, risk score, tags and threats."""
    level = str(main.level) if main.level else ""
    severity = level if level in RISK_SCORES else "low"
    if severity != level:
        what = f"level {level or 'that is missing'} has no severity in Kibana; the rule has low"
        found.note("severity-assumed", what)
    names = [tag.name for tag in main.tags if tag.namespace == "attack"]
    threats = with_references(kept["threat"]) if "threat" in kept else tactics_in(names)
    tags = kept.get("tags", [])
    techniques = techniques_in(names)
    if "threat" not in kept and techniques:
        found.note(
            "technique-unplaced",
            f"Sigma does not say to which tactic {', '.join(techniques)} belong; they are tags of"
            " the rule, not part of its threats",
        )
        tags = [*(tags if isinstance(tags, list) else []), *techniques]
    found.rule |= {
        "severity": severity,
        "risk_score": kept.get("risk_score", RISK_SCORES[severity]),
    }
    found.rule |= {key: value for key, value in (("tags", tags), ("threat", threats)) if value}
    found.rule["max_signals"] = kept.get("max_signals", 100)


def _schedule(found: RuleMetadata, kept: Mapping[str, object]) -> None:
    """Fill in when the rule runs, from the correlation or as the Elastic rule had it."""
    spec = found.new_terms or found.counts
    if spec is None:
        found.rule["interval"] = kept.get("interval", "5m")
        found.rule["from"] = kept.get("from", "now-6m")
        for key in ("timestamp_override", "timestamp_override_fallback_disabled"):
            if key in kept:
                found.rule[key] = kept[key]
        return
    lookback = spec.window if isinstance(spec, ThresholdSpec) else spec.lookback
    found.rule["interval"] = show_length(spec.interval)
    found.rule["from"] = f"now-{show_length(lookback)}"
    if spec.timestamp != "@timestamp":
        found.rule["timestamp_override"] = spec.timestamp
    if not spec.timestamp_fallback:
        found.rule["timestamp_override_fallback_disabled"] = True


def _index(
    found: RuleMetadata, pack: mapping.MappingPack | None, kept: Mapping[str, object]
) -> None:
    if "data_view_id" in kept:
        return
    if "index" in kept:
        found.rule["index"] = kept["index"]
    elif pack and pack.index_patterns:
        found.rule["index"] = list(pack.index_patterns)
    else:
        found.rule["index"] = ["logs-*"]
        what = "the Sigma rule does not say which indices hold its events; the rule reads logs-*"
        found.note("index-assumed", what, Severity.WARNING)


def _keep_rest(found: RuleMetadata, kept: Mapping[str, object]) -> None:
    """Give back every other key of the Elastic rule, and report what acts on its alerts."""
    rest = {key: value for key, value in kept.items() if key not in (*_DETECTING, *found.rule)}
    found.rule |= rest
    found.had_filters = "filters" in kept
    if rest.get("exceptions_list"):
        what = "the rule refers to exception lists, which must exist where it is imported"
        found.note("exceptions-list", what, Severity.WARNING)
    if rest.get("alert_suppression"):
        found.note(
            "alert-suppression", "the rule suppresses repeated alerts as the Elastic rule did"
        )


def _day(day: date | None) -> str:
    return f"{day:%Y/%m/%d}" if day else ""
