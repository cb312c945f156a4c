"""Pipelines of mapping packs, built from the pack itself: an installed one or a file of the user."""

from __future__ import annotations

from collections.abc import Sequence

from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import SetStateTransformation

from sigma.pipelines.kusto_ecs import kusto_ecs
from sigma.sigmaproof.ecs import FieldTypes
from sigma.sigmaproof.mapping import PLATFORMS, MappingPack
from sigma.sigmaproof.pack_pipelines import (
    ECS_TYPES,
    FIELD_TYPES,
    REFUSED_FIELDS,
    SINGLE_VALUED,
    ecs_pipeline,
    tables_pipeline,
)
from sigma.sigmaproof.several_packs import (
    SourcePack,
    several_ecs_pipeline,
    several_tables_pipeline,
)

from .errors import Unsupported
from .mapping import known_types
from .schema_files import NOTHING_DECLARED, DeclaredTypes
from .several_packs import joined_types
from .target import Names, PipelineBuilder, Target


def to_ecs(
    pack: MappingPack | None, declared: DeclaredTypes = NOTHING_DECLARED
) -> ProcessingPipeline:
    """Return the pipeline to ECS names; one that only knows types without a pack."""
    types = _types(pack, declared)
    return ecs_pipeline(pack) + types if pack else types


def to_events_table(
    pack: MappingPack | None, declared: DeclaredTypes = NOTHING_DECLARED
) -> ProcessingPipeline:
    """Return the pipeline to the table Events, whose columns are named as in ECS."""
    return to_ecs(pack, declared) + kusto_ecs()


def of_several(
    packs: Sequence[SourcePack], target: Target, declared: DeclaredTypes = NOTHING_DECLARED
) -> ProcessingPipeline:
    """Return the pipeline of a target for a correlation over several log sources, each with its pack."""
    match target.names:
        case Names.PACK_TABLES:
            return several_tables_pipeline(packs, target.platform)
        case Names.EVENTS_TABLE:
            types = _state_of(joined_types(packs, declared))
            return several_ecs_pipeline(packs) + types + kusto_ecs()
        case _:
            return target.pipeline(None, declared)


def to_tables(platform: str) -> PipelineBuilder:
    """Return what builds the pipeline to the pack's tables of a platform, whose columns have own types."""
    title = PLATFORMS[platform]

    def build(
        pack: MappingPack | None, _declared: DeclaredTypes = NOTHING_DECLARED, /
    ) -> ProcessingPipeline:
        if pack is None:
            raise Unsupported(
                f"no mapping pack covers the log source of this rule, so no table of {title} is known",
                hint="use the target kusto-ecs, or add a pack",
            )
        if not pack.whole_choices(platform):
            raise Unsupported(
                f"mapping pack {pack.name} names no table of {title}",
                hint="use the target kusto-ecs, or add the tables to the pack",
            )
        return tables_pipeline(pack, platform)

    return build


def _types(pack: MappingPack | None, declared: DeclaredTypes) -> ProcessingPipeline:
    """Put the types into the state by which the rule itself is read."""
    return _state_of(known_types(pack, declared))


def _state_of(types: FieldTypes) -> ProcessingPipeline:
    states = {
        FIELD_TYPES: types,
        ECS_TYPES: types.types,
        SINGLE_VALUED: types.single,
        REFUSED_FIELDS: types.refused,
    }
    items = [
        ProcessingItem(SetStateTransformation(key, value), identifier=f"ecs_{key}")
        for key, value in states.items()
    ]
    return ProcessingPipeline(name="Types of fields", priority=20, items=items)
