"""Rules of type query: one Sigma rule."""

from __future__ import annotations

from converter.elastic import QueryRule
from converter.schema_files import NOTHING_DECLARED, DeclaredTypes

from . import metadata
from .conversion import CaseChoice, Conversion
from .parts import parts_of
from .yaml_text import yaml_text


def convert(
    rule: QueryRule,
    case: CaseChoice = "exact",
    declared: DeclaredTypes = NOTHING_DECLARED,
) -> Conversion:
    """Turn the rule into one Sigma document."""
    header, parts = rule.header, parts_of(rule, case, declared)
    tags = metadata.attack_tags(header.threats)
    document: dict[str, object] = {
        "title": header.name,
        "id": parts.id,
        **parts.taxonomy,
        **metadata.status_of(header),
        "description": header.description.strip(),
        **metadata.provenance(header),
        **({"tags": tags} if tags else {}),
        "logsource": parts.logsource,
        "detection": parts.detection,
        **metadata.triage(header, parts.names),
        **parts.attribute(),
    }
    return Conversion(
        (document,), yaml_text((document,)), parts.all_diagnostics(), parts.names.assumed
    )
