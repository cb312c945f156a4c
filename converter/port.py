"""Rule files -> rules ready to be ported: Sigma documents, their meaning, and where they came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from sigma.sigmaproof.assumed_types import assumed_types
from sigma.sigmaproof.correlation import number_fields
from sigma.sigmaproof.grouped_parts import grouped_parts
from sigma.sigmaproof.loader import LoadedRules, load_documents
from sigma.sigmaproof.pack_pipelines import fields_of
from sigma.sigmaproof.pack_values import PackValues
from sigma.sigmaproof.several_packs import SourcePack

from . import mapping
from .diagnostic import Diagnostic, Severity
from .elastic import ElasticRule, plan_of
from .elastic import read_rules as read_elastic_rules
from .elastic.threat_match import read_threat_matches
from .errors import Unsupported
from .importers import CaseChoice, import_rule, integrations_of, rule_schema, threat_match
from .ir import (
    ALWAYS,
    And,
    Correlation,
    FieldType,
    Filter,
    NewTerms,
    Plan,
    Schedule,
    Schema,
    Threshold,
)
from .ir.plan import fields_read, with_bases
from .languages import kuery, lucene, sigma
from .languages.sigma.diagnose import SEVERAL_SOURCES
from .mapping import MappingPack
from .schema_files import NOTHING_DECLARED, DeclaredTypes
from .several_packs import meaning_of_sources, packs_of_sources

ValueTables = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the user decides about a conversion."""

    is_case_exact: bool = True
    """Keep Elastic's exact comparison (`|cased`) instead of Sigma's wider one."""
    values: ValueTables = field(default_factory=dict)
    """More entries for value tables of mapping packs, by ECS field."""
    declared: DeclaredTypes = NOTHING_DECLARED
    """Field types of schema files."""
    packs: tuple[MappingPack, ...] = ()
    """Mapping packs of the user, which come before the installed ones."""
    drops_unmapped: bool = False
    """Leave out conditions that a target's tables have no counterpart for, instead of refusing the rule."""
    enrichment: Mapping[str, str] = field(default_factory=dict)
    """Where fields are looked up, by ECS name, of the choices that packs offer."""
    tables: tuple[str, ...] = ()
    """The tables that the user has, where a pack knows several that can hold the events."""


@dataclass(frozen=True, slots=True)
class PortableRule:
    """One rule as Sigma documents, with its meaning on events with ECS names."""

    path: str
    id: str
    title: str
    type: str
    documents: str
    """Sigma YAML: the rule and what it refers to."""
    plan: Plan
    """The Sigma rule's meaning."""
    source_plan: Plan | None
    """The meaning of the Elastic rule that it was made from."""
    schedule: Schedule
    schema: Schema
    pack: MappingPack | None
    options: ImportOptions
    diagnostics: tuple[Diagnostic, ...] = ()
    sources: tuple[str, ...] = ()
    """The integrations that an Elastic rule names; the product of a Sigma rule."""
    packs: tuple[SourcePack, ...] = ()
    """The packs of a correlation whose rules are of several log sources; `pack` is None then."""

    @property
    def every_pack(self) -> tuple[MappingPack, ...]:
        """Return the pack, or those of all log sources."""
        one = (self.pack,) if self.pack is not None else ()
        return one or tuple(each.pack for each in self.packs)


def read_rules(text: str, path: str, options: ImportOptions) -> list[PortableRule]:
    """Read an Elastic or Sigma rule file; the format is told by name, else by content."""
    if _is_sigma(text, path):
        return [_from_sigma(text, path, options)]
    return [_from_elastic(rule, options) for rule in read_elastic_rules(text, path)]


@dataclass(frozen=True, slots=True)
class PlaceholderRule:
    """A rule as Sigma documents with lists that are to be filled in, so that it has no meaning yet."""

    title: str
    documents: str
    diagnostics: tuple[Diagnostic, ...]


def read_placeholder_rules(text: str, path: str, options: ImportOptions) -> list[PlaceholderRule]:
    """Read the rules of a file that match events against indicators; none in a Sigma file."""
    if _is_sigma(text, path):
        return []
    case: CaseChoice = "exact" if options.is_case_exact else "insensitive"
    found = []
    for rule in read_threat_matches(text, path):
        conversion = threat_match.convert(rule, case, options.declared, options.packs)
        header = rule.base.header
        found.append(PlaceholderRule(header.name, conversion.yaml, conversion.diagnostics))
    return found


