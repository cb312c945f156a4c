"""ATT&CK tactics and techniques as Microsoft's rules name them, a technique only under a tactic that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule

from converter.diagnostic import Diagnostic, Severity

from .attack import techniques_in
from .attack_techniques import belongs, techniques_by_tactic
from .metadata import RuleMetadata

_RENAMED = {"stealth": "DefenseEvasion", "defenseimpairment": "DefenseEvasion"}
"""Tactics of newer matrices, in small letters, to the one that Microsoft's platforms have for them."""

Attack = Mapping[str, tuple[str, ...]]
"""Techniques by tactic, in the order of the rule."""


def attack_of(
    found: RuleMetadata, main: SigmaRule | SigmaCorrelationRule, remarks: list[Diagnostic]
) -> Attack:
    """Return the tactics of a rule with their techniques; says which ones find no place."""
    names = [tag.name for tag in main.tags if tag.namespace == "attack"]
    placed: dict[str, dict[str, None]] = {}
    loose: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for threat in _tables(found.rule.get("threat")):
        tactic = threat.get("tactic")
        shown = str(tactic.get("name", "")) if isinstance(tactic, Mapping) else ""
        if known := _tactic(shown):
            placed.setdefault(known, {})
        else:
            unknown[shown] = None
        loose.update(dict.fromkeys(_techniques(threat)))
    for name in names:
        if known := _tactic(name):
            placed.setdefault(known, {})
    loose.update(dict.fromkeys(techniques_in(names)))
    for technique in loose:
        homes = [tactic for tactic in placed if belongs(technique, tactic)]
        for tactic in homes:
            placed[tactic][technique] = None
        if not homes:
            unknown[technique] = None
    if left := ", ".join(filter(None, unknown)):
        what = f"{left} left out: no tactic of the rule that Microsoft's platforms know holds them"
        remarks.append(Diagnostic("technique-unplaced", Severity.WARNING, what))
    return {tactic: tuple(ids) for tactic, ids in placed.items()}


def _tactic(name: str) -> str | None:
    """Return the platform's name of a tactic, which may be written `Initial Access` or `initial-access`."""
    plain = "".join(letter for letter in name.lower() if letter.isalpha())
    known = {tactic.lower(): tactic for tactic in techniques_by_tactic()}
    return known.get(plain) or _RENAMED.get(plain)


def _techniques(threat: Mapping[str, object]) -> Iterable[str]:
    for technique in _tables(threat.get("technique")):
        yield str(technique["id"])
        for inner in _tables(technique.get("subtechnique")):
            yield str(inner["id"])


def _tables(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
