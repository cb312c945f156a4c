"""Which ATT&CK techniques belong to which tactic, as Microsoft's platforms know them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

_FILE = "attack_techniques.txt"


@lru_cache(maxsize=1)
def techniques_by_tactic() -> Mapping[str, frozenset[str]]:
    """Return the techniques of each tactic that the platforms know."""
    text = resources.files(__package__).joinpath(_FILE).read_text(encoding="utf-8")
    lines = (line.partition(": ") for line in text.splitlines() if not line.startswith("#"))
    return {tactic: frozenset(ids.split()) for tactic, _, ids in lines}


def belongs(technique: str, tactic: str) -> bool:
    """Say whether a technique, or the one that a sub-technique is of, is one of a tactic's."""
    return technique.partition(".")[0] in techniques_by_tactic().get(tactic, ())
