"""Custom detections of Microsoft Defender XDR, as Microsoft Graph creates them: the body of a request.

It has the shape that Graph takes since it dropped `period`, `category`, `mitreTechniques` and
`impactedAssets`: a frequency, tactics with their techniques, and entities by column. The frequency implies
how far back a detection looks (1, 3, 12 and 24 hours: 4, 12, 48 hours and 30 days), so that it is not said.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule

from converter.diagnostic import Diagnostic, Severity
from converter.errors import Unsupported
from converter.languages.kusto import output_columns
from converter.render import RenderedQuery
from sigma.backends.sigmaproof_kusto.detection_schedule import DETECTION_FILTER, detection_run
from sigma.backends.sigmaproof_kusto.schedule import ScheduledRun
from sigma.sigmaproof.correlation import correlation_of
from sigma.sigmaproof.loader import load_documents
from sigma.sigmaproof.new_terms import new_terms_of
from sigma.sigmaproof.tables import Table
from sigma.sigmaproof.threshold import threshold_of

from .alert_contents import contents_of, schemas_of
from .analytics_rule import fields_of, rule_id, severity_of, shortened
from .detection_entities import entities_of
from .detection_limits import MAXIMUM_TACTICS, problems
from .metadata import metadata_of
from .microsoft_attack import Attack, attack_of
from .rule_durations import iso_text
from .sentinel_limits import MAXIMUM_DESCRIPTION, MAXIMUM_NAME

FORMAT = "xdr-json"
SUFFIX = ".json"
OUTPUT_FORMATS = {"kusto": "detection"}
TIME = "Timestamp"
"""Column by which Defender tells when an event happened."""

_DEVICE_TABLES = "Device"
"""What the names of tables begin with whose rows only the device identifies, too."""
_DEVICE = "DeviceId"


def write(documents: str, rendered: RenderedQuery) -> tuple[str, tuple[Diagnostic, ...]]:
    """Write Sigma documents and their query, rendered for a detection, as the body of a request.

    Raises Unsupported when the rule would break a limit of the platform.
    """
    remarks: list[Diagnostic] = []
    body = _body(documents, rendered, remarks)
    if wrong := problems(body):
        raise Unsupported(f"no custom detection can hold this rule: {wrong[0]}")
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n", tuple(remarks)


def _body(documents: str, rendered: RenderedQuery, remarks: list[Diagnostic]) -> dict[str, object]:
    found = metadata_of(documents, rendered.pack)
    loaded = load_documents(documents, "rule.yml")
    main = loaded.main_rules[-1]
    name = shortened("name", str(found.rule.get("name", "")), MAXIMUM_NAME, remarks)
    description = str(found.rule.get("description", name))
    columns = _columns(rendered)
    is_filter = isinstance(main, SigmaRule)
    details = contents_of(rendered, fields_of(loaded), (), is_filter, remarks).details
    alert: dict[str, object] = {
        "title": name,
        "description": shortened("description", description, MAXIMUM_DESCRIPTION, remarks),
        "severity": severity_of(main, remarks).lower(),
        "tactics": _tactics(attack_of(found, main, remarks), remarks),
        "entityMappings": entities_of(columns),
        "customDetails": dict(details),
    }
    return {
        "id": f"rule-{rule_id(found)}",
        "displayName": name,
        "status": "enabled",
        "queryCondition": {"queryText": rendered.text},
        "schedule": {"frequency": iso_text(_run(main).frequency)},
        "detectionAction": {"alertTemplate": {key: one for key, one in alert.items() if one}},
    }


def _run(main: SigmaRule | SigmaCorrelationRule) -> ScheduledRun:
    """Return the schedule that the query was rendered for."""
    if isinstance(main, SigmaRule):
        return DETECTION_FILTER
    return detection_run(new_terms_of(main) or threshold_of(main) or correlation_of(main))


def _columns(rendered: RenderedQuery) -> Collection[str]:
    """Return the columns of the result; raises where Defender could not tell the event of a row."""
    tables = [table for table in rendered.tables if table.name in rendered.searched]
    returned = output_columns(rendered.text, schemas_of(tables))
    shown = {one.name for one in rendered.shown.values()}
    if returned is None:
        everywhere = [set(table.assets) for table in tables]
        return shown.union(set.intersection(*everywhere) if everywhere else set())
    for column in _demanded(tables):
        if column not in returned:
            raise Unsupported(
                f"a custom detection must return {column}, and the query does not",
                hint="list it under assets of the table in the mapping pack",
            )
    return returned


def _demanded(tables: list[Table]) -> list[str]:
    """Return the columns by which Defender tells an event."""
    identities = [table.id for table in tables if table.id]
    is_device = any(table.name.startswith(_DEVICE_TABLES) for table in tables)
    return list(dict.fromkeys([TIME, *identities, *([_DEVICE] if is_device else [])]))


def _tactics(attack: Attack, remarks: list[Diagnostic]) -> list[object]:
    """Return the tactic that Defender takes: the one with the most techniques, the rule's first of these."""
    ranked = sorted(attack, key=lambda tactic: -len(attack[tactic]))
    kept, left = ranked[:MAXIMUM_TACTICS], ranked[MAXIMUM_TACTICS:]
    shown = {technique for tactic in kept for technique in attack[tactic]}
    lost = dict.fromkeys(one for tactic in left for one in attack[tactic] if one not in shown)
    if left:
        named = ", ".join((*(tactic for tactic in attack if tactic in left), *lost))
        what = f"Defender takes one tactic with its techniques; {named} left out"
        # Without techniques nothing is lost that a search for them would miss.
        severity = Severity.WARNING if lost else Severity.NOTE
        remarks.append(Diagnostic("tactics-left-out", severity, what))
    return [{"tactic": tactic, "techniques": _techniques(attack[tactic])} for tactic in kept]


def _techniques(ids: tuple[str, ...]) -> list[object]:
    inner: dict[str, list[str]] = {}
    for one in ids:
        below = inner.setdefault(one.partition(".")[0], [])
        below += [one] if "." in one else []
    return [
        {"technique": technique, **({"subTechniques": below} if below else {})}
        for technique, below in inner.items()
    ]
