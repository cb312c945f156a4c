"""Sigma documents and a target -> query text, by driving pySigma.

pySigma's pipelines change the rules they are given, so that every rendering loads the documents anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sigma.conversion.base import Backend
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import SetStateTransformation
from sigma.rule import SigmaDetections, SigmaRule

from sigma.backends.sigmaproof_kuery.backend import RULE
from sigma.backends.sigmaproof_kusto.outputs import ShownColumn
from sigma.sigmaproof.correlation import correlation_of
from sigma.sigmaproof.loader import load_documents
from sigma.sigmaproof.mapping import MappingPack
from sigma.sigmaproof.new_terms import new_terms_of
from sigma.sigmaproof.pack_pipelines import INDEX, VALUES
from sigma.sigmaproof.several_packs import SourcePack
from sigma.sigmaproof.tables import NOTES, TABLES, Table, UnmappedError
from sigma.sigmaproof.threshold import ThresholdSpec, threshold_of

from .diagnostic import Diagnostic, Severity
from .errors import Unsupported
from .indices import indices_of
from .pack_pipelines import of_several
from .schema_files import NOTHING_DECLARED, DeclaredTypes
from .target import Target

_WARNINGS = frozenset(
    {
        "analysed-text",
        "array-joined",
        "assumed-type",
        "clause-dropped",
        "empty-is-missing",
        "kusto-regex-unicode",
        "keyword-partly",
        "looked-up",
        "mapping-enrichment",
        "mapping-loss",
        "name-assumed",
        "raw-control-character",
        "term-dropped",
        "value-unknown",
    }
)

_DROP_HINT = "or leave such conditions out by --drop-unmapped"

ValueTables = Mapping[str, Mapping[str, str]]
"""ECS field to rule value to column value: what the user adds to a pack's value tables."""


@dataclass(frozen=True, slots=True)
class RenderedQuery:
    """The text of one rule for one target."""

    target: Target
    text: str
    terms: tuple[str, ...]
    """The term's fields after the pipeline; empty for a rule without terms."""
    counts: ThresholdSpec | None = None
    """What is counted in runs, with the fields after the pipeline."""
    tables: tuple[Table, ...] = ()
    """The tables that the pipeline offered, for a target on tables."""
    filters: tuple[Mapping[str, object], ...] = ()
    """Kibana filters that a rule file must hold beside the text."""
    diagnostics: tuple[Diagnostic, ...] = ()
    pack: MappingPack | None = None
    """The mapping pack of the rule's log source."""
    shown: Mapping[str, ShownColumn] = field(default_factory=dict)
    """Field to the column of the result that a rule file may name for it."""
    searched: tuple[str, ...] = ()
    """Names of the tables that the text reads."""
    packs: tuple[MappingPack, ...] = ()
    """The packs of a correlation whose rules are of several log sources."""


def render(
    documents: str,
    path: str,
    target: Target,
    pack: MappingPack | None,
    output_format: str = "default",
    values: ValueTables | None = None,
    declared: DeclaredTypes = NOTHING_DECLARED,
    notes: Sequence[tuple[str, str]] = (),
    packs: Sequence[SourcePack] = (),
) -> RenderedQuery:
    """Render the one main rule of Sigma documents; raises `Unsupported` where the target cannot say it.

    `notes` are codes and messages that the text must carry beside what the pipelines note, `packs` those of
    a correlation whose rules are of several log sources.
    """
    pipeline = of_several(packs, target, declared) if packs else target.pipeline(pack, declared)
    pipeline = _noting(notes) + pipeline + _indices(documents)
    if values:
        pipeline.vars[VALUES] = {name: dict(table) for name, table in values.items()}
    backend = target.backend(pipeline)
    text, main = convert_with(backend, documents, path, output_format)
    state = backend.last_processing_pipeline.state
    text, filters = _with_filters(text) if output_format == RULE else (text, ())
    return RenderedQuery(
        target=target,
        text=text,
        terms=_terms(main),
        counts=threshold_of(main) if isinstance(main, SigmaCorrelationRule) else None,
        tables=tuple(state.get(TABLES, ())),
        filters=filters,
        pack=pack,
        diagnostics=_diagnostics(backend, state),
        shown=dict(getattr(backend, "shown", {})),
        searched=tuple(getattr(backend, "searched", ())),
        packs=tuple(one.pack for one in packs),
    )


def _noting(notes: Sequence[tuple[str, str]]) -> ProcessingPipeline:
    if not notes:
        return ProcessingPipeline()
    return ProcessingPipeline(items=[ProcessingItem(SetStateTransformation(NOTES, list(notes)))])


def _with_filters(text: str) -> tuple[str, tuple[Mapping[str, object], ...]]:
    """Take apart what a backend writes for a rule file."""
    found = json.loads(text)
    return str(found["query"]), tuple(found["filters"])


def _indices(documents: str) -> ProcessingPipeline:
    """Let the indices of the Elastic rule win over those of the pack: they are what it searches."""
    indices = indices_of(documents)
    if not indices:
        return ProcessingPipeline()
    state = SetStateTransformation(INDEX, ",".join(indices))
    return ProcessingPipeline(items=[ProcessingItem(state)], priority=30)


def convert_with(
    backend: Backend, documents: str, path: str, output_format: str
) -> tuple[str, SigmaRule | SigmaCorrelationRule]:
    """Let a backend convert Sigma documents; return the text and the rule that it stands for."""
    loaded = load_documents(documents, path)
    main = loaded.main_rules[-1]
    if isinstance(main, SigmaRule):
        main.detection = _with_one_condition(main.detection)
    if isinstance(main, SigmaCorrelationRule):
        for reference in main.referenced_rules:
            reference.rule.disable_output()  # SIGMA-22: `generate` would give them texts of their own
    try:
        texts = backend.convert(loaded.collection, output_format)
    except NotImplementedError as error:
        raise Unsupported(
            f"the backend does not implement a construct of this rule: {error}"
        ) from error
    except UnmappedError as error:
        raise Unsupported(_one_line(error), hint=_DROP_HINT) from error
    except SigmaError as error:
        raise Unsupported(_one_line(error)) from error
    if not isinstance(texts, list) or len(texts) != 1:
        raise Unsupported(f"the backend returned {len(texts)} texts for one rule; expected one")
    return str(texts[0]), main


def _with_one_condition(detection: SigmaDetections) -> SigmaDetections:
    """Join several conditions by or, as one text stands for the rule (SIGMA-16)."""
    if len(detection.condition) == 1:
        return detection
    joined = " or ".join(f"({condition})" for condition in detection.condition)
    return SigmaDetections(detection.detections, [joined], detection.source)


def _terms(main: SigmaRule | SigmaCorrelationRule) -> tuple[str, ...]:
    if not isinstance(main, SigmaCorrelationRule):
        return ()
    spec = new_terms_of(main) or threshold_of(main) or correlation_of(main)
    return spec.fields


def _one_line(error: SigmaError) -> str:
    return " ".join(str(error).split())


def _diagnostics(backend: Backend, state: Mapping[str, object]) -> tuple[Diagnostic, ...]:
    """Collect what pipelines and backend noted, each once, in order."""
    noted = state.get(NOTES, [])
    from_pipeline = noted if isinstance(noted, list) else []
    from_backend = getattr(backend, "notes", [])
    pairs = dict.fromkeys((str(code), str(text)) for code, text in (*from_pipeline, *from_backend))
    return tuple(Diagnostic(code, _severity(code), text) for code, text in pairs)


def _severity(code: str) -> Severity:
    return Severity.WARNING if code in _WARNINGS else Severity.NOTE
