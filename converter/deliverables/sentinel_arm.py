"""Scheduled analytics rules of Microsoft Sentinel as an ARM template, which deploys one into a workspace.

The API version is the newest that is generally available. It knows techniques without sub-techniques
(`subTechniques` is a key of previews only), so that a sub-technique stands there as its technique.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta

from converter.diagnostic import Diagnostic, Severity
from converter.errors import InputError
from converter.render import RenderedQuery

from .analytics_rule import analytics_rule
from .incidents import grouping
from .rule_durations import duration, iso_duration, iso_text, short_text
from .sentinel_limits import MAXIMUM_QUERY, problems

FORMAT = "sentinel-arm"
SUFFIX = ".json"
OUTPUT_FORMATS = {"kusto": "scheduled"}
WATCHLIST_LIMIT = MAXIMUM_QUERY
API_VERSION = "2025-09-01"

_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_TYPE = "Microsoft.OperationalInsights/workspaces/providers/alertRules"
_OPERATORS = {"gt": "GreaterThan", "lt": "LessThan", "eq": "Equal", "ne": "NotEqual"}
_DURATIONS = ("queryFrequency", "queryPeriod", "suppressionDuration")
_SUPPRESSION = timedelta(hours=5)
"""The platform demands a length even where nothing is suppressed; this is what its portal writes."""
_NAMES = {"displayName": "name", "techniques": "relevantTechniques"}
"""Key of the template to that of the YAML form, where they differ."""
_COMMON = (
    "description",
    "severity",
    "queryFrequency",
    "queryPeriod",
    "triggerOperator",
    "triggerThreshold",
    "suppressionDuration",
    "suppressionEnabled",
    "tactics",
    "query",
    "entityMappings",
    "customDetails",
    "alertDetailsOverride",
    "eventGroupingSettings",
    "incidentConfiguration",
)


def write(documents: str, rendered: RenderedQuery) -> tuple[str, tuple[Diagnostic, ...]]:
    """Write Sigma documents and their query, rendered for a schedule, as a template.

    Raises Unsupported when the rule would break a limit of the platform.
    """
    rule, remarks = analytics_rule(documents, rendered)
    techniques = rule.get("relevantTechniques")
    folded = [one for one in _texts(techniques) if "." in one]
    if folded:
        what = (
            f"the API version {API_VERSION} has no sub-techniques; {', '.join(folded)} stand as their"
            " techniques"
        )
        remarks.append(Diagnostic("sub-techniques-folded", Severity.NOTE, what))
    text = json.dumps(template_of(rule), indent=2, ensure_ascii=False)
    return text + "\n", tuple(remarks)


def template_of(rule: Mapping[str, object]) -> dict[str, object]:
    """Return the template of a rule in the words of the YAML form."""
    place = f"Microsoft.SecurityInsights/{rule['id']}"
    return {
        "$schema": _SCHEMA,
        "contentVersion": f"{rule['version']}.0",
        "parameters": {
            "workspace": {
                "type": "string",
                "metadata": {"description": "Log Analytics workspace that has Microsoft Sentinel"},
            }
        },
        "resources": [
            {
                "type": _TYPE,
                "apiVersion": API_VERSION,
                "name": f"[concat(parameters('workspace'), '/{place}')]",
                "kind": rule["kind"],
                "properties": _literal(_properties(rule)),
            }
        ],
    }


def read_template(template: object) -> dict[str, object]:
    """Return the rule of a template in the words of the YAML form; raises InputError where it is none."""
    match template:
        case {
            "contentVersion": str(content),
            "resources": [{"type": str(kind), "properties": Mapping() as found} as resource],
        }:
            pass
        case _:
            raise InputError("ARM template: no single resource with properties; write one rule")
    if kind != _TYPE:
        raise InputError(f"ARM template: type {kind!r} is no analytics rule; use {_TYPE}")
    properties = _plain(found)
    if missing := [key for key in _demanded() if key not in properties]:
        raise InputError(f"ARM template: property {missing[0]} is missing; add it")
    rule = {_NAMES.get(key, key): value for key, value in properties.items()}
    rule |= {key: _converted(rule[key], iso_duration, short_text) for key in _DURATIONS}
    named = {long: short for short, long in _OPERATORS.items()}
    rule["triggerOperator"] = named.get(str(rule["triggerOperator"]), rule["triggerOperator"])
    configuration = rule.get("incidentConfiguration")
    if isinstance(configuration, Mapping):
        rule["incidentConfiguration"] = _grouping(configuration, iso_duration, short_text)
    version = content.rpartition(".")[0]
    identity = str(resource.get("name", "")).rpartition("/")[2].removesuffix("')]")
    return rule | {
        "id": identity,
        "version": version,
        "kind": resource.get("kind"),
        "requiredDataConnectors": [],
    }


def template_problems(template: object) -> list[str]:
    """Return what keeps a template from being deployed, each with what to do."""
    try:
        return problems(read_template(template))
    except InputError as error:
        return [str(error)]


def _demanded() -> tuple[str, ...]:
    return (
        "displayName",
        "enabled",
        "severity",
        "suppressionDuration",
        "suppressionEnabled",
        "query",
        "queryFrequency",
        "queryPeriod",
        "triggerOperator",
        "triggerThreshold",
    )


def _properties(rule: Mapping[str, object]) -> dict[str, object]:
    shown = dict(rule)
    shown.setdefault("suppressionDuration", short_text(_SUPPRESSION))
    shown.setdefault("suppressionEnabled", False)
    shown.setdefault("incidentConfiguration", grouping(_SUPPRESSION, ()))
    properties: dict[str, object] = {"displayName": rule["name"], "enabled": True}
    properties |= {key: shown[key] for key in _COMMON if key in shown}
    properties |= {key: _converted(properties[key], duration, iso_text) for key in _DURATIONS}
    properties["triggerOperator"] = _OPERATORS[str(rule["triggerOperator"])]
    configuration = properties["incidentConfiguration"]
    if isinstance(configuration, Mapping):
        properties["incidentConfiguration"] = _grouping(configuration, duration, iso_text)
    parents = [one.partition(".")[0] for one in _texts(rule.get("relevantTechniques"))]
    if parents:
        properties["techniques"] = list(dict.fromkeys(parents))
    return properties


def _grouping(
    configuration: Mapping[str, object],
    read: Callable[[object], timedelta],
    write: Callable[[timedelta], str],
) -> dict[str, object]:
    group = configuration.get("groupingConfiguration")
    if not isinstance(group, Mapping) or "lookbackDuration" not in group:
        return dict(configuration)
    length = _converted(group["lookbackDuration"], read, write)
    return {**configuration, "groupingConfiguration": {**group, "lookbackDuration": length}}


def _converted(
    value: object, read: Callable[[object], timedelta], write: Callable[[timedelta], str]
) -> str:
    return write(read(value))


def _literal(value: object) -> object:
    """Return a value in which no text is an expression of the template language."""
    match value:
        case str() if value.startswith("["):
            return f"[{value}"
        case list():
            return [_literal(one) for one in value]
        case Mapping():
            return {key: _literal(one) for key, one in value.items()}
        case _:
            return value


def _plain(value: Mapping[str, object]) -> dict[str, object]:
    return {
        key: text[1:] if isinstance(text, str) and text.startswith("[[") else text
        for key, text in value.items()
    }


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
