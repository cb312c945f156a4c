"""The packs of a correlation whose rules are of several log sources: each rule is read by its own.

One rule holds this together: the pack of a rule is that of its log source as it is written, also where the
pack of another rule would cover it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sigma.correlations import SigmaCorrelationRule
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations.base import PreprocessingTransformation
from sigma.rule import SigmaRule

from .kusto_columns import kusto_tables
from .mapping import PLATFORMS, MappingPack
from .pack_pipelines import PackTables, section_of
from .tables import PLATFORM, TABLES, Table

Section = Mapping[str, str]
"""A log source as a rule writes it: its `product`, `service` and `category`, as far as set."""


@dataclass(frozen=True, slots=True)
class SourcePack:
    """The pack of some of the rules."""

    rules: tuple[str, ...]
    """What the correlation calls them."""
    sections: tuple[Section, ...]
    """Their log sources."""
    pack: MappingPack
    read: tuple[str, ...] = ()
    """The fields that the correlation reads of their events: its groups and what is measured."""


def pack_of_rule(rule: SigmaRule, packs: Sequence[SourcePack]) -> MappingPack:
    """Return the pack of a rule, which there must be."""
    return _source_of(rule, packs).pack


def several_tables_pipeline(packs: Sequence[SourcePack], platform: str) -> ProcessingPipeline:
    """Build the pipeline that names, for each rule, a platform's tables of its own pack."""
    names = " and ".join(f"{one.pack.name} {one.pack.version}" for one in packs)
    step = TablesOfSources(tuple(packs), platform)
    return ProcessingPipeline(
        name=f"Sigma to {PLATFORMS[platform]}, packs {names}",
        priority=20,
        allowed_backends=frozenset({"sigmaproof_kusto"}),
        items=[ProcessingItem(step, identifier=f"several_packs_{platform}_tables")],
    )


@dataclass
class TablesOfSources(PreprocessingTransformation):
    """Put the tables of each rule's pack into the state; those of all packs for the correlation."""

    packs: tuple[SourcePack, ...]
    platform: str

    def apply(self, rule: SigmaRule | SigmaCorrelationRule) -> None:
        """Set the state."""
        super().apply(rule)
        pipeline = self._pipeline
        if pipeline is None:
            return
        if isinstance(rule, SigmaRule):
            source = _source_of(rule, self.packs)
            step = PackTables(source.pack, self.platform, source.read)
            step.set_pipeline(pipeline)
            step.apply(rule)
            return
        found: list[Table] = []
        for source in self.packs:
            found += (table for table in kusto_tables(source.pack) if table not in found)
        pipeline.state[TABLES] = tuple(found)
        pipeline.state[PLATFORM] = self.platform


def _source_of(rule: SigmaRule, packs: Sequence[SourcePack]) -> SourcePack:
    section = section_of(rule)
    return next(one for one in packs if section in one.sections)
