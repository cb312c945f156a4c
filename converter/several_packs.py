"""A correlation over rules of several log sources, as the packs of these log sources read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from sigma.sigmaproof.assumed_types import assumed_types
from sigma.sigmaproof.correlation import number_fields
from sigma.sigmaproof.loader import LoadedRules, load_documents
from sigma.sigmaproof.pack_values import PackValues
from sigma.sigmaproof.several_packs import SourcePack, pack_of_rule

from . import mapping
from .errors import Unsupported
from .ir import FieldType, Schema
from .ir.plan import fields_read
from .languages import sigma
from .languages.sigma.diagnose import SEVERAL_SOURCES
from .port import PortableRule
from .schema_files import DeclaredTypes


def with_packs(rule: PortableRule, packs: Sequence[SourcePack]) -> PortableRule:
    """Return the rule as the packs of its log sources read it.

    Raises `Unsupported` where it is no correlation that slides, and where the packs contradict each other.
    """
    loaded = load_documents(rule.documents, rule.path)
    bases = [one for one in loaded.collection.rules if isinstance(one, SigmaRule)]
    _translate_values(bases, packs)
    declared = rule.options.declared
    schema = _as_used(
        _joined([mapping.ecs_schema(one.pack, declared) for one in packs]), loaded, packs
    )
    plan = sigma.lower_of_sources(loaded, lambda base: _source_of(base, packs), schema)
    _refuse_contradictions(fields_read(plan), packs, declared)
    return replace(
        rule,
        plan=plan,
        source_plan=None,
        schema=schema,
        pack=None,
        packs=tuple(packs),
        diagnostics=tuple(one for one in rule.diagnostics if one.code != SEVERAL_SOURCES),
    )


def _source_of(base: SigmaRule, packs: Sequence[SourcePack]) -> sigma.RuleSource:
    pack = pack_of_rule(base, packs)
    return sigma.RuleSource(pack.ecs_names, mapping.log_source_predicate(pack))


def _translate_values(bases: Sequence[SigmaRule], packs: Sequence[SourcePack]) -> None:
    """Let the rules compare what documents hold where that is not what the vendor's event holds."""
    try:
        for base in bases:
            PackValues(pack_of_rule(base, packs)).apply(base)
    except SigmaError as error:
        raise Unsupported(str(error)) from error


def _joined(schemas: Sequence[Schema]) -> Schema:
    """Join what is known of fields; one that some log source fills with several values may hold several."""
    types: dict[str, FieldType] = {}
    for one in schemas:
        types = {**one.types, **types}
    single = frozenset(
        name
        for name in types
        if all(name in one.single_valued for one in schemas if one.knows(name))
    )
    return replace(schemas[0], types=types, single_valued=single)


def _as_used(schema: Schema, loaded: LoadedRules, packs: Sequence[SourcePack]) -> Schema:
    """Give fields that nobody declared the type that the rules use them as, as the backends do."""
    used: dict[str, str] = {}
    for rule in loaded.collection.rules:
        match rule:
            case SigmaRule():
                names = pack_of_rule(rule, packs).ecs_names
                shown = {
                    names.get(name, name): kind for name, kind in assumed_types([rule]).items()
                }
                used = {**shown, **used}
            case SigmaCorrelationRule():
                measured = number_fields(rule).items()
                every = [one.pack.ecs_names for one in packs]
                used = {
                    names.get(name, name): kind for name, kind in measured for names in every
                } | used
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
        if len(types) > 1:
            listed = ", ".join(f"{kind.value} in pack {pack}" for kind, pack in types.items())
            raise Unsupported(
                f"the packs of the rules do not agree on the type of {name}: {listed}",
                hint="correlate rules of one log source",
            )
