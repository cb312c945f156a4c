"""What the folder of a mapping pack offers to pySigma, so that a pack needs no Python of its own.

A pack's `__init__.py` names the two pipelines in `__all__` and assigns them from here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from sigma.processing.pipeline import ProcessingPipeline

from .mapping import MappingPack
from .mapping_reader import read_pack
from .pack_pipelines import ecs_pipeline, tables_pipeline

Pipeline = Callable[[], ProcessingPipeline]


def pack_plugins(init_file: str, platform: str = "sentinel") -> tuple[Pipeline, Pipeline]:
    """Return the pipelines to ECS and to the platform's tables of the pack beside an `__init__.py`.

    The file is read when a pipeline is built: pySigma imports every plugin that is installed.
    """

    @lru_cache(maxsize=1)
    def pack() -> MappingPack:
        return read_pack(Path(init_file).with_name("mapping.yml"))

    def to_ecs() -> ProcessingPipeline:
        return ecs_pipeline(pack())

    def to_tables() -> ProcessingPipeline:
        return tables_pipeline(pack(), platform)

    return to_ecs, to_tables
