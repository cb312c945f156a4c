"""Correlations over rules of several log sources on a platform: the pack and tables of each log source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from sigma.sigmaproof.correlation import CorrelatedSpec, CorrelationSpec, correlation_of
from sigma.sigmaproof.loader import LoadedRules
from sigma.sigmaproof.mapping import PLATFORMS
from sigma.sigmaproof.new_terms import new_terms_of
from sigma.sigmaproof.pack_pipelines import fields_of, section_of
from sigma.sigmaproof.several_packs import Section, SourcePack
from sigma.sigmaproof.threshold import threshold_of

from . import mapping
from .chosen_tables import chosen_tables
from .diagnostic import Diagnostic
from .errors import InputError, Unsupported
from .mapping import MappingPack
from .port import PortableRule
from .several_packs import with_packs

_SOURCE = ("product", "service", "category")
"""Keys of a log source, the widest first."""


@dataclass(slots=True)
class _Source:
    """Rules whose log sources one pack covers."""

    pack: MappingPack
    rules: list[SigmaRule] = field(default_factory=list)


def placed_sources(
    rule: PortableRule, loaded: LoadedRules, platform: str
) -> tuple[PortableRule, tuple[Diagnostic, ...]] | None:
    """Return the rule with the packs and tables of its log sources; None where it has one log source only.

    Raises `Unsupported` where it is no correlation that slides, or some log source has no tables there.
    """
    rules = [one for one in loaded.collection.rules if isinstance(one, SigmaRule)]
    sections = _distinct([section_of(one) for one in rules])
    if len(sections) < 2:
        return None
    spec = _spec_of(loaded)
    if spec is None:
        raise Unsupported(
            f"the rules are of several log sources ({_listed(sections)}); only a correlation whose windows"
            " slide can read several",
            hint="correlate rules of one log source, or use the target kusto-ecs",
        )
    sources = _sources(rules, _packs_of(sections, rule.options.packs, platform))
    _check_wanted(rule.options.tables, sources, platform)
    placed: list[SourcePack] = []
    remarks: list[Diagnostic] = []
    for source in sources:
        correlated = _correlated(spec, source.rules)
        read = _read_of(spec, correlated)
        names = sorted({*read, *(name for one in source.rules for name in fields_of(one))})
        own = {table.name for table in source.pack.tables}
        wanted = [name for name in rule.options.tables if name in own]
        choice, some = chosen_tables(
            source.pack, platform, names, source.rules, rule.options, wanted
        )
        of_rules = _distinct([section_of(one) for one in source.rules])
        called = tuple(one.name for one in correlated)
        placed.append(SourcePack(called, tuple(of_rules), choice.pack, tuple(read)))
        remarks += some
    return with_packs(rule, placed), tuple(dict.fromkeys(remarks))


def _distinct(sections: Sequence[Section]) -> list[Section]:
    found: list[Section] = []
    for one in sections:
        if one not in found:
            found.append(one)
    return found


def _spec_of(loaded: LoadedRules) -> CorrelationSpec | None:
    """Return what a correlation that slides asks for; None for any other rule."""
    main = loaded.main_rules[-1]
    if not isinstance(main, SigmaCorrelationRule):
        return None
    try:
        if new_terms_of(main) or threshold_of(main):
            return None
        return correlation_of(main)
    except SigmaError as error:
        raise Unsupported(" ".join(str(error).split())) from error


def _packs_of(
    sections: Sequence[Section], own: Sequence[MappingPack], platform: str
) -> list[tuple[Section, MappingPack]]:
    """Return the pack of each log source; raises where one has no tables on the platform."""
    found = [(one, _pack_of(one, own, platform)) for one in sections]
    without = [one for one, pack in found if pack is None]
    if without:
        raise Unsupported(
            f"no mapping pack knows tables of {PLATFORMS[platform]} for {_listed(without)}, a log source"
            " of the correlation",
            hint="correlate rules of other log sources, use the target kusto-ecs, or add a pack",
        )
    return [(one, pack) for one, pack in found if pack is not None]


def _pack_of(section: Section, own: Sequence[MappingPack], platform: str) -> MappingPack | None:
    there = mapping.packs_for_log_source(dict(section), own)
    return next((one for one in there if one.whole_choices(platform)), None)


def _sources(
    rules: Sequence[SigmaRule], packs: Sequence[tuple[Section, MappingPack]]
) -> list[_Source]:
    """Return the packs, each once, with the rules of their log sources."""
    found: list[_Source] = []
    for section, pack in packs:
        known = next((one for one in found if one.pack == pack), None)
        if known is None:
            known = _Source(pack)
            found.append(known)
        known.rules += [one for one in rules if section_of(one) == section]
    return found


def _correlated(spec: CorrelationSpec, rules: Sequence[SigmaRule]) -> list[CorrelatedSpec]:
    return [one for one in spec.rules if any(one.rule is rule for rule in rules)]


def _read_of(spec: CorrelationSpec, rules: Sequence[CorrelatedSpec]) -> list[str]:
    """Return what the correlation reads of the events of some rules: their group and what is measured."""
    measured = [spec.field] if spec.field else []
    return list(dict.fromkeys([*(name for one in rules for name in one.group), *measured]))


def _check_wanted(wanted: Sequence[str], sources: Sequence[_Source], platform: str) -> None:
    known = [
        table.name
        for source in sources
        for table in source.pack.tables
        if platform in table.platforms
    ]
    for name in wanted:
        if name not in known:
            raise InputError(
                f"{name} is no table of the rule's log sources; they have"
                f" {', '.join(dict.fromkeys(known))} on {PLATFORMS[platform]}"
            )


def _listed(sections: Sequence[Mapping[str, str]]) -> str:
    names = (", ".join(f"{key} {one[key]}" for key in _SOURCE if one.get(key)) for one in sections)
    return "; ".join(names)
