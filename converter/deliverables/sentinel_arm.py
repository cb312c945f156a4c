"""Scheduled analytics rules of Microsoft Sentinel as an ARM template, which deploys one into a workspace.

The API version is the newest that is generally available. It knows techniques without sub-techniques
(`subTechniques` is a key of previews only), so that a sub-technique stands there as its technique.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

from converter.diagnostic import Diagnostic, Severity
from converter.render import RenderedQuery

from .analytics_rule import analytics_rule
from .incidents import grouping
from .rule_durations import duration, iso_text, short_text
from .sentinel_arm_file import DURATIONS, OPERATORS, TYPE, converted, with_length
from .sentinel_limits import MAXIMUM_QUERY

FORMAT = "sentinel-arm"
SUFFIX = ".json"
OUTPUT_FORMATS = {"kusto": "scheduled"}
WATCHLIST_LIMIT = MAXIMUM_QUERY
API_VERSION = "2025-09-01"

_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_SUPPRESSION = timedelta(hours=5)
"""The platform demands a length even where nothing is suppressed; this is what its portal writes."""
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
                "type": TYPE,
                "apiVersion": API_VERSION,
                "name": f"[concat(parameters('workspace'), '/{place}')]",
                "kind": rule["kind"],
                "properties": _literal(_properties(rule)),
            }
        ],
    }


def _properties(rule: Mapping[str, object]) -> dict[str, object]:
    shown = dict(rule)
    shown.setdefault("suppressionDuration", short_text(_SUPPRESSION))
    shown.setdefault("suppressionEnabled", False)
    shown.setdefault("incidentConfiguration", grouping(_SUPPRESSION, ()))
    properties: dict[str, object] = {"displayName": rule["name"], "enabled": True}
    properties |= {key: shown[key] for key in _COMMON if key in shown}
    properties |= {key: converted(properties[key], duration, iso_text) for key in DURATIONS}
    properties["triggerOperator"] = OPERATORS[str(rule["triggerOperator"])]
    configuration = properties["incidentConfiguration"]
    if isinstance(configuration, Mapping):
        properties["incidentConfiguration"] = with_length(configuration, duration, iso_text)
    parents = [one.partition(".")[0] for one in _texts(rule.get("relevantTechniques"))]
    if parents:
        properties["techniques"] = list(dict.fromkeys(parents))
    return properties


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


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
