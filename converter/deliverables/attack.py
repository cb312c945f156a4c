"""ATT&CK tactics by the name that Sigma tags have; ids and names are MITRE's."""

from __future__ import annotations

import re
from collections.abc import Iterable

from converter.elastic import Threat
from converter.elastic.threat import threat_tables, with_references

FRAMEWORK = "MITRE ATT&CK"

TACTICS = {
    "reconnaissance": ("TA0043", "Reconnaissance"),
    "resource-development": ("TA0042", "Resource Development"),
    "initial-access": ("TA0001", "Initial Access"),
    "execution": ("TA0002", "Execution"),
    "persistence": ("TA0003", "Persistence"),
    "privilege-escalation": ("TA0004", "Privilege Escalation"),
    "defense-evasion": ("TA0005", "Defense Evasion"),
    "credential-access": ("TA0006", "Credential Access"),
    "discovery": ("TA0007", "Discovery"),
    "lateral-movement": ("TA0008", "Lateral Movement"),
    "collection": ("TA0009", "Collection"),
    "command-and-control": ("TA0011", "Command and Control"),
    "exfiltration": ("TA0010", "Exfiltration"),
    "impact": ("TA0040", "Impact"),
}


def tactics_in(tags: Iterable[str]) -> object:
    """Return the threat tables of the tactics among the names of `attack` tags."""
    known = (TACTICS[name] for tag in tags if (name := tag.replace("_", "-")) in TACTICS)
    threats = (Threat(FRAMEWORK, id, name) for id, name in dict.fromkeys(known))
    return with_references(threat_tables(threats))


def techniques_in(tags: Iterable[str]) -> list[str]:
    """Return the ids of the techniques among the names of `attack` tags."""
    return [tag.upper() for tag in tags if re.fullmatch(r"t\d{4}(\.\d{3})?", tag)]
