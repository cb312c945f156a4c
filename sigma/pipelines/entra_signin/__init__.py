"""Pipelines of Microsoft Entra sign-in logs, built from mapping.yml beside this file."""

from functools import lru_cache
from pathlib import Path

from sigma.processing.pipeline import ProcessingPipeline

from sigma.sigmaproof.mapping import MappingPack
from sigma.sigmaproof.mapping_reader import read_pack
from sigma.sigmaproof.pack_pipelines import ecs_pipeline, tables_pipeline

# pySigma registers every name in __all__, and every name at all where there is no __all__
__all__ = ["entra_signin_ecs", "entra_signin_sentinel"]


@lru_cache(maxsize=1)
def _pack() -> MappingPack:
    return read_pack(Path(__file__).with_name("mapping.yml"))


def entra_signin_ecs() -> ProcessingPipeline:
    """Rename Log Analytics names to ECS and add the condition on event.dataset."""
    return ecs_pipeline(_pack())


def entra_signin_sentinel() -> ProcessingPipeline:
    """Read fields from the four sign-in tables of Microsoft Sentinel."""
    return tables_pipeline(_pack(), "Microsoft Sentinel")
