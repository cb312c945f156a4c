"""Scheduled analytics rules of Microsoft Sentinel as YAML, as its repository of rules has them.

The query is rendered for the rule's schedule, which the platform restricts; the file says in a comment
and a diagnostic how that differs from the rule's own.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID, uuid5

import yaml

from converter.diagnostic import Diagnostic, Severity
from converter.errors import InputError, Unsupported
from converter.languages.kusto import output_columns
from converter.render import RenderedQuery
from sigma.backends.sigmaproof_kusto.schedule import FILTER_RUN, ScheduledRun, scheduled_run
from sigma.sigmaproof.loader import load_documents
from sigma.sigmaproof.tables import Table

from .metadata import RuleMetadata, metadata_of
from .sentinel_rule_file import (
    MAXIMUM_DESCRIPTION,
    MAXIMUM_IDENTIFIERS,
    TACTICS,
    AnalyticsRule,
    problems,
    read_rule,
)

FORMAT = "sentinel-yaml"
SUFFIX = ".yaml"
OUTPUT_FORMATS = {"kusto": "scheduled"}
SCHEDULE_CHANGE = "sentinel-schedule"

_NAMESPACE = UUID("b6f3a0f5-4c0b-5a55-9c53-6e0c8a7b2f41")
_SEVERITIES = {"low": "Low", "medium": "Medium", "high": "High", "critical": "High"}
_ENTITIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Account": (("FullName", "UserPrincipalName"), ("AadUserId", "UserId")),
    "IP": (("Address", "IPAddress"),),
    "CloudApplication": (("AppId", "AppId"), ("Name", "AppDisplayName")),
    "Host": (("HostName", "Computer"),),
}
"""Identifiers by entity, and the column that holds each."""
_CONNECTORS = {
    "SigninLogs": "AzureActiveDirectory",
    "AADNonInteractiveUserSignInLogs": "AzureActiveDirectory",
    "AADServicePrincipalSignInLogs": "AzureActiveDirectory",
    "AADManagedIdentitySignInLogs": "AzureActiveDirectory",
    "AuditLogs": "AzureActiveDirectory",
    "AzureActivity": "AzureActivity",
    "OfficeActivity": "Office365",
    "AWSCloudTrail": "AWS",
}
"""Data connector by table."""
_DETAILS = {"EventId": "Id", "EventTime": "TimeGenerated", "Ingested": "Ingested"}
"""Custom details and the columns that they show."""


def write(documents: str, rendered: RenderedQuery) -> tuple[str, tuple[Diagnostic, ...]]:
    """Write Sigma documents and their query, rendered for a schedule, as a rule file.

    Raises Unsupported when the rule would break a limit of the platform.
    """
    found = metadata_of(documents, rendered.pack)
    remarks: list[Diagnostic] = []
    level = load_documents(documents, "rule.yml").main_rules[-1].level
    rule = _rule(found, rendered, str(level or ""), remarks)
    if wrong := problems(rule):
        raise Unsupported(f"no analytics rule can hold this rule: {wrong[0]}")
    changes = [one.message for one in rendered.diagnostics if one.code == SCHEDULE_CHANGE]
    comment = "".join(map(_comment, changes))
    return comment + _yaml(rule), tuple(remarks)


def read(text: str) -> AnalyticsRule:
    """Read a rule file; raises InputError when the text is none."""
    rule = read_rule(text)
    if rule is None:
        raise InputError("the text is no analytics rule; it has no queryFrequency")
    return rule


def _rule(
    found: RuleMetadata, rendered: RenderedQuery, level: str, remarks: list[Diagnostic]
) -> dict[str, object]:
    spec = found.new_terms or rendered.counts
    run = scheduled_run(spec) if spec else FILTER_RUN
    title = str(found.rule.get("name", ""))
    rule: dict[str, object] = {
        "id": str(uuid5(_NAMESPACE, str(found.rule.get("rule_id", title)))),
        "name": title,
        "description": _description(str(found.rule.get("description", title)), remarks),
        "severity": _severity(level, remarks),
        "status": "Available",
        "requiredDataConnectors": _connectors(rendered),
        **_schedule(run),
        "triggerOperator": "gt",
        "triggerThreshold": 0,
        **_attack(found, remarks),
        "query": rendered.text,
        **_shown(rendered),
        "eventGroupingSettings": {"aggregationKind": "AlertPerResult"},
        "version": "1.0.0",
        "kind": "Scheduled",
    }
    return rule


def _description(text: str, remarks: list[Diagnostic]) -> str:
    text = text.strip()
    if len(text) <= MAXIMUM_DESCRIPTION:
        return text
    what = f"the description has {len(text)} characters; the rule keeps {MAXIMUM_DESCRIPTION}"
    remarks.append(Diagnostic("description-shortened", Severity.NOTE, what))
    return text[: MAXIMUM_DESCRIPTION - 1].rstrip() + "…"


def _severity(level: str, remarks: list[Diagnostic]) -> str:
    if level == "critical":
        what = "Sentinel has no severity above High; critical became High"
        remarks.append(Diagnostic("severity-narrowed", Severity.NOTE, what))
    if not level:
        what = "the rule has no level; its severity became Informational"
        remarks.append(Diagnostic("severity-assumed", Severity.NOTE, what))
    return _SEVERITIES.get(level, "Informational")


def _connectors(rendered: RenderedQuery) -> list[object]:
    tables = [table.name for table in rendered.tables if table.name in rendered.text.split()]
    types: dict[str, list[str]] = {}
    for table in tables:
        if table in _CONNECTORS:
            types.setdefault(_CONNECTORS[table], []).append(table)
    return [{"connectorId": name, "dataTypes": held} for name, held in types.items()]


def _schedule(run: ScheduledRun) -> dict[str, object]:
    return {"queryFrequency": _length(run.frequency), "queryPeriod": _length(run.period)}


def _length(length: timedelta) -> str:
    """Write a duration in the largest unit that divides it."""
    minutes = int(length.total_seconds()) // 60
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


def _attack(found: RuleMetadata, remarks: list[Diagnostic]) -> dict[str, object]:
    """Return tactics and the techniques under them; a technique without a tactic is not allowed."""
    tactics: dict[str, None] = {}
    techniques: dict[str, None] = {}
    for threat in _tables(found.rule.get("threat")):
        name = _tactic(threat.get("tactic"))
        if name is None:
            continue
        tactics[name] = None
        techniques.update(dict.fromkeys(_techniques(threat)))
    loose = [tag for tag in _texts(found.rule.get("tags")) if tag.startswith("T1")]
    if loose and tactics:
        techniques.update(dict.fromkeys(loose))
    elif loose:
        what = f"Sentinel demands the tactic of a technique; {', '.join(loose)} are left out"
        remarks.append(Diagnostic("technique-unplaced", Severity.NOTE, what))
    attack = {"tactics": list(tactics), "relevantTechniques": list(techniques)}
    return {key: value for key, value in attack.items() if value}


def _tactic(tactic: object) -> str | None:
    if not isinstance(tactic, Mapping):
        return None
    name = "".join(str(tactic.get("name", "")).split())
    known = {one.lower(): one for one in TACTICS}
    return known.get(name.lower())


def _techniques(threat: Mapping[str, object]) -> Iterable[str]:
    for technique in _tables(threat.get("technique")):
        yield str(technique["id"])
        for inner in _tables(technique.get("subtechnique")):
            yield str(inner["id"])


def _shown(rendered: RenderedQuery) -> dict[str, object]:
    """Return entities and custom details of the columns that the query returns."""
    columns = output_columns(rendered.text, _schemas(rendered.tables)) or {}
    entities = []
    for entity, identifiers in _ENTITIES.items():
        mapped = [
            {"identifier": identifier, "columnName": column}
            for identifier, column in identifiers
            if column in columns
        ]
        if mapped:
            fields = mapped[:MAXIMUM_IDENTIFIERS]
            entities.append({"entityType": entity, "fieldMappings": fields})
    details = {key: column for key, column in _DETAILS.items() if column in columns}
    shown = {"entityMappings": entities, "customDetails": details}
    return {key: value for key, value in shown.items() if value}


def _schemas(tables: Sequence[Table]) -> dict[str, dict[str, str]]:
    """Return the columns of the tables as far as fields of the rule are read from them."""
    return {
        table.name: {
            **{column.expression: column.type for column in table.columns.values()},
            table.time: "datetime",
            **({table.id: "string"} if table.id else {}),
        }
        for table in tables
    }


def _tables(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _comment(text: str) -> str:
    return "".join(f"# {line}\n" for line in textwrap.wrap(text, 98, break_on_hyphens=False))


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that a query can be read."""


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text_node)


def _yaml(rule: Mapping[str, object]) -> str:
    return yaml.dump(
        dict(rule), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000, indent=2
    )
