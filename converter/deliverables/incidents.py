"""How Microsoft Sentinel makes incidents of a rule's alerts, from what the Elastic rule says of repeated alerts.

Elastic leaves out alerts that repeat the values of some fields. Sentinel has no such thing by value: it
groups the alerts of the same values into one incident; only where a rule has one group for all its events
does its suppression, which stops the whole rule for a while, say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from converter.diagnostic import Diagnostic, Severity
from converter.errors import InputError

from .rule_durations import duration, short_text

SHORTEST_GROUPING = timedelta(minutes=5)
LONGEST_GROUPING = timedelta(days=7)
LONGEST_SUPPRESSION = timedelta(hours=24)
MATCHING = ("AllEntities", "AnyAlert", "Selected")
_GROUPS = ("groupByEntities", "groupByAlertDetails", "groupByCustomDetails")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}


@dataclass(frozen=True, slots=True)
class Suppression:
    """What an Elastic rule says of alerts that repeat."""

    fields: tuple[str, ...]
    """ECS names; none where all alerts of the rule are alike."""
    length: timedelta | None
    """None where only the alerts of one run are compared."""


def suppression_of(section: object) -> Suppression | None:
    """Read the key `alert_suppression` of an Elastic rule."""
    if not isinstance(section, Mapping):
        return None
    fields = section.get("group_by")
    names = tuple(str(one) for one in fields) if isinstance(fields, list) else ()
    match section.get("duration"):
        case {"value": int(value), "unit": ("s" | "m" | "h") as unit}:
            return Suppression(names, timedelta(**{_UNITS[unit]: value}))
        case _:
            return Suppression(names, None)


def suppressed(
    suppression: Suppression | None,
    is_one_group: bool,
    keys: Sequence[str | None],
    run: timedelta,
    remarks: list[Diagnostic],
) -> dict[str, object]:
    """Return the keys of a rule that stand for the suppression, in the words of the YAML form.

    `keys` are the custom details that show its fields, None for a field that the result lacks; `run` is how
    often the rule runs.
    """
    if suppression is None:
        return {}
    if is_one_group and not suppression.fields and suppression.length is not None:
        length = min(max(suppression.length, SHORTEST_GROUPING), LONGEST_SUPPRESSION)
        return {"suppressionDuration": short_text(length), "suppressionEnabled": True}
    shown = [key for key in keys if key is not None]
    if not shown or len(shown) < len(keys):
        what = (
            "the Elastic rule leaves out repeated alerts by fields that the query does not return; the"
            " analytics rule raises every alert"
        )
        remarks.append(Diagnostic("suppression-left-out", Severity.WARNING, what))
        return {}
    length = min(max(suppression.length or run, SHORTEST_GROUPING), LONGEST_GROUPING)
    what = (
        f"the Elastic rule leaves out alerts that repeat {', '.join(suppression.fields)}; Sentinel cannot,"
        f" the analytics rule puts such alerts of {short_text(length)} into one incident"
    )
    remarks.append(Diagnostic("suppression-as-grouping", Severity.NOTE, what))
    return {"incidentConfiguration": grouping(length, shown)}


def grouping(length: timedelta, details: Sequence[str]) -> dict[str, object]:
    """Return the configuration by which alerts of the same details share an incident."""
    return {
        "createIncident": True,
        "groupingConfiguration": {
            "enabled": bool(details),
            "reopenClosedIncident": False,
            "lookbackDuration": short_text(length),
            "matchingMethod": "Selected" if details else "AllEntities",
            "groupByEntities": [],
            "groupByAlertDetails": [],
            "groupByCustomDetails": list(details),
        },
    }


def incident_problems(rule: Mapping[str, object]) -> Iterator[str]:
    """Yield what Sentinel would refuse of suppression and incidents, each with what to do."""
    if "suppressionDuration" in rule:
        key = "suppressionDuration"
        yield from _length_problems(key, rule[key], LONGEST_SUPPRESSION)
    configuration = rule.get("incidentConfiguration")
    match configuration:
        case None:
            return
        case {"groupingConfiguration": Mapping() as group}:
            pass
        case _:
            yield "incidentConfiguration lacks groupingConfiguration; add it"
            return
    yield from _length_problems("lookbackDuration", group.get("lookbackDuration"), LONGEST_GROUPING)
    method = group.get("matchingMethod")
    if method not in MATCHING:
        yield f"matchingMethod {method!r} is not known; use {', '.join(MATCHING)}"
    if method == "Selected" and not any(group.get(key) for key in _GROUPS):
        yield f"matchingMethod Selected groups by nothing; fill one of {', '.join(_GROUPS)}"
    details = rule.get("customDetails")
    for key in group.get("groupByCustomDetails") or []:
        if not isinstance(details, Mapping) or key not in details:
            yield f"groupByCustomDetails names {key!r}, which is no custom detail; add the detail"


def _length_problems(key: str, value: object, longest: timedelta) -> Iterator[str]:
    try:
        length = duration(value)
    except InputError as error:
        yield f"{key}: {error}"
        return
    if not SHORTEST_GROUPING <= length <= longest:
        yield f"{key} {value} is out of bounds; use 5m to {short_text(longest)}"
