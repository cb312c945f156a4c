"""Correlations over rules of several log sources on a platform: the pack and tables of each log source."""

from __future__ import annotations

from collections.abc import Sequence

from sigma.exceptions import SigmaError

from sigma.sigmaproof.correlation import CorrelationSpec
from sigma.sigmaproof.loader import LoadedRules
from sigma.sigmaproof.mapping import PLATFORMS
from sigma.sigmaproof.several_packs import Section, SourcePack

from . import mapping
from .chosen_tables import chosen_tables
from .diagnostic import Diagnostic
from .errors import InputError, Unsupported
from .mapping import MappingPack
from .port import PortableRule, with_packs
from .several_packs import Sources, distinct_sections, rules_of, sliding, sources_of

_SOURCE = ("product", "service", "category")
"""Keys of a log source, the widest first."""


def placed_sources(
    rule: PortableRule, loaded: LoadedRules, platform: str
) -> tuple[PortableRule, tuple[Diagnostic, ...]] | None:
    """Return the rule with the packs and tables of its log sources; None where it has one log source only.

    Raises `Unsupported` where it is no correlation that slides, or some log source has no tables there.
    """
    sections = distinct_sections(rules_of(loaded))
    if len(sections) < 2:
        return None
    spec = _sliding(loaded, sections)
    sources = sources_of(spec, _packs_of(sections, rule.options.packs, platform))
    _check_wanted(rule.options.tables, sources, platform)
    placed: list[SourcePack] = []
    remarks: list[Diagnostic] = []
    for one in sources:
        own = {table.name for table in one.pack.tables}
        wanted = [name for name in rule.options.tables if name in own]
        choice, some = chosen_tables(one.pack, platform, one.names, one.rules, rule.options, wanted)
        placed.append(one.with_pack(choice.pack))
        remarks += some
    return with_packs(rule, placed), tuple(dict.fromkeys(remarks))


def _sliding(loaded: LoadedRules, sections: Sequence[Section]) -> CorrelationSpec:
    try:
        spec = sliding(loaded)
    except SigmaError as error:
        raise Unsupported(" ".join(str(error).split())) from error
    if spec is None:
        raise Unsupported(
            f"the rules are of several log sources ({_listed(sections)}); only a correlation whose windows"
            " slide can read several",
            hint="correlate rules of one log source, or use the target kusto-ecs",
        )
    return spec


def _packs_of(
    sections: Sequence[Section], own: Sequence[MappingPack], platform: str
) -> list[tuple[Section, MappingPack]]:
    """Return the pack of each log source; raises where one has no tables on the platform."""
    found = [(one, _pack_of(one, own, platform)) for one in sections]
    without = [one for one, pack in found if pack is None]
    if without:
        raise Unsupported(
            f"no mapping pack knows tables of {PLATFORMS[platform]} for all log sources of the"
            f" correlation; none for {_listed(without)}",
            hint="correlate rules of other log sources, use the target kusto-ecs, or add a pack",
        )
    return [(one, pack) for one, pack in found if pack is not None]


def _pack_of(section: Section, own: Sequence[MappingPack], platform: str) -> MappingPack | None:
    there = mapping.packs_for_log_source(dict(section), own)
    return next((one for one in there if one.whole_choices(platform)), None)


def _check_wanted(wanted: Sequence[str], sources: Sequence[Sources], platform: str) -> None:
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


def _listed(sections: Sequence[Section]) -> str:
    names = (", ".join(f"{key} {one[key]}" for key in _SOURCE if one.get(key)) for one in sections)
    return "; ".join(names)
