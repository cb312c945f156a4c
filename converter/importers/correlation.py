"""The documents of a rule that is a correlation over one base rule."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from converter.elastic import ElasticRule

from . import metadata
from .parts import RuleParts


def base_document(parts: RuleParts, description: str) -> dict[str, object]:
    """Return the rule of the base events."""
    header = parts.rule.header
    return {
        "title": f"{header.name} - Base Events",
        "id": str(uuid.uuid5(uuid.UUID(parts.id), "base events")),
        "name": base_name(parts.rule),
        **parts.taxonomy,
        **metadata.status_of(header),
        "description": description,
        **metadata.provenance(header),
        "logsource": parts.logsource,
        "detection": parts.detection,
        "level": "informational",
    }


def correlation_document(
    parts: RuleParts,
    correlation: Mapping[str, object],
    attributes: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Return the correlation, with custom attributes of ours if it has any."""
    header = parts.rule.header
    tags = metadata.attack_tags(header.threats)
    return {
        "title": header.name,
        "id": parts.id,
        **parts.taxonomy,
        **metadata.status_of(header),
        "description": header.description.strip(),
        **metadata.provenance(header),
        **({"tags": tags} if tags else {}),
        "correlation": correlation,
        **metadata.triage(header, parts.names),
        **(attributes or {}),
        **parts.attribute(),
    }


def base_name(rule: ElasticRule) -> str:
    """Return the name by which the correlation refers to its base rule."""
    words = re.sub(r"[^a-z0-9]+", "_", rule.header.name.lower()).strip("_")
    return f"{words}_base"
