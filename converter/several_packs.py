"""A correlation over rules of several log sources, as the packs of these log sources read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from sigma.sigmaproof.assumed_types import assumed_types
from sigma.sigmaproof.correlation import (
    CorrelatedSpec,
    CorrelationSpec,
    correlation_of,
    number_fields,
)
from sigma.sigmaproof.ecs import FieldTypes
from sigma.sigmaproof.loader import LoadedRules
from sigma.sigmaproof.new_terms import new_terms_of
from sigma.sigmaproof.pack_pipelines import fields_of, section_of
from sigma.sigmaproof.pack_values import PackValues
from sigma.sigmaproof.several_packs import Section, SourcePack, pack_of_rule
from sigma.sigmaproof.threshold import threshold_of

from . import mapping
from .errors import Unsupported
from .ir import FieldType, Plan, Schema
from .ir.plan import fields_read
from .languages import sigma
from .mapping import MappingPack
from .schema_files import DeclaredTypes

_KEYWORDS = frozenset({"keyword", "constant_keyword", "wildcard"})
"""Field types of Elasticsearch that hold texts as they are."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Rules whose log sources one pack covers, and what a correlation reads of their events."""

    pack: MappingPack
    rules: tuple[SigmaRule, ...]
    called: tuple[str, ...]
    """What the correlation calls them."""
    read: tuple[str, ...]
    """The fields of its groups, and the one that it measures."""

    @property
    def names(self) -> list[str]:
        """Return every field that is read of their events."""
        return sorted({*self.read, *(name for rule in self.rules for name in fields_of(rule))})

    def with_pack(self, pack: MappingPack) -> SourcePack:
        """Return the pack that reads these rules."""
        sections = tuple(distinct_sections(self.rules))
        return SourcePack(self.called, sections, pack, self.read)


def distinct_sections(rules: Sequence[SigmaRule]) -> list[Section]:
    """Return the log sources of rules, each once."""
    found: list[Section] = []
    for rule in rules:
        if (section := section_of(rule)) not in found:
            found.append(section)
    return found


def rules_of(loaded: LoadedRules) -> list[SigmaRule]:
    """Return the rules that are no correlations."""
    return [one for one in loaded.collection.rules if isinstance(one, SigmaRule)]


def sliding(loaded: LoadedRules) -> CorrelationSpec | None:
    """Return what a correlation that slides asks for; None for any other rule.

    Raises `SigmaError` for what is refused of it.
    """
    main = loaded.main_rules[-1]
    if not isinstance(main, SigmaCorrelationRule) or new_terms_of(main) or threshold_of(main):
        return None
    return correlation_of(main)


def sources_of(
    spec: CorrelationSpec, packs: Sequence[tuple[Section, MappingPack]]
) -> list[Sources]:
    """Return the packs, each once, with the rules of their log sources."""
    found: list[tuple[MappingPack, list[CorrelatedSpec]]] = []
    for section, pack in packs:
        own = [one for one in spec.rules if section_of(one.rule) == section]
        known = next((rules for other, rules in found if other == pack), None)
        if known is None:
            found.append((pack, own))
        else:
            known += own
    measured = [spec.field] if spec.field else []
    return [
        Sources(
            pack,
            tuple({id(one.rule): one.rule for one in own}.values()),
            tuple(one.name for one in own),
            tuple(dict.fromkeys([*(name for one in own for name in one.group), *measured])),
        )
        for pack, own in found
    ]


def packs_of_sources(loaded: LoadedRules, own: Sequence[MappingPack]) -> tuple[SourcePack, ...]:
    """Return the packs of a correlation over several log sources, by which documents are read.

    None where some log source has no pack, and for anything but a correlation that slides.
    """
    sections = distinct_sections(rules_of(loaded))
    found = [(one, mapping.pack_for_log_source(dict(one), own)) for one in sections]
    packs = [(one, pack) for one, pack in found if pack is not None]
    if len(sections) < 2 or len(packs) < len(sections):
        return ()
    try:
        spec = sliding(loaded)
    except SigmaError:
        return ()  # whatever gives it a meaning says why it has none
    sources = sources_of(spec, packs) if spec else []
    return tuple(one.with_pack(one.pack.with_rest(one.names)) for one in sources)


