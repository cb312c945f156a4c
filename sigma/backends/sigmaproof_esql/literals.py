"""Names and literals of ES|QL."""

from __future__ import annotations

import re
from datetime import timedelta

from sigma.sigmaproof.elastic.comparison import Part, Wildcard

_PLAIN_PART = re.compile(r"[A-Za-z_@][A-Za-z0-9_]*")
_PLAIN_INDEX = re.compile(r"[A-Za-z0-9_.*-]+")
# fmt: off
_WORDS = frozenset((
    "and", "any", "as", "asc", "by", "desc", "dissect", "drop", "enrich", "eval", "explain",
    "false", "first", "fork", "from", "full", "grok", "in", "info", "inline", "inlinestats",
    "is", "join", "keep", "last", "left", "like", "limit", "lookup", "meta", "metadata",
    "metrics", "mv_expand", "not", "null", "nulls", "on", "or", "rename", "right", "rlike",
    "row", "sample", "show", "sort", "stats", "true", "ts", "where", "with",
))
# fmt: on
"""Words that the grammar may read as something else than a name; quoting one too many does no harm."""
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_UNITS = (
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
    ("second", timedelta(seconds=1)),
    ("millisecond", timedelta(milliseconds=1)),
)


def field_name(name: str) -> str:
    """Write a field name; parts that are no plain identifiers stand in backquotes."""
    return ".".join(_part(part) for part in name.split("."))


def _part(part: str) -> str:
    if _PLAIN_PART.fullmatch(part) and part.lower() not in _WORDS:
        return part
    return "`" + part.replace("`", "``") + "`"


def string(text: str) -> str:
    """Write a string."""
    return '"' + "".join(_ESCAPES.get(character, character) for character in text) + '"'


def like_pattern(parts: tuple[Part, ...]) -> str:
    """Write the pattern of LIKE as a string."""
    return string(
        "".join(
            part.value if isinstance(part, Wildcard) else re.sub(r"[\\*?]", r"\\\g<0>", part)
            for part in parts
        )
    )


def index_pattern(pattern: str) -> str:
    """Write an index pattern of FROM."""
    return pattern if _PLAIN_INDEX.fullmatch(pattern) else string(pattern)


def duration(length: timedelta) -> str:
    """Write a time span in the largest unit that divides it."""
    for unit, one in _UNITS:
        if length % one == timedelta(0):
            count = length // one
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"{length // timedelta(milliseconds=1)} milliseconds"
