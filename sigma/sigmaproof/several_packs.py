"""The packs of a correlation whose rules are of several log sources: each rule is read by its own.

One rule holds this together: the pack of a rule is that of its log source as it is written, also where the
pack of another rule would cover it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sigma.correlations import (
    SigmaCorrelationCondition,
    SigmaCorrelationFieldAlias,
    SigmaCorrelationRule,
    SigmaRuleReference,
)
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations.base import PreprocessingTransformation
from sigma.rule import SigmaRule

from .grouped_parts import grouped_parts
from .kusto_columns import kusto_tables
from .mapping import PLATFORMS, MappingPack
from .pack_pipelines import PackTables, applied, ecs_steps, section_of
from .tables import NOTES, PLATFORM, TABLES, Table

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


def several_ecs_pipeline(packs: Sequence[SourcePack]) -> ProcessingPipeline:
    """Build the pipeline from Sigma names to ECS names, for each rule by its own pack."""
    names = " and ".join(f"{one.pack.name} {one.pack.version}" for one in packs)
    item = ProcessingItem(EcsOfSources(tuple(packs)), identifier="several_packs_ecs")
    return ProcessingPipeline(name=f"Sigma to ECS, packs {names}", priority=20, items=[item])


@dataclass
class EcsOfSources(PreprocessingTransformation):
    """Give each rule the ECS names and conditions of its log source, and the correlation those of its rules."""

    packs: tuple[SourcePack, ...]

    def apply(self, rule: SigmaRule | SigmaCorrelationRule) -> None:
        """Change the rule."""
        super().apply(rule)
        pipeline = self._pipeline
        if pipeline is None:
            return
        if isinstance(rule, SigmaCorrelationRule):
            for source in self.packs:
                notes = grouped_parts(source.read, source.pack)
                pipeline.state.setdefault(NOTES, []).extend(notes)
            self._rename_groups(rule)
            return
        for step in ecs_steps(pack_of_rule(rule, self.packs)).values():
            applied(step, rule, pipeline)

    def _rename_groups(self, rule: SigmaCorrelationRule) -> None:
        """Rename the fields that the events of all rules call alike, and alias the others."""
        groups = []
        for name in rule.group_by or []:
            fields = self._fields_of(rule, name)
            called = {*fields.values()}
            if name in rule.aliases.aliases or len(called) > 1:
                rule.aliases.aliases[name] = SigmaCorrelationFieldAlias(name, fields)
                groups.append(name)
            else:
                groups.append(called.pop())
        rule.group_by = groups
        condition = rule.condition
        if isinstance(condition, SigmaCorrelationCondition) and isinstance(condition.fieldref, str):
            # What is measured is called alike in the events of all rules (SIGMA-23).
            measured = condition.fieldref
            condition.fieldref = self.packs[0].pack.ecs_names.get(measured, measured)

    def _fields_of(self, rule: SigmaCorrelationRule, name: str) -> dict[SigmaRuleReference, str]:
        """Return the ECS field that a name of the group stands for in the events of each rule."""
        alias = rule.aliases.aliases.get(name)
        given = {one.reference: field for one, field in alias.mapping.items()} if alias else {}
        found = {}
        for reference in rule.referenced_rules:
            base = reference.rule
            if isinstance(base, SigmaRule):
                own = (reference.reference, str(base.name), str(base.id))
                field = next((given[one] for one in own if one in given), name)
                found[reference] = pack_of_rule(base, self.packs).ecs_names.get(field, field)
        return found


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
            applied(PackTables(source.pack, self.platform, source.read), rule, pipeline)
            return
        found: list[Table] = []
        for source in self.packs:
            found += (table for table in kusto_tables(source.pack) if table not in found)
            if source.pack.told_apart_by is None:  # its rows hold the values of documents
                notes = grouped_parts(source.read, source.pack)
                pipeline.state.setdefault(NOTES, []).extend(notes)
        pipeline.state[TABLES] = tuple(found)
        pipeline.state[PLATFORM] = self.platform


def _source_of(rule: SigmaRule, packs: Sequence[SourcePack]) -> SourcePack:
    section = section_of(rule)
    return next(one for one in packs if section in one.sections)
