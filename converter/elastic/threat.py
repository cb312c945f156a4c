"""ATT&CK entries of a rule, from and to the tables of a rule file."""

from __future__ import annotations

from collections.abc import Iterable

from .fields import Fields
from .rule import Technique, Threat

_SITE = "https://attack.mitre.org"


def threats_of(entries: Iterable[Fields]) -> tuple[Threat, ...]:
    """Read the `threat` tables of a rule."""
    return tuple(_threat(entry) for entry in entries)


def threat_tables(threats: Iterable[Threat]) -> list[dict[str, object]]:
    """Write threats as rule files have them, without the addresses of ATT&CK's pages."""
    return [_threat_table(threat) for threat in threats]


def without_empty_lists(value: object) -> object:
    """Drop empty lists, which Kibana writes where a TOML file has no key."""
    match value:
        case dict():
            kept = {key: without_empty_lists(item) for key, item in value.items()}
            return {key: item for key, item in kept.items() if item != []}
        case list():
            return [without_empty_lists(item) for item in value]
        case _:
            return value


def with_references(tables: object) -> object:
    """Add the addresses of ATT&CK's pages to threat tables that lack them."""
    match tables:
        case list():
            return [with_references(item) for item in tables]
        case dict() if tables.get("framework") == "MITRE ATT&CK":
            tactic = tables.get("tactic")
            found = {"tactic": _with_own(tactic)} if isinstance(tactic, dict) else {}
            return {**_addressed(tables), **found}
        case _:
            return tables


def _addressed(table: dict[str, object]) -> dict[str, object]:
    """Add the address of each technique below a table."""
    return {
        key: list(map(_with_own, value)) if isinstance(value, list) else value
        for key, value in table.items()
    }


def _with_own(entry: dict[str, object]) -> dict[str, object]:
    return {**_addressed(entry), "reference": entry.get("reference", _address(entry))}


def _address(entry: dict[str, object]) -> str:
    identifier = str(entry.get("id"))
    kind = "tactics" if identifier.startswith("TA") else "techniques"
    return f"{_SITE}/{kind}/{identifier.replace('.', '/')}/"


def _threat(entry: Fields) -> Threat:
    tactic = entry.table("tactic")
    return Threat(
        framework=entry.text("framework"),
        tactic_id=tactic.text("id"),
        tactic_name=tactic.text("name"),
        techniques=tuple(_technique(item) for item in entry.tables("technique")),
    )


def _technique(entry: Fields) -> Technique:
    return Technique(
        id=entry.text("id"),
        name=entry.text("name"),
        subtechniques=tuple(_technique(item) for item in entry.tables("subtechnique")),
    )


def _threat_table(threat: Threat) -> dict[str, object]:
    table: dict[str, object] = {
        "framework": threat.framework,
        "tactic": {"id": threat.tactic_id, "name": threat.tactic_name},
    }
    if threat.techniques:
        table["technique"] = [_technique_table(item) for item in threat.techniques]
    return table


def _technique_table(technique: Technique) -> dict[str, object]:
    table: dict[str, object] = {"id": technique.id, "name": technique.name}
    if technique.subtechniques:
        table["subtechnique"] = [_technique_table(item) for item in technique.subtechniques]
    return table
