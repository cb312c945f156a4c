"""Pipelines of mapping packs, built from the pack itself: an installed one or a file of the user."""

from __future__ import annotations

from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import SetStateTransformation

from sigma.pipelines.kusto_ecs import kusto_ecs
from sigma.sigmaproof.ecs import FieldTypes, ecs_types
from sigma.sigmaproof.mapping import MappingPack
from sigma.sigmaproof.pack_pipelines import (
    ECS_TYPES,
    FIELD_TYPES,
    SINGLE_VALUED,
    ecs_pipeline,
    tables_pipeline,
)
from sigma.sigmaproof.pack_plugins import SENTINEL

from .errors import Unsupported
from .mapping import ANALYSED_FIELDS


def to_ecs(pack: MappingPack | None) -> ProcessingPipeline:
    """Return the pipeline to ECS names; one that only knows the types of ECS without a pack."""
    return ecs_pipeline(pack) if pack else _types_of_ecs()


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
    if not pack.tables:
        raise Unsupported(
            f"mapping pack {pack.name} names no table of Sentinel",
            hint="use the target kusto-ecs, or add the tables to the pack",
        )
    return tables_pipeline(pack, SENTINEL)


def _types_of_ecs() -> ProcessingPipeline:
    """Put the types into the state by which the rule itself is read."""
    analysed = {name: kind.value for name, kind in ANALYSED_FIELDS.items()}
    types = ecs_types().merged(FieldTypes(analysed, frozenset()))
    states = {FIELD_TYPES: types, ECS_TYPES: types.types, SINGLE_VALUED: types.single}
    items = [
        ProcessingItem(SetStateTransformation(key, value), identifier=f"ecs_{key}")
        for key, value in states.items()
    ]
    return ProcessingPipeline(name="Types of ECS", priority=20, items=items)
