"""A rule as the platform of a target has it: with the pack and the tables that hold its events there.

A pack of the rule's log source comes first. Of a rule on indices of several sources, one pack covers a
part, which a diagnostic names; the rule keeps its ECS names then. Among sets of tables that each hold the
log source the first one that keeps every field of the rule is chosen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sigma.rule import SigmaRule

from sigma.sigmaproof.loader import LoadedRules, load_documents
from sigma.sigmaproof.mapping import PLATFORMS, PackField
from sigma.sigmaproof.pack_pipelines import fields_of, section_of
from sigma.sigmaproof.recorded_events import under_ecs_names
from sigma.sigmaproof.table_choice import demands_of, required_by

from . import mapping
from .chosen_tables import chosen_tables
from .diagnostic import Diagnostic, Severity
from .dropping import Dropped, drop_unmapped, notes_of
from .errors import Unsupported
from .indices import indices_of
from .mapping import MappingPack
from .port import PortableRule, with_pack
from .render import RenderedQuery, render
from .source_placement import placed_sources
from .table_remarks import check_searched
from .target import Target

PARTLY_COVERED = "platform-covers-part"
"""Code of a rule of which the platform's tables hold a part of the sources."""


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """A rule as one target reads it, and what a person must know about that."""

    rule: PortableRule
    """What the target's text says."""
    diagnostics: tuple[Diagnostic, ...] = ()
    dropped: Dropped | None = None
    """What was left out of it."""


def placed(rule: PortableRule, target: Target) -> PlacedRule:
    """Return the rule with the pack and tables of the target's platform; as it is where there are none.

    Conditions without a counterpart there are left out where the user says so; raises `Unsupported` where
    nothing would be left.
    """
    there = _on_platform(rule, target)
    if not (rule.options.drops_unmapped and target.platform and there.rule.every_pack):
        return there
    try:
        render_placed(there, target)
    except Unsupported:
        dropped = drop_unmapped(there.rule, target)
        return there if dropped is None else replace(there, rule=dropped.rule, dropped=dropped)
    return there


def _on_platform(rule: PortableRule, target: Target) -> PlacedRule:
    if not target.platform:
        return PlacedRule(rule)
    loaded = load_documents(rule.documents, rule.path)
    if rule.pack is None and not indices_of(rule.documents):
        several = placed_sources(rule, loaded, target.platform)
        if several is not None:
            return PlacedRule(*several)
    found = _pack_on(rule, loaded, target.platform)
    if found is None:
        return PlacedRule(rule)
    pack, remarks = found
    names = sorted({name for one in loaded.collection.rules for name in fields_of(one)})
    rules = [one for one in loaded.collection.rules if isinstance(one, SigmaRule)]
    options = rule.options
    choice, more = chosen_tables(pack, target.platform, names, rules, options, options.tables)
    known = rule.pack is not None and rule.pack.name == pack.name and not choice.pack.is_recorded
    there = replace(rule, pack=choice.pack) if known else with_pack(rule, choice.pack)
    return PlacedRule(there, (*remarks, *more))


def _pack_on(
    rule: PortableRule, loaded: LoadedRules, platform: str
) -> tuple[MappingPack, tuple[Diagnostic, ...]] | None:
    if rule.pack is not None and rule.pack.whole_choices(platform):
        return rule.pack, ()
    sections = [section_of(one) for one in loaded.collection.rules if isinstance(one, SigmaRule)]
    if not sections or any(section != sections[0] for section in sections):
        return None
    indices = indices_of(rule.documents)
    if rule.pack is None and indices:
        return _pack_of_indices(indices, sections[0], platform, rule.options.packs, loaded)
    for pack in mapping.packs_for_log_source(sections[0], rule.options.packs):
        if pack.whole_choices(platform):
            return pack, ()
    return None


def _pack_of_indices(
    indices: Sequence[str],
    section: Mapping[str, str],
    platform: str,
    own: Sequence[MappingPack],
    loaded: LoadedRules,
) -> tuple[MappingPack, tuple[Diagnostic, ...]] | None:
    """Return the pack that covers most of the indices and then keeps most fields, under ECS names.

    What only packs of the other indices know is absent from its events.
    """
    names = {name for one in loaded.collection.rules for name in fields_of(one)}
    covered = [
        (pack, found)
        for pack in (*own, *mapping.packs())
        if (found := [index for index in indices if mapping.covers_index(pack, index)])
    ]
    there = [(pack, found) for pack, found in covered if pack.whole_choices(platform)]
    if not there:
        return None
    pack, found = max(there, key=lambda one: (len(one[1]), len(_kept(one[0], names))))
    left = [index for index in indices if index not in found and not index.startswith("-")]
    elsewhere = {
        name: entry
        for name in sorted(names)
        for other, some in covered
        if not set(some) <= set(found)
        if pack.by_ecs(name) is None and (entry := other.by_ecs(name))
    }
    absent = tuple(
        PackField(name, name, type=one.type, is_absent=True) for name, one in elsewhere.items()
    )
    plain = [one for one in loaded.collection.rules if isinstance(one, SigmaRule)]
    named = under_ecs_names(pack, section, names, demands_of(plain), required_by(plain))
    return replace(named, fields=named.fields + absent), tuple(_part(pack, left, platform))


def _kept(pack: MappingPack, names: Collection[str]) -> list[str]:
    entries = {name: pack.by_ecs(name) for name in names}
    return [name for name, entry in entries.items() if entry is not None and not entry.refused]


def _part(pack: MappingPack, left: Sequence[str], platform: str) -> Iterator[Diagnostic]:
    if left:
        what = (
            f"in {PLATFORMS[platform]} the rule is written for {pack.title} (pack {pack.name}); what it"
            f" finds in {', '.join(left)} is not in these tables"
        )
        yield Diagnostic(PARTLY_COVERED, Severity.WARNING, what)


def render_placed(
    there: PlacedRule, target: Target, output_format: str = "default"
) -> RenderedQuery:
    """Render a rule that was placed for the target; raises `Unsupported`."""
    rule = there.rule
    rendered = render(
        rule.documents,
        rule.path,
        target,
        rule.pack,
        output_format,
        rule.options.values,
        rule.options.declared,
        tuple(notes_of(there.dropped.losses, rule.plan)) if there.dropped else (),
        rule.packs,
    )
    if target.platform and rule.every_pack and rule.options.tables:
        loaded = load_documents(rule.documents, rule.path)
        check_searched(rendered.searched, rule.options.tables, rule.pack, loaded)
    return replace(rendered, diagnostics=(*there.diagnostics, *rendered.diagnostics))
