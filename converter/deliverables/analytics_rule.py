"""A scheduled analytics rule of Microsoft Sentinel, in the words of its YAML form.

The query is rendered for the rule's schedule, which the platform restricts; a diagnostic says how that
differs from the rule's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid5

from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule

from converter import mapping
from converter.diagnostic import Diagnostic, Severity
from converter.errors import Unsupported
from converter.render import RenderedQuery
from sigma.backends.sigmaproof_kusto.filter_schedule import filter_run, own_interval
from sigma.backends.sigmaproof_kusto.schedule import ScheduledRun, scheduled_run
from sigma.sigmaproof.correlation import correlation_of
from sigma.sigmaproof.loader import LoadedRules, load_documents
from sigma.sigmaproof.new_terms import new_terms_of
from sigma.sigmaproof.threshold import ThresholdSpec, threshold_of

from .alert_contents import AlertContents, contents_of, display_name
from .incidents import suppressed, suppression_of
from .metadata import RuleMetadata, metadata_of
from .microsoft_attack import attack_of
from .rule_durations import short_text
from .sentinel_limits import MAXIMUM_DESCRIPTION, MAXIMUM_NAME, MAXIMUM_QUERY, problems
from .watchlist import externalised

_NAMESPACE = UUID("b6f3a0f5-4c0b-5a55-9c53-6e0c8a7b2f41")
_SEVERITIES = {
    "informational": "Informational",
    "low": "Low",
    "medium": "Medium",
    "high": "High",
    "critical": "High",
}


def analytics_rule(
    documents: str, rendered: RenderedQuery
) -> tuple[dict[str, object], list[Diagnostic]]:
    """Build the rule of Sigma documents and their query, which was rendered for a schedule.

    Raises Unsupported when the rule would break a limit of the platform.
    """
    found = metadata_of(documents, rendered.pack)
    loaded = load_documents(documents, "rule.yml")
    remarks: list[Diagnostic] = []
    rule = _rule(found, loaded, rendered, remarks)
    if wrong := problems(rule):
        reason = _without_lists(rendered) or wrong[0]
        raise Unsupported(f"no analytics rule can hold this rule: {reason}")
    return rule, remarks


def _without_lists(rendered: RenderedQuery) -> str:
    """Say that a query is too long even with its lists in watchlists; empty where these would help."""
    length = len(rendered.text)
    least = len(externalised(rendered, "", MAXIMUM_QUERY)[0].text)
    if least <= MAXIMUM_QUERY:
        return ""
    shorter = (
        f", {least} with its longest lists in watchlists"
        if least < length
        else " and no list of whole values left for a watchlist"
    )
    return (
        f"query has {length} characters{shorter}, the limit is {MAXIMUM_QUERY}; split the rule's values over"
        " several rules"
    )


def rule_id(found: RuleMetadata) -> UUID:
    """Return the same id for the same rule, so that a deployment over it updates the rule."""
    return uuid5(_NAMESPACE, str(found.rule.get("rule_id", found.rule.get("name", ""))))


def severity_of(main: SigmaRule | SigmaCorrelationRule, remarks: list[Diagnostic]) -> str:
    """Return the severity by the rule's level."""
    level = str(main.level) if main.level else ""
    if level == "critical":
        what = "Microsoft's rules have no severity above High; critical became High"
        remarks.append(Diagnostic("severity-narrowed", Severity.WARNING, what))
    if not level:
        what = "the rule has no level; its severity became Informational"
        remarks.append(Diagnostic("severity-assumed", Severity.NOTE, what))
    return _SEVERITIES.get(level, "Informational")


def shortened(key: str, text: str, limit: int, remarks: list[Diagnostic]) -> str:
    """Return a text that fits, and say so where it had to be cut."""
    text = text.strip()
    if len(text) <= limit:
        return text
    what = f"the {key} has {len(text)} characters; the rule keeps {limit}"
    remarks.append(Diagnostic(f"{key}-shortened", Severity.WARNING, what))
    return text[: limit - 1].rstrip() + "…"


