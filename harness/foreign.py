"""Any installed pySigma backend as a claim: `pysigma:BACKEND[+PIPELINE...]`.

A backend that cannot render the correlation is judged on its base rule. A case modifier that it cannot
take is dropped and said so; the difference in case is then part of the verdict.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import cast

import yaml
from sigma.conversion.base import Backend
from sigma.exceptions import SigmaError
from sigma.plugins import InstalledSigmaPlugins

from converter import mapping
from converter.diagnostic import Diagnostic, Severity
from converter.errors import InputError, Unsupported
from converter.ir import Correlation, FieldType, Filter, NewTerms, Threshold
from converter.ir.plan import term_names
from converter.layout import Layout
from converter.placement import placed
from converter.port import PortableRule
from converter.registry import target_named
from converter.render import convert_with, render
from sigma.sigmaproof.loader import load_documents
from sigma.sigmaproof.pack_pipelines import fields_of

from .engines.registry import engine_for
from .subject import Subject
from .subjects import events_layout, view_of

FOREIGN = "pysigma:"

_LANGUAGES = {
    "kusto": "kusto",
    "sigmaproof_kusto": "kusto",
    "lucene": "lucene",
    "sigmaproof_lucene": "lucene",
    "kuery": "kuery",
    "esql": "esql",
    "sigmaproof_esql": "esql",
    "eql": "eql",
}
"""Language by identifier of the backends that ship with the packages we depend on."""


@dataclass(frozen=True, slots=True)
class _Converted:
    text: str
    is_base_only: bool
    diagnostics: tuple[Diagnostic, ...]


def foreign_subject(rule: PortableRule, name: str, fields: str) -> Subject:
    """Let a foreign backend render the rule; raises `Unsupported` where it refuses."""
    identifier, *pipelines = name.removeprefix(FOREIGN).split("+")
    language = _language(identifier)
    converted = _convert(rule, identifier, pipelines)
    if isinstance(rule.plan, Correlation) and not converted.is_base_only:
        raise Unsupported(
            f"the text of the backend {identifier} for a correlation that slides: its rows are no groups"
            " and instants that alerts could be compared by",
            hint="verify the base rules on their own",
        )
    subject = Subject(
        target=name,
        text=converted.text,
        language=language,
        terms=() if converted.is_base_only else _term_names(rule),
        history=None if converted.is_base_only else _history(rule),
        schema=rule.schema,
        is_base_only=converted.is_base_only,
        counts_again=_is_count(rule) and not converted.is_base_only,
        diagnostics=converted.diagnostics,
    )
    if language == "kusto":
        return _on_tables(rule, subject, fields)
    chosen = fields or ("ecs" if pipelines else "sigma")
    if chosen == "ecs":
        return subject
    if chosen == "sigma":
        return _on_sigma_names(rule, subject)
    raise InputError(f"--fields {fields}: {identifier} reads documents; use sigma or ecs")


def _language(identifier: str) -> str:
    if identifier not in _plugins().backends:
        known = ", ".join(sorted(_plugins().backends))
        raise InputError(f"unknown pySigma backend {identifier!r}; installed are {known}")
    language = _LANGUAGES.get(identifier)
    if language is None or engine_for(language) is None:
        raise Unsupported(f"nothing here executes what the backend {identifier} writes")
    return language


@lru_cache(maxsize=1)
def _plugins() -> InstalledSigmaPlugins:
    return InstalledSigmaPlugins.autodiscover()


def _backend(identifier: str, pipelines: list[str]) -> Backend:
    for name in pipelines:
        if name not in _plugins().pipelines and not Path(name).is_file():
            known = ", ".join(sorted(_plugins().pipelines))
            raise InputError(f"unknown pipeline {name!r}; give a file or one of {known}")
    pipeline = _plugins().get_pipeline_resolver().resolve(list(pipelines)) if pipelines else None
    # pySigma annotates the registry with instances, but holds classes.
    backend = cast("type[Backend]", _plugins().backends[identifier])
    return backend(processing_pipeline=pipeline)


def _convert(rule: PortableRule, identifier: str, pipelines: list[str]) -> _Converted:
    """Try the whole rule, a count without case modifiers too, then its base rule, then that without."""
    attempts = (
        (rule.documents, False, False),
        *([(_without_case(rule.documents), False, True)] if _is_count(rule) else []),
        (_base_documents(rule.documents), True, False),
        (_without_case(_base_documents(rule.documents)), True, True),
    )
    refusal: Exception | None = None
    for documents, is_base, is_caseless in attempts:
        try:
            text, _ = convert_with(_backend(identifier, pipelines), documents, rule.path, "default")
        except (Unsupported, SigmaError, NotImplementedError, KeyError, ValueError) as error:
            refusal = error
            continue
        return _Converted(
            text, is_base and _is_correlation(rule), _remarks(rule, is_base, is_caseless)
        )
    raise Unsupported(
        f"the backend {identifier} refuses even the base rule: {refusal}"
    ) from refusal


def _is_correlation(rule: PortableRule) -> bool:
    return not isinstance(rule.plan, Filter)


def _is_count(rule: PortableRule) -> bool:
    return isinstance(rule.plan, Threshold)


def _remarks(rule: PortableRule, is_base: bool, is_caseless: bool) -> tuple[Diagnostic, ...]:
    found = []
    if is_base and _is_correlation(rule):
        kind = {"new_terms": "new-terms ", "threshold": "count "}.get(rule.type, "")
        found.append(("base-rule-only", f"the backend cannot render the {kind}correlation"))
    if is_caseless:
        found.append(("case-dropped", "the backend cannot take |cased, so it compares in any case"))
    return tuple(Diagnostic(code, Severity.WARNING, text) for code, text in found)


def _base_documents(documents: str) -> str:
    kept = [one for one in yaml.safe_load_all(documents) if one and "correlation" not in one]
    return yaml.safe_dump_all(kept, sort_keys=False, allow_unicode=True)


def _without_case(documents: str) -> str:
    return yaml.safe_dump_all(
        [_uncased(one) for one in yaml.safe_load_all(documents)],
        sort_keys=False,
        allow_unicode=True,
    )


def _uncased(node: object) -> object:
    match node:
        case dict():
            return {str(key).replace("|cased", ""): _uncased(inner) for key, inner in node.items()}
        case list():
            return [_uncased(inner) for inner in node]
        case _:
            return node


def _term_names(rule: PortableRule) -> tuple[str, ...]:
    return term_names(rule.plan)


def _history(rule: PortableRule) -> timedelta | None:
    return rule.plan.history if isinstance(rule.plan, NewTerms) else None


def _on_sigma_names(rule: PortableRule, subject: Subject) -> Subject:
    """Give the documents the field names that Sigma rules use."""
    names = _sigma_names(rule)
    types: dict[str, FieldType] = {
        names.get(name, name): t for name, t in rule.schema.types.items()
    }
    single = frozenset(names.get(name, name) for name in rule.schema.single_valued)
    return replace(
        subject,
        schema=replace(
            rule.schema,
            types={**rule.schema.types, **types},
            single_valued=rule.schema.single_valued | single,
        ),
        names=names,
        terms=tuple(names.get(term, term) for term in subject.terms),
    )


def _sigma_names(rule: PortableRule) -> dict[str, str]:
    """Return ECS names to the names that rules use; of several, the one that this rule uses.

    Raises `Unsupported` where documents hold a field in another form than the rule asks for.
    """
    pack = rule.pack
    if pack is None:
        return {}
    if not pack.log_sources:
        return {entry.ecs: entry.sigma for entry in pack.fields}
    rules = load_documents(rule.documents, rule.path).collection.rules
    used = {name for one in rules for name in fields_of(one)}
    names: dict[str, str] = {}
    for entry in pack.fields:
        if entry.sigma not in used:
            continue
        fields = {other.ecs for other in pack.named(entry.sigma)}
        taken = names.get(entry.ecs, entry.sigma)
        if entry.is_rewritten or taken != entry.sigma or len(fields) > 1:
            raise Unsupported(
                f"field {entry.sigma}, which documents hold in another form than events",
                hint=f"give the backend a pipeline to ECS: BACKEND+{pack.name}_ecs",
            )
        names[entry.ecs] = entry.sigma
    return names


def _on_tables(rule: PortableRule, subject: Subject, fields: str) -> Subject:
    """Put the condition behind a table; the stock backend writes none without a pipeline."""
    rule = placed(rule, target_named("sentinel")).rule
    has_tables = rule.pack is not None and bool(rule.pack.whole_choices("sentinel"))
    if fields == "ecs" or (not fields and not has_tables):
        table = "Events"
        layouts: tuple[Layout, ...] = (events_layout(rule),)
    elif rule.pack is None or not has_tables:
        raise InputError(f"--fields {fields}: no mapping pack has tables for this rule; use ecs")
    else:
        layouts = mapping.table_layouts(rule.pack)
        known = [layout.name for layout in layouts]
        table = fields if fields in known else _only_table(rule, known)
    text = subject.text if subject.text.startswith(table) else f"{table}\n| where {subject.text}"
    return replace(subject, text=text, tables=view_of(rule, layouts))


def _only_table(rule: PortableRule, known: list[str]) -> str:
    """Return the one table that the rule's own Kusto rendering reads."""
    text = render(rule.documents, rule.path, target_named("sentinel"), rule.pack).text
    used = [name for name in known if name in text.split()]
    if len(used) != 1:
        raise InputError(
            f"the rule reads {len(used)} tables; choose one by --fields: {', '.join(known)}"
        )
    return used[0]
