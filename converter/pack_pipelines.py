"""Pipelines of mapping packs, found by name: `sigma.pipelines.PACK` has `PACK_ecs`, `PACK_sentinel`."""

from __future__ import annotations

from importlib import import_module

from sigma.processing.pipeline import ProcessingPipeline

from sigma.pipelines.kusto_ecs import kusto_ecs
from sigma.sigmaproof.mapping import MappingPack

from .errors import Unsupported


def to_ecs(pack: MappingPack | None) -> ProcessingPipeline:
    """Return the pipeline to ECS names; one that changes nothing where there is no pack."""
    return _pipeline(pack, "ecs") if pack else ProcessingPipeline()


def to_events_table(pack: MappingPack | None) -> ProcessingPipeline:
    """Return the pipeline to the table Events, whose columns are named as in ECS."""
    return to_ecs(pack) + kusto_ecs()


def to_sentinel(pack: MappingPack | None) -> ProcessingPipeline:
    """Return the pipeline to the pack's Log Analytics tables."""
    if pack is None:
        raise Unsupported(
            "no mapping pack covers the log source of this rule, so no Sentinel table is known",
            hint="use the target kusto-ecs, or add a pack",
        )
    return _pipeline(pack, "sentinel")


def _pipeline(pack: MappingPack, kind: str) -> ProcessingPipeline:
    build = getattr(import_module(f"sigma.pipelines.{pack.name}"), f"{pack.name}_{kind}", None)
    if build is None:
        raise Unsupported(f"mapping pack {pack.name} has no pipeline to {kind}")
    pipeline = build()
    if not isinstance(pipeline, ProcessingPipeline):
        raise TypeError(f"{pack.name}_{kind} returned no pipeline")
    return pipeline
