"""Reads the keys of a new-terms correlation; whatever it cannot read raises `NewTermsError`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sigma.correlations import SigmaCorrelationTimespan

from .errors import NewTermsError

DEFAULT_LOOKBACK = timedelta(minutes=6)
DEFAULT_INTERVAL = timedelta(minutes=5)
DEFAULT_TIMESTAMP = "@timestamp"

OWN_KEYS = ("lookback", "interval", "timestamp", "timestamp-fallback")
"""Keys of the extension; in the portable spelling they stand in the custom attribute."""
_CORRELATION_KEYS = ("type", "rules", "group-by", "timespan", "generate")
_MAXIMUM_FIELDS = 3
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST = timedelta(days=36500)


def duration(text: object, key: str) -> timedelta:
    """Read a duration such as `14d`; `key` names it in the error."""
    found = re.fullmatch(r"([0-9]{1,9})([smhdw])", text) if isinstance(text, str) else None
    if found is None:
        raise NewTermsError(
            f"{key} {text!r} is no duration",
            "write a whole number and a unit of fixed length (s, m, h, d, w), as in 14d",
            key,
        )
    seconds = int(found[1]) * _UNITS[found[2]]
    if seconds == 0:
        raise NewTermsError(f"{key} is zero", "write a positive duration, as in 14d", key)
    if seconds > _LONGEST.total_seconds():
        raise NewTermsError(f"{key} {text} is longer than 100 years", "shorten it", key)
    return timedelta(seconds=seconds)


def duration_text(length: timedelta) -> str:
    """Write a duration in the largest unit up to days that divides it."""
    seconds = int(length.total_seconds())
    unit = next(name for name in "dhms" if seconds % _UNITS[name] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


@dataclass(frozen=True, slots=True)
class OwnValues:
    """Values of the extension's own keys."""

    lookback: timedelta = DEFAULT_LOOKBACK
    interval: timedelta = DEFAULT_INTERVAL
    timestamp: str = DEFAULT_TIMESTAMP
    timestamp_fallback: bool = True


def refuse_unknown_keys(section: Mapping[str, object]) -> None:
    """Refuse keys that a new_terms correlation does not have."""
    known = (*_CORRELATION_KEYS, *OWN_KEYS)
    for key in section:
        if key in known:
            continue
        what = f"a new_terms correlation has no {str(key)!r}"
        if key == "condition":
            raise NewTermsError(what, "remove it: a term is new or it is not", "condition")
        if key == "aliases":
            raise NewTermsError(
                what, "use the same field names in all referenced rules instead", "aliases"
            )
        raise NewTermsError(what, f"use only {', '.join(known)}", str(key))


def read_rules(section: Mapping[str, object]) -> list[str]:
    """Return the names or ids of the base rules."""
    rules = section.get("rules")
    names = [rules] if isinstance(rules, str) else rules
    if not isinstance(names, list) or not names:
        raise NewTermsError(
            "a new_terms correlation needs rules", "list names or ids of base rules", "rules"
        )
    for name in names:
        if not isinstance(name, str) or not name:
            raise NewTermsError(
                f"rules holds {name!r}, which is no rule name", "write names or ids", "rules"
            )
    return names


def read_fields(section: Mapping[str, object]) -> list[str]:
    """Return the fields of the term."""
    fields = section.get("group-by")
    names = [fields] if isinstance(fields, str) else fields
    if not isinstance(names, list):
        raise NewTermsError(
            "a new_terms correlation needs group-by", "list one to three fields", "group-by"
        )
    for name in names:
        if not isinstance(name, str) or not name:
            raise NewTermsError(
                f"group-by holds {name!r}, which is no field name", "write field names", "group-by"
            )
    refuse_wrong_number(names)
    if repeated := [name for name in names if names.count(name) > 1]:
        raise NewTermsError(
            f"group-by names {repeated[0]} twice", "name each field once", "group-by"
        )
    return names


def refuse_wrong_number(fields: Sequence[str]) -> None:
    """Refuse a term without fields or with more than three."""
    if not 1 <= len(fields) <= _MAXIMUM_FIELDS:
        raise NewTermsError(
            f"group-by has {len(fields)} fields", "list one to three fields", "group-by"
        )


def read_history(section: Mapping[str, object]) -> SigmaCorrelationTimespan:
    """Return the history window."""
    text = section.get("timespan")
    if text is None:
        raise NewTermsError(
            "a new_terms correlation needs timespan", "write the history, as in 14d", "timespan"
        )
    duration(text, "timespan")
    return SigmaCorrelationTimespan(str(text))


def read_own_values(section: Mapping[str, object]) -> OwnValues:
    """Return the values of the extension's own keys, with defaults where they are absent."""
    timestamp = section.get("timestamp", DEFAULT_TIMESTAMP)
    if not isinstance(timestamp, str) or not timestamp:
        raise NewTermsError(
            f"timestamp {timestamp!r} is no field name",
            "name the event field that holds the time, as in event.ingested",
            "timestamp",
        )
    return OwnValues(
        _optional_duration(section, "lookback", DEFAULT_LOOKBACK),
        _optional_duration(section, "interval", DEFAULT_INTERVAL),
        timestamp,
        read_boolean(section, "timestamp-fallback", True),
    )


def _optional_duration(section: Mapping[str, object], key: str, default: timedelta) -> timedelta:
    return duration(section[key], key) if key in section else default


def read_boolean(section: Mapping[str, object], key: str, default: bool) -> bool:
    """Return a true-or-false key."""
    value = section.get(key, default)
    if not isinstance(value, bool):
        raise NewTermsError(f"{key} {value!r} is no boolean", "write true or false", key)
    return value


def refuse_short_history(history: SigmaCorrelationTimespan, own: OwnValues) -> None:
    """Refuse a history that does not start before the look-back window."""
    if timedelta(seconds=history.seconds) <= own.lookback:
        raise NewTermsError(
            f"timespan {history.spec} is not longer than lookback {duration_text(own.lookback)}",
            "the history must reach back before the look-back window",
            "timespan",
        )
