"""Windows events in the form in which Elastic's agent hands them on, as Windows writes them.

The agent reads the XML of an event into `winlog`; packs name paths in the event itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from .event import Document

_LEVELS = {"critical": 1, "error": 2, "warning": 3, "information": 4, "verbose": 5}
_UNNAMED = "Windows PowerShell"
"""Channel whose data have no names, so that the agent numbers them."""


def as_windows_writes_it(document: Document) -> Document:
    """Return the event that the agent's form of it was read from; any other document as it is."""
    log = document.get("winlog")
    if not isinstance(log, Mapping) or "event_id" not in log:
        return document
    system = {
        "Provider": {"#attributes": {"Name": log.get("provider_name")}},
        "EventID": log["event_id"],
        "Level": _LEVELS.get(str(_level(document, log))),
        "TimeCreated": {
            "#attributes": {"SystemTime": log.get("time_created") or document.get("@timestamp")}
        },
        "EventRecordID": log.get("record_id"),
        "Channel": log.get("channel"),
        "Computer": log.get("computer_name"),
        "Security": {"#attributes": {"UserID": _at(log, "user", "identifier")}},
    }
    return {"Event": {"System": system, "EventData": _data(log)}}


def _data(log: Mapping[str, object]) -> object:
    data = log.get("event_data", {})
    if log.get("channel") == _UNNAMED and isinstance(data, Mapping):
        return {"Data": [data[name] for name in sorted(data)]}
    return data


def _level(document: Document, log: Mapping[str, object]) -> object:
    return log.get("level") or _at(document, "log", "level")


def _at(node: Mapping[str, object], outer: str, inner: str) -> object:
    found = node.get(outer)
    return found.get(inner) if isinstance(found, Mapping) else None
