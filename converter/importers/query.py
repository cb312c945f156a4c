"""Rules of type query: one Sigma rule."""

from __future__ import annotations

from collections.abc import Sequence

from converter.diagnostic import Diagnostic
from converter.elastic import QueryRule
from converter.mapping import MappingPack
from converter.schema_files import NOTHING_DECLARED, DeclaredTypes

from . import metadata
from .conversion import CaseChoice, Conversion
from .parts import Beside, parts_of
from .yaml_text import yaml_text


def convert(
    rule: QueryRule,
    case: CaseChoice = "exact",
    declared: DeclaredTypes = NOTHING_DECLARED,
    beside: Beside | None = None,
    losses: tuple[Diagnostic, ...] = (),
    own: Sequence[MappingPack] = (),
) -> Conversion:
    """Turn the rule, and what stands beside its query, into one Sigma document."""
    header, parts = rule.header, parts_of(rule, case, declared, beside, own)
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
    diagnostics = (*losses, *parts.all_diagnostics())
    return Conversion((document,), yaml_text((document,)), diagnostics, parts.names.assumed)
