"""What a target is: a backend, the pipelines it needs and the language of its texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from sigma.conversion.base import Backend
from sigma.processing.pipeline import ProcessingPipeline

from sigma.sigmaproof.mapping import MappingPack

from .schema_files import NOTHING_DECLARED, DeclaredTypes


class Names(Enum):
    """Whose field names the text of a target uses, and so what events it is executed on."""

    SIGMA = "sigma"
    """The names in the Sigma rule, on flat events."""
    ECS = "ecs"
    """ECS names, on ECS documents."""
    PACK_TABLES = "tables"
    """Columns of the mapping pack's tables, on rows that the pack builds."""
    EVENTS_TABLE = "events"
    """Columns named as in ECS, on rows of the table Events."""


class PipelineBuilder(Protocol):
    """Builds the pipeline for a log source and what the user declares of its fields."""

    def __call__(
        self, pack: MappingPack | None, declared: DeclaredTypes = NOTHING_DECLARED, /
    ) -> ProcessingPipeline:
        """Return the pipeline; raises `Unsupported` where the target needs a pack."""


@dataclass(frozen=True, slots=True)
class Target:
    """A backend with its pipelines, and how its text is read."""

    name: str
    description: str
    language: str
    """Folder in `converter.languages` and module in `harness.engines`."""
    names: Names
    backend: Callable[[ProcessingPipeline], Backend]
    pipeline: PipelineBuilder
    platform: str = ""
    """Whose tables of a mapping pack the text reads; empty where it reads none."""
    formats: tuple[str, ...] = ("text",)
    """Formats that `converter.deliverables` can write, `text` first."""
    aliases: tuple[str, ...] = ()