def meaning_of_sources(
    loaded: LoadedRules, packs: Sequence[SourcePack], declared: DeclaredTypes
) -> tuple[Plan, Schema]:
    """Return what a correlation over several log sources means, and the types of the fields.

    Raises `Unsupported` where the packs contradict each other on a field that is read.
    """
    _translate_values(loaded, packs)
    known = mapping.schema_of(joined_types(packs, declared), declared)
    schema = _as_used(known, loaded, packs)
    plan = sigma.lower_of_sources(loaded, lambda base: _source_of(base, packs), schema)
    _refuse_contradictions(fields_read(plan), packs, declared)
    return plan, schema


def joined_types(packs: Sequence[SourcePack], declared: DeclaredTypes) -> FieldTypes:
    """Join what packs know of fields: one that some log source fills with several values may hold several."""
    every = [mapping.known_types(one.pack, declared) for one in packs]
    joined = reduce(FieldTypes.merged, [*reversed(every), _texts(every)])
    multiple = frozenset().union(*(one.multiple for one in every))
    single = frozenset().union(*(one.single for one in every)) - multiple
    return FieldTypes(joined.types, multiple, single, joined.refused)


def _texts(every: Sequence[FieldTypes]) -> FieldTypes:
    """Return the fields that packs keep as texts of different types, which compare alike."""
    kinds: dict[str, set[str]] = {}
    for one in every:
        for name, kind in one.types.items():
            kinds.setdefault(name, set()).add(kind)
    mixed = (name for name, found in kinds.items() if len(found) > 1 and found <= _KEYWORDS)
    return FieldTypes(dict.fromkeys(mixed, "keyword"), frozenset())


def _source_of(base: SigmaRule, packs: Sequence[SourcePack]) -> sigma.RuleSource:
    pack = pack_of_rule(base, packs)
    return sigma.RuleSource(pack.ecs_names, mapping.log_source_predicate(pack))


def _translate_values(loaded: LoadedRules, packs: Sequence[SourcePack]) -> None:
    """Let the rules compare what documents hold where that is not what the vendor's event holds."""
    try:
        for base in rules_of(loaded):
            PackValues(pack_of_rule(base, packs)).apply(base)
    except SigmaError as error:
        raise Unsupported(str(error)) from error


def _as_used(schema: Schema, loaded: LoadedRules, packs: Sequence[SourcePack]) -> Schema:
    """Give fields that nobody declared the type that the rules use them as, as the backends do."""
    used: dict[str, str] = {}
    for rule in loaded.collection.rules:
        match rule:
            case SigmaRule():
                names = pack_of_rule(rule, packs).ecs_names
                shown = {names.get(one, one): kind for one, kind in assumed_types([rule]).items()}
                used = {**shown, **used}
            case SigmaCorrelationRule():
                every = [one.pack.ecs_names for one in packs]
                measured = number_fields(rule).items()
                used |= {names.get(one, one): kind for one, kind in measured for names in every}
            case _:
                pass
    types = {name: FieldType(kind) for name, kind in used.items() if not schema.knows(name)}
    return replace(schema, types={**schema.types, **types})


def _refuse_contradictions(
    read: frozenset[str], packs: Sequence[SourcePack], declared: DeclaredTypes
) -> None:
    schemas = [(one.pack.name, mapping.ecs_schema(one.pack, declared)) for one in packs]
    for name in sorted(read):
        types = {schema.type_of(name): pack for pack, schema in schemas if schema.knows(name)}
        if len(types) > 1 and not {kind.value for kind in types} <= _KEYWORDS:
            listed = ", ".join(f"{kind.value} in pack {pack}" for kind, pack in types.items())
            raise Unsupported(
                f"the packs of the rules do not agree on the type of {name}: {listed}",
                hint="correlate rules of one log source",
            )