def version_of(main: SigmaRule | SigmaCorrelationRule) -> str:
    """Return a version that grows whenever the rule was modified: the day, as the platform wants it."""
    day = main.modified or main.date
    return f"{day.year}.{day.month}.{day.day}" if day else "1.0.0"


def fields_of(loaded: LoadedRules) -> list[str]:
    """Return the fields that a rule shows, its own before those of the rules that it refers to."""
    rules = [loaded.main_rules[-1], *loaded.collection.rules]
    return list(dict.fromkeys(name for rule in rules for name in rule.fields))


def _rule(
    found: RuleMetadata,
    loaded: LoadedRules,
    rendered: RenderedQuery,
    remarks: list[Diagnostic],
) -> dict[str, object]:
    main = loaded.main_rules[-1]
    run = _run(main)
    suppression = suppression_of(found.rule.get("alert_suppression"))
    grouping = [
        mapping.sigma_name(rendered.pack, name)
        for name in (suppression.fields if suppression else ())
    ]
    wanted = [*fields_of(loaded), *(found.counts.fields if found.counts else ())]
    contents = contents_of(rendered, wanted, grouping, isinstance(main, SigmaRule), remarks)
    name = shortened("name", str(found.rule.get("name", "")), MAXIMUM_NAME, remarks)
    description = str(found.rule.get("description", name))
    attack = attack_of(found, main, remarks)
    shown = [rendered.shown.get(one) for one in grouping]
    keys = [contents.key_of(one.name) if one else None for one in shown]
    is_one_group = isinstance(found.counts, ThresholdSpec) and not found.counts.fields
    return {
        "id": str(rule_id(found)),
        "name": name,
        "description": shortened("description", description, MAXIMUM_DESCRIPTION, remarks),
        "severity": severity_of(main, remarks),
        "status": "Available",
        "requiredDataConnectors": connectors_of(rendered),
        "queryFrequency": short_text(run.frequency),
        "queryPeriod": short_text(run.period),
        "triggerOperator": "gt",
        "triggerThreshold": 0,
        **_attack(attack),
        "query": rendered.text,
        **_shown(name, contents),
        "eventGroupingSettings": {"aggregationKind": "AlertPerResult"},
        **suppressed(suppression, is_one_group, keys, run.frequency, remarks),
        "version": version_of(main),
        "kind": "Scheduled",
    }


def _attack(attack: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """Return the tactics and the techniques of all of them, each where there are any."""
    techniques = list(dict.fromkeys(one for some in attack.values() for one in some))
    keys: dict[str, object] = {"tactics": list(attack), "relevantTechniques": techniques}
    return {key: value for key, value in keys.items() if value}


def _run(main: SigmaRule | SigmaCorrelationRule) -> ScheduledRun:
    """Return the schedule that the query was rendered for."""
    if isinstance(main, SigmaRule):
        return filter_run(own_interval(main))
    return scheduled_run(new_terms_of(main) or threshold_of(main) or correlation_of(main))


def connectors_of(rendered: RenderedQuery) -> list[object]:
    """Return the connectors that fill the tables of the query, with the tables as their data types."""
    types: dict[str, dict[str, None]] = {}
    for table in rendered.tables:
        if table.name in rendered.searched:
            for connector in table.connectors:
                types.setdefault(connector, {})[table.name] = None
    return [{"connectorId": name, "dataTypes": [*held]} for name, held in types.items()]


def _shown(name: str, contents: AlertContents) -> dict[str, object]:
    """Return entities, details and the alert's name, each where there is one."""
    entities = [
        {
            "entityType": entity.type,
            "fieldMappings": [
                {"identifier": identifier, "columnName": column}
                for identifier, column in entity.columns.items()
            ],
        }
        for entity in contents.entities
    ]
    title = display_name(name, contents)
    shown: dict[str, object] = {
        "entityMappings": entities,
        "customDetails": dict(contents.details),
        "alertDetailsOverride": {"alertDisplayNameFormat": title} if title else {},
    }
    return {key: value for key, value in shown.items() if value}
