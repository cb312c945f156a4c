"""The detections of a rule that its conditions use; what no condition uses decides nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase

from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule

_WORD = re.compile(r"[^\s()|]+")


def leave_unused_out(rule: SigmaRule | SigmaCorrelationRule) -> None:
    """Take the detections out of a rule that no condition names; all stay where none is named."""
    if isinstance(rule, SigmaCorrelationRule):
        return
    detections = rule.detection.detections
    used = {name for one in rule.detection.condition for name in _named(one, detections)}
    for name in [name for name in detections if used and name not in used]:
        del detections[name]


def _named(condition: str, names: Collection[str]) -> Iterator[str]:
    """Yield the names that stand in a condition, also by a pattern or as `them`."""
    words = _WORD.findall(condition)
    for name in names:
        is_of_them = "them" in words and not name.startswith("_")
        if is_of_them or any(fnmatchcase(name, word) for word in words):
            yield name