def _is_sigma(text: str, path: str) -> bool:
    if path.endswith((".yml", ".yaml")):
        return True
    if path.endswith((".toml", ".json", ".ndjson")):
        return False
    return not text.lstrip().startswith(("{", "["))


def _from_elastic(rule: ElasticRule, options: ImportOptions) -> PortableRule:
    case: CaseChoice = "exact" if options.is_case_exact else "insensitive"
    conversion = import_rule(rule, case, options.declared, options.packs)
    loaded = load_documents(conversion.yaml, rule.header.path)
    pack = _pack_of(loaded, options.packs)
    schema = _extended(rule_schema(pack, options.declared), conversion.assumed)
    schema = _as_used(schema, loaded, pack)
    plan, remarks = _meaning(loaded, pack, schema)
    source = _in_indices(_elastic_plan(rule, schema), pack, options.packs)
    asked = fields_read(source) | fields_read(plan)
    return PortableRule(
        path=rule.header.path,
        id=rule.header.id,
        title=rule.header.name,
        type=_type_of(plan),
        documents=conversion.yaml,
        plan=plan,
        source_plan=source,
        schedule=rule.schedule,
        schema=schema,
        pack=pack,
        options=options,
        diagnostics=(*conversion.diagnostics, *remarks, *options.declared.diagnostics(asked)),
        sources=tuple(integrations_of(rule.header.extra)),
    )


def _from_sigma(text: str, path: str, options: ImportOptions) -> PortableRule:
    loaded = load_documents(text, path)
    main = loaded.main_rules[-1]
    pack = _pack_of(loaded, options.packs)
    packs = packs_of_sources(loaded, options.packs)
    if packs:
        remarks = _remarks_of_sources(loaded)
        plan, schema = meaning_of_sources(loaded, packs, options.declared)
    else:
        schema = _as_used(mapping.ecs_schema(pack, options.declared), loaded, pack)
        plan, remarks = _meaning(loaded, pack, schema)
    return PortableRule(
        path=path,
        id=str(main.id or ""),
        title=main.title or path,
        type=_type_of(plan),
        documents=text,
        plan=plan,
        source_plan=None,
        schedule=sigma.schedule_of(loaded),
        schema=schema,
        pack=pack,
        options=options,
        diagnostics=(
            *remarks,
            *_grouped_parts(loaded, pack, packs),
            *options.declared.diagnostics(fields_read(plan)),
        ),
        sources=_products(loaded),
        packs=packs,
    )


def _grouped_parts(
    loaded: LoadedRules, pack: MappingPack | None, packs: Sequence[SourcePack]
) -> Iterator[Diagnostic]:
    """Yield what is lost of fields of groups that documents keep in parts."""
    correlations = [one for one in loaded.collection.rules if isinstance(one, SigmaCorrelationRule)]
    names = [name for one in correlations for name in fields_of(one)]
    read = [(names, pack)] if pack else [(list(one.read), one.pack) for one in packs]
    found = (note for some, of in read for note in grouped_parts(some, of))
    for code, message in dict.fromkeys(found):
        yield Diagnostic(code, Severity.WARNING, message)


def _remarks_of_sources(loaded: LoadedRules) -> tuple[Diagnostic, ...]:
    """Return what a person must know of rules whose log sources all have packs."""
    return tuple(one for one in sigma.diagnostics_of(loaded) if one.code != SEVERAL_SOURCES)


def _products(loaded: LoadedRules) -> tuple[str, ...]:
    rules = (rule for rule in loaded.collection.rules if isinstance(rule, SigmaRule))
    named = (rule.logsource.product or rule.logsource.category for rule in rules)
    return tuple(dict.fromkeys(str(name) for name in named if name))


def with_pack(rule: PortableRule, pack: MappingPack) -> PortableRule:
    """Return the rule as another pack of its log source reads it; it is not compared with its source."""
    loaded = load_documents(rule.documents, rule.path)
    schema = _as_used(mapping.ecs_schema(pack, rule.options.declared), loaded, pack)
    plan, _ = _meaning(loaded, pack, schema)
    return replace(rule, plan=plan, source_plan=None, schema=schema, pack=pack)


