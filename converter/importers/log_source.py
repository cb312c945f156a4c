"""The Sigma log source of a rule, and the conditions that it implies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from converter import mapping
from converter.diagnostic import Diagnostic, Severity
from converter.elastic import ElasticRule
from converter.mapping import MappingPack

Demand = tuple[str, str]
"""A field and the text that it must have, by ECS name."""

OPERATING_SYSTEMS = ("windows", "linux", "macos")


@dataclass(frozen=True, slots=True)
class LogSource:
    """Where the events of a rule come from."""

    pack: MappingPack | None
    section: Mapping[str, str]
    """The `logsource` of the Sigma rule."""
    implied: frozenset[Demand] = frozenset()
    """Conditions that the log source says anyway."""
    diagnostics: tuple[Diagnostic, ...] = ()


def log_source_of(
    rule: ElasticRule, demanded: Sequence[Demand], own: Sequence[MappingPack] = ()
) -> LogSource:
    """Find the log source of a rule by what its query demands of every event."""
    datasets = [demand for demand in demanded if demand[0] in mapping.dataset_fields(own)]
    pack = mapping.pack_for_elastic_rule(rule.index, datasets, own)
    if pack is None:
        return LogSource(None, _section(rule, dict(demanded)))
    implied = frozenset((*pack.condition.items(), *pack.implied.items()))
    remarks = tuple(_remarks(pack, implied & set(datasets)))
    return LogSource(pack, dict(pack.log_source), implied, remarks)


def _remarks(pack: MappingPack, stated: frozenset[Demand]) -> list[Diagnostic]:
    """Report a log source whose condition is not literally that of the query."""
    if set(pack.condition.items()) <= stated:
        return []
    condition = " and ".join(f"{name}: {value}" for name, value in sorted(pack.condition.items()))
    origin = " and ".join(f"{name}: {value}" for name, value in sorted(stated))
    what = (
        f"the log source stands for {condition}, which the rule says as"
        f" {origin or 'the pattern of its indices'}"
    )
    return [Diagnostic("log-source-implied", Severity.NOTE, what)]


def _section(rule: ElasticRule, demanded: Mapping[str, str]) -> dict[str, str]:
    """Name the log source of a rule without a pack; it describes and implies nothing."""
    system = demanded.get("host.os.type", "")
    if system in OPERATING_SYSTEMS:
        return {"product": system}
    dataset = demanded.get("event.dataset") or demanded.get("data_stream.dataset") or ""
    product, _, service = dataset.partition(".")
    if product and service:
        return {"product": product, "service": service}
    integrations = integrations_of(rule.header.extra)
    if len(integrations) == 1:
        return {"product": integrations[0]}
    return {"product": product or "elastic"}


def integrations_of(extra: Mapping[str, object]) -> list[str]:
    """Return the integrations that a rule file or an export of Kibana names."""
    match extra:
        case {"metadata.integration": [*names]}:
            return [str(name) for name in names]
        case {"rule.related_integrations": [*entries]}:
            packages = [entry.get("package") for entry in entries if isinstance(entry, dict)]
            return list(dict.fromkeys(str(package) for package in packages if package))
        case _:
            return []
