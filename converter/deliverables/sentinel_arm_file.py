"""Reads and checks ARM templates of scheduled analytics rules of Microsoft Sentinel.

Knows nothing of what wrote the template, so that an engine may read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from converter.errors import InputError

from .rule_durations import iso_duration, short_text
from .sentinel_limits import problems

TYPE = "Microsoft.OperationalInsights/workspaces/providers/alertRules"
OPERATORS = {"gt": "GreaterThan", "lt": "LessThan", "eq": "Equal", "ne": "NotEqual"}
"""Operators of the YAML form to those of the template."""
DURATIONS = ("queryFrequency", "queryPeriod", "suppressionDuration")
"""Properties that are lengths of time."""

_NAMES = {"displayName": "name", "techniques": "relevantTechniques"}
"""Key of the template to that of the YAML form, where they differ."""


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
    if kind != TYPE:
        raise InputError(f"ARM template: type {kind!r} is no analytics rule; use {TYPE}")
    properties = _plain(found)
    if missing := [key for key in _demanded() if key not in properties]:
        raise InputError(f"ARM template: property {missing[0]} is missing; add it")
    rule = {_NAMES.get(key, key): value for key, value in properties.items()}
    rule |= {key: converted(rule[key], iso_duration, short_text) for key in DURATIONS}
    named = {long: short for short, long in OPERATORS.items()}
    rule["triggerOperator"] = named.get(str(rule["triggerOperator"]), rule["triggerOperator"])
    configuration = rule.get("incidentConfiguration")
    if isinstance(configuration, Mapping):
        rule["incidentConfiguration"] = with_length(configuration, iso_duration, short_text)
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


def with_length(
    configuration: Mapping[str, object],
    read: Callable[[object], timedelta],
    write: Callable[[timedelta], str],
) -> dict[str, object]:
    """Return an incident configuration whose look-back is in the other form."""
    group = configuration.get("groupingConfiguration")
    if not isinstance(group, Mapping) or "lookbackDuration" not in group:
        return dict(configuration)
    length = converted(group["lookbackDuration"], read, write)
    return {**configuration, "groupingConfiguration": {**group, "lookbackDuration": length}}


def converted(
    value: object, read: Callable[[object], timedelta], write: Callable[[timedelta], str]
) -> str:
    """Return a length of time in the other form."""
    return write(read(value))


def _plain(value: Mapping[str, object]) -> dict[str, object]:
    return {
        key: text[1:] if isinstance(text, str) and text.startswith("[[") else text
        for key, text in value.items()
    }