def with_packs(rule: PortableRule, packs: Sequence[SourcePack]) -> PortableRule:
    """Return a correlation as other packs of its log sources read it."""
    loaded = load_documents(rule.documents, rule.path)
    plan, schema = meaning_of_sources(loaded, packs, rule.options.declared)
    return replace(rule, plan=plan, source_plan=None, schema=schema, packs=tuple(packs))


def with_documents(rule: PortableRule, documents: str) -> PortableRule:
    """Return the rule with other Sigma documents, and what they mean."""
    loaded = load_documents(documents, rule.path)
    if rule.packs:
        plan, _ = meaning_of_sources(loaded, rule.packs, rule.options.declared)
    else:
        plan, _ = _meaning(loaded, rule.pack, rule.schema)
    return replace(rule, documents=documents, plan=plan, type=_type_of(plan))


def _meaning(
    loaded: LoadedRules, pack: MappingPack | None, schema: Schema
) -> tuple[Plan, tuple[Diagnostic, ...]]:
    names = pack.ecs_names if pack else {}
    if pack:
        _translate_values(loaded, pack)
    log_source = mapping.log_source_predicate(pack) if pack else ALWAYS
    plan = sigma.lower(loaded, names, log_source, schema)
    return plan, tuple(sigma.diagnostics_of(loaded))


def _extended(schema: Schema, types: Mapping[str, FieldType]) -> Schema:
    return replace(schema, types={**schema.types, **types}) if types else schema


def _as_used(schema: Schema, loaded: LoadedRules, pack: MappingPack | None) -> Schema:
    """Give fields that nobody declared the type that the rules use them as, as the backends do."""
    names = pack.ecs_names if pack else {}
    rules = [rule for rule in loaded.collection.rules if isinstance(rule, SigmaRule)]
    used = assumed_types(rules)
    for rule in loaded.collection.rules:
        if isinstance(rule, SigmaCorrelationRule):
            used = number_fields(rule) | used
    shown = {names.get(name, name): kind for name, kind in used.items()}
    types = {name: FieldType(kind) for name, kind in shown.items() if not schema.knows(name)}
    return _extended(schema, types)


def _translate_values(loaded: LoadedRules, pack: MappingPack) -> None:
    """Let the rules compare what documents hold where that is not what the vendor's event holds."""
    try:
        for rule in loaded.collection.rules:
            PackValues(pack).apply(rule)
    except SigmaError as error:
        raise Unsupported(str(error)) from error


def _pack_of(loaded: LoadedRules, own: Sequence[MappingPack]) -> MappingPack | None:
    """Return the pack of the log source that all base rules share."""
    sources = {
        (rule.logsource.product, rule.logsource.service, rule.logsource.category)
        for rule in loaded.collection.rules
        if isinstance(rule, SigmaRule)
    }
    if len(sources) != 1:
        return None
    product, service, category = sources.pop()
    log_source = {"product": product, "service": service, "category": category}
    pack = mapping.pack_for_log_source(log_source, own)
    return pack.with_rest(_fields(loaded)) if pack else None


def _fields(loaded: LoadedRules) -> list[str]:
    return sorted({name for rule in loaded.collection.rules for name in fields_of(rule)})


def _elastic_plan(rule: ElasticRule, schema: Schema) -> Plan:
    match rule.language:
        case "kuery":
            predicate = kuery.lower(kuery.parse(rule.query), schema)
        case "lucene":
            predicate = lucene.lower(lucene.parse(rule.query), schema)
        case _:
            assert_never(rule.language)
    return plan_of(rule, predicate, schema)


def _in_indices(plan: Plan, pack: MappingPack | None, own: Sequence[MappingPack]) -> Plan:
    """Add what the indices of a rule say where its query does not: which log source their events are of."""
    if pack is None or fields_read(plan) & mapping.dataset_fields(own):
        return plan
    log_source = mapping.log_source_predicate(pack)
    return with_bases(plan, lambda base: And((log_source, base)))


def _type_of(plan: Plan) -> str:
    match plan:
        case Filter():
            return "query"
        case NewTerms():
            return "new_terms"
        case Threshold():
            return "threshold"
        case Correlation():
            return "correlation"
        case _:
            assert_never(plan)
