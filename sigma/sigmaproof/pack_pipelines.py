"""Processing pipelines of a mapping pack: to ECS names, and to tables of a Kusto target.

Nothing here belongs to one pack. State keys are read by this project's backends; a rule field that the pack
does not know stops the pipeline to tables, since no table can say what it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sigma.conditions import ConditionOR, SigmaCondition
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaTransformationError
from sigma.processing.conditions import LogsourceCondition
from sigma.processing.conditions.base import RuleProcessingCondition
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import (
    AddConditionTransformation,
    FieldMappingTransformation,
    SetStateTransformation,
)
from sigma.processing.transformations.base import (
    ConditionTransformation,
    PreprocessingTransformation,
)
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaRule
from sigma.types import SigmaCasedString, SigmaFieldReference

from .assumed_types import ASSUMED_TYPE, assumed_types
from .correlation import number_fields
from .ecs import ECS_VERSION, KUSTO_TYPES, FieldTypes, ecs_types
from .grouped_parts import grouped_parts
from .kusto_columns import kusto_tables
from .mapping import PLATFORMS, MappingPack, PackField
from .pack_values import PackValues, items_of, losses
from .readings import CASELESS
from .recorded_events import recorded
from .rule_entities import with_entities_of
from .table_choice import choose_tables, demands_of
from .table_parts import in_parts
from .tables import NOTES, PLATFORM, TABLES, EcsTable
from .used_detections import leave_unused_out

FIELD_TYPES = "sigmaproof_field_types"
"""State key of the `FieldTypes` of ECS and the log source."""
ECS_TYPES = "sigmaproof_ecs_types"
"""State key of the field types of Elasticsearch by field name."""
SINGLE_VALUED = "sigmaproof_single_valued"
"""State key of the fields that never hold an array in the log source, a frozen set."""
REFUSED_FIELDS = "sigmaproof_refused_fields"
"""State key of what is refused on which field: field name to the reason."""
INDEX = "sigmaproof_index"
"""State key of the index patterns of the log source, joined by commas."""
LOOKED_UP = "looked-up"
"""Code of a field that the user has looked up."""
ASKED_IN_ANY_CASE = "is asked for any case"
"""End of what is lost where the source changes the case of letters."""
_LOG_SOURCE = "_log_source"
VALUES = "sigmaproof_values"
"""Pipeline variable with more entries for value tables: ECS field to rule value to column value."""


def ecs_pipeline(pack: MappingPack) -> ProcessingPipeline:
    """Build the pipeline from Sigma names to ECS names."""
    name = f"{pack.title}: Sigma to ECS, pack {pack.name} {pack.version}"
    if pack.log_sources:
        item = ProcessingItem(EventsToEcs(pack), identifier=f"{pack.name}_ecs")
        return ProcessingPipeline(name=name, priority=20, items=[item])
    items = [_item(pack, f"{pack.name}_ecs_{key}", step) for key, step in ecs_steps(pack).items()]
    return ProcessingPipeline(name=name, priority=20, items=items)


def ecs_steps(pack: MappingPack) -> dict[str, PreprocessingTransformation]:
    """Return the steps that give a rule of the pack's log source its ECS names, in order."""
    if pack.log_sources:
        return {"events": EventsToEcs(pack)}
    renamed: dict[str | None, str | list[str]] = {
        field.sigma: field.ecs for field in pack.fields if field.sigma != field.ecs
    }
    condition: dict[str, int | str | list[str]] = {
        f"{name}|cased": value for name, value in pack.condition.items()
    }
    types = pack.field_types
    return {
        "assumed": PackAssumptions(pack),
        "rename": FieldMappingTransformation(renamed),
        "condition": AddConditionTransformation(condition, name=_LOG_SOURCE),
        "types": SetStateTransformation(FIELD_TYPES, types),
        "ecs_types": SetStateTransformation(ECS_TYPES, types.types),
        "single_valued": SetStateTransformation(SINGLE_VALUED, types.single),
        "index": SetStateTransformation(INDEX, ",".join(pack.index_patterns)),
    }


def tables_pipeline(pack: MappingPack, platform: str) -> ProcessingPipeline:
    """Build the pipeline that names a platform's tables and their columns."""
    step = PackTables(pack, platform)
    identifier = f"{pack.name}_{platform}_tables"
    return ProcessingPipeline(
        name=f"{pack.title}: Sigma to {PLATFORMS[platform]}, pack {pack.name} {pack.version}",
        priority=20,
        allowed_backends=frozenset({"sigmaproof_kusto"}),
        items=[
            ProcessingItem(step, identifier=identifier)
            if pack.log_sources
            else _item(pack, identifier, step)
        ],
    )


def events_pipeline() -> ProcessingPipeline:
    """Build the pipeline to one table whose columns are named as in ECS."""
    return ProcessingPipeline(
        name=f"Kusto over a table Events with ECS {ECS_VERSION} columns",
        priority=50,
        allowed_backends=frozenset({"sigmaproof_kusto"}),
        items=[ProcessingItem(EventsTable(), identifier="kusto_ecs_table")],
    )


def _item(pack: MappingPack, identifier: str, step: PreprocessingTransformation) -> ProcessingItem:
    conditions: list[RuleProcessingCondition] = [
        LogsourceCondition(
            category=one.get("category"), product=one.get("product"), service=one.get("service")
        )
        for one in pack.sections
    ]
    return ProcessingItem(
        step, identifier=identifier, rule_conditions=conditions, rule_condition_linking=any
    )


@dataclass
class PackAssumptions(PreprocessingTransformation):
    """Note what is assumed of names that no event has; the rule must still have its Sigma names."""

    pack: MappingPack

    def apply(self, rule: SigmaRule | SigmaCorrelationRule) -> None:
        """Add the notes to the state."""
        super().apply(rule)
        if self._pipeline is not None:
            found = _assumptions(self.pack, fields_of(rule))
            self._pipeline.state.setdefault(NOTES, []).extend(found)


def _assumptions(pack: MappingPack, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in sorted(set(names)):
        field = pack.by_sigma(name)
        if field is not None and field.assumed:
            yield "name-assumed", f"{name}: {field.assumed}"


@dataclass
class EventsToEcs(PreprocessingTransformation):
    """Give a rule the ECS names, values and events of its log source, of which the pack has several."""

    pack: MappingPack

    def apply(self, rule: SigmaRule | SigmaCorrelationRule) -> None:
        """Change the rule and set the state; leaves a rule of another log source alone."""
        super().apply(rule)
        leave_unused_out(rule)
        pipeline = self._pipeline
        pack = self.pack.of(section_of(rule))
        if pipeline is None or pack is None:
            return
        pack = pack.with_rest(sorted(set(fields_of(rule))))
        pipeline.state.setdefault(NOTES, []).extend(_event_notes(pack, rule))
        for step in _event_steps(pack):
            applied(step, rule, pipeline)


def applied(
    step: PreprocessingTransformation,
    rule: SigmaRule | SigmaCorrelationRule,
    pipeline: ProcessingPipeline,
) -> None:
    """Apply a step that belongs to no pipeline as one of this pipeline."""
    step.set_pipeline(pipeline)
    step.apply(rule)


def _event_steps(pack: MappingPack) -> Iterator[PreprocessingTransformation]:
    types = pack.field_types
    yield PackValues(pack)
    renamed: dict[str | None, str | list[str]] = dict(pack.ecs_names.items())
    yield FieldMappingTransformation(renamed)
    yield EventsCondition(pack)
    yield SetStateTransformation(FIELD_TYPES, types)
    yield SetStateTransformation(ECS_TYPES, types.types)
    yield SetStateTransformation(SINGLE_VALUED, types.single)
    yield SetStateTransformation(INDEX, ",".join(pack.index_patterns))


def _event_notes(
    pack: MappingPack, rule: SigmaRule | SigmaCorrelationRule
) -> Iterator[tuple[str, str]]:
    yield "mapping-pack", f"given mapping pack {pack.name} {pack.version}"
    if isinstance(rule, SigmaRule):
        yield from _assumptions(pack, fields_of(rule))
        found = dict.fromkeys(losses(rule, pack))
        yield from (("mapping-loss", f"{name}: {loss}") for name, loss in found)
    else:
        yield from grouped_parts(fields_of(rule), pack)


def section_of(rule: SigmaRule | SigmaCorrelationRule) -> dict[str, str]:
    """Return the log source of a rule, as far as it is set; of a correlation, that of its first rule."""
    if isinstance(rule, SigmaCorrelationRule):
        for one in rule.rules or ():
            return section_of(one.rule)
        return {}
    source = rule.logsource
    given = {"category": source.category, "product": source.product, "service": source.service}
    return {key: value for key, value in given.items() if value is not None}


@dataclass
class EventsCondition(ConditionTransformation):
    """Add the channels and event codes of the pack's log source to a rule's conditions."""

    pack: MappingPack
    is_named_by_sigma: bool = False
    """Whether the rule names its fields as Sigma does, not as ECS."""

    def apply(self, rule: SigmaRule | SigmaCorrelationRule) -> None:
        """Add one detection in which each channel is an alternative."""
        definitions = events_definition(self.pack)
        if self.is_named_by_sigma:
            definitions = [_by_sigma(self.pack, one) for one in definitions]
        channels = [SigmaDetection.from_definition(one) for one in definitions]
        if isinstance(rule, SigmaRule) and channels:
            joined = SigmaDetection(list(channels), item_linking=ConditionOR)
            rule.detection.detections[_LOG_SOURCE] = joined
            super().apply(rule)

    def apply_condition(self, cond: SigmaCondition) -> None:
        """Put it before the condition."""
        cond.condition = f"{_LOG_SOURCE} and ({cond.condition})"


def _by_sigma(pack: MappingPack, definition: Mapping[str, list[str]]) -> dict[str, list[str]]:
    named = {}
    for key, values in definition.items():
        ecs, bar, modifiers = key.partition("|")
        entry = pack.by_ecs(ecs)
        named[f"{entry.sigma if entry else ecs}{bar}{modifiers}"] = values
    return named


def events_definition(pack: MappingPack) -> list[dict[str, list[str]]]:
    """Return a Sigma detection for each channel of the log source; none where it is every event."""
    fields = pack.told_apart_by
    if fields is None:
        condition = {f"{name}|cased": [value] for name, value in pack.condition.items()}
        return [condition] if condition else []
    where = {f"{name}|cased": list(values) for name, values in pack.where.items()}
    return [
        {
            f"{fields.channel}|cased": [channel],
            **({f"{fields.code}|cased": list(codes)} if codes else {}),
            **where,
        }
        for channel, codes in pack.events.items()
    ]


@dataclass
class PackTables(PreprocessingTransformation):
    """Put the tables of a pack and what the rule must know about them into the state."""

    pack: MappingPack
    platform: str
    also: tuple[str, ...] = ()
    """More fields that are read of the events of a rule, by what refers to it."""

    def apply(self, rule: SigmaRule | SigmaCorrelationRule) -> None:
        """Set the state; a field that the pack does not know has no column, which the backend says.

        Leaves a rule of another log source alone.
        """
        super().apply(rule)
        leave_unused_out(rule)
        pipeline = self._pipeline
        pack = self.pack.of(section_of(rule)) if self.pack.log_sources else self.pack
        if pipeline is None or pack is None:
            return
        pack = recorded(pack)
        if pack.is_recorded:  # its rows hold the values of events
            applied(PackValues(pack), rule, pipeline)
        elif pack.told_apart_by is None:  # its rows hold the values of documents
            pipeline.state.setdefault(NOTES, []).extend(_rewriting_notes(pack, rule))
            applied(PackValues(pack), rule, pipeline)
        if pack.log_sources:
            EventsCondition(pack, is_named_by_sigma=True).apply(rule)
        used = sorted({*fields_of(rule), *self.also})
        pack = pack.with_rest(used).with_values(_more_values(pipeline.vars))
        pack = with_entities_of(pack, demands_of(_plain_rules(rule)))
        choices = pack.whole_choices(self.platform)
        pack = choose_tables(pack, choices, used, _plain_rules(rule)).pack
        pipeline.state[TABLES] = kusto_tables(pack)
        pipeline.state[PLATFORM] = self.platform
        cased = {name for one in _plain_rules(rule) for name in _cased_fields(one)}
        pipeline.state.setdefault(NOTES, []).extend(_notes(pack, used, cased))


def _rewriting_notes(
    pack: MappingPack, rule: SigmaRule | SigmaCorrelationRule
) -> Iterator[tuple[str, str]]:
    """Yield the losses of fields whose names the rule no longer has when its values are rewritten."""
    if isinstance(rule, SigmaCorrelationRule):
        yield from grouped_parts(fields_of(rule), pack)
    rewritten = {field.sigma for field in pack.fields if field.is_rewritten}
    found = losses(rule, pack) if isinstance(rule, SigmaRule) else ()
    for name, loss in dict.fromkeys(found):
        if name in rewritten:
            yield "mapping-loss", f"{name}: {loss}"


def _plain_rules(rule: SigmaRule | SigmaCorrelationRule) -> list[SigmaRule]:
    """Return the rules whose conditions an event satisfies."""
    if isinstance(rule, SigmaRule):
        return [rule]
    return [one for each in rule.rules or () for one in _plain_rules(each.rule)]


def _more_values(variables: Mapping[str, object]) -> dict[str, dict[str, str]]:
    given = variables.get(VALUES, {})
    if not isinstance(given, Mapping) or not all(isinstance(v, Mapping) for v in given.values()):
        raise SigmaTransformationError(
            f"pipeline variable {VALUES} must map ECS fields to value tables"
        )
    return {
        str(name): {str(key): str(value) for key, value in table.items()}
        for name, table in given.items()
    }


def _cased_fields(rule: SigmaRule) -> Iterator[str]:
    """Yield the fields that the rule compares with regard to case."""
    for item in items_of(rule):
        if item.field and any(isinstance(one, SigmaCasedString) for one in item.value):
            yield item.field


def _notes(pack: MappingPack, used: list[str], cased: set[str]) -> Iterator[tuple[str, str]]:
    """Yield what a port of these fields assumes; the backend adds which of them rest on enrichment."""
    pack = in_parts(pack)
    yield "mapping-pack", f"given mapping pack {pack.name} {pack.version}"
    yield from _assumptions(pack, used)
    missing: dict[str, list[str]] = {}
    for name in used:
        field = pack.by_sigma(name)
        if field is None:
            continue
        if field.loss:
            yield "mapping-loss", f"{name}: {field.loss}"
        elif name in cased and (tables := _tables_in_any_case(field, pack)):
            yield "mapping-loss", f"{name}: {any_case_loss(tables)}"
        if field.looked_up:
            yield LOOKED_UP, f"{name}: {field.looked_up.explanation}"
        without = ", ".join(_tables_without(field, pack))
        if without:
            missing.setdefault(without, []).append(name)
    for tables, names in missing.items():
        yield (
            "mapping-absent",
            f"{', '.join(names)}: no column in {tables}, counts as missing there",
        )


def any_case_loss(tables: str) -> str:
    """Say of tables what is lost where the source changes the case of letters."""
    return f"the source changes the case of letters, so that {tables} {ASKED_IN_ANY_CASE}"


def _tables_in_any_case(field: PackField, pack: MappingPack) -> str:
    names = [table.name for table in pack.tables if table.name in field.places]
    return ", ".join(name for name in names if field.in_table(name).reading in CASELESS)


def _tables_without(field: PackField, pack: MappingPack) -> list[str]:
    if field.refused:
        return []
    known = {*field.places, *field.constants}
    if field.looked_up:
        address = pack.by_ecs(field.looked_up.address)
        known = {*address.places} if address else set()
    known |= {*field.known_in}
    return [table.name for table in pack.tables if table.name not in known]


@dataclass
class EventsTable(PreprocessingTransformation):
    """Put the table of ECS events into the state, with the types that an earlier pipeline knew."""

    def apply(self, rule: SigmaRule | SigmaCorrelationRule) -> None:
        """Set the state and note every field whose type is assumed."""
        super().apply(rule)
        pipeline = self._pipeline
        if pipeline is None:
            return
        types = pipeline.state.get(FIELD_TYPES, ecs_types())
        if not isinstance(types, FieldTypes):
            raise SigmaTransformationError(f"pipeline state {FIELD_TYPES} must be FieldTypes")
        known = types.kusto()
        used = assumed_types([rule]) if isinstance(rule, SigmaRule) else number_fields(rule)
        assumed = {name: KUSTO_TYPES[kind] for name, kind in used.items() if name not in known}
        pipeline.state[TABLES] = (
            EcsTable(types={**known, **assumed}, elements=types.kusto_elements()),
        )
        unknown: dict[str, list[str]] = {}
        for name in sorted({*fields_of(rule)} - known.keys()):
            unknown.setdefault(assumed.get(name, "string"), []).append(name)
        pipeline.state.setdefault(NOTES, []).extend(
            (ASSUMED_TYPE, _assumed_columns(names, kind)) for kind, names in unknown.items()
        )


def _assumed_columns(names: Sequence[str], kind: str) -> str:
    columns = "columns of fields" if len(names) > 1 else "column of field"
    are = "are" if len(names) > 1 else "is"
    return f"the {columns} {', '.join(names)}, not in ECS {ECS_VERSION}, {are} taken to be {kind}"


def fields_of(rule: SigmaRule | SigmaCorrelationRule) -> Iterator[str]:
    """Yield every field that the rule's result depends on."""
    if isinstance(rule, SigmaCorrelationRule):
        yield from _fields_of_correlation(rule)
        return
    for detection in rule.detection.detections.values():
        yield from _fields_of_detection(detection)


def _fields_of_detection(detection: SigmaDetection) -> Iterator[str]:
    for item in detection.detection_items:
        match item:
            case SigmaDetection():
                yield from _fields_of_detection(item)
            case SigmaDetectionItem():
                if item.field is not None:
                    yield item.field
                yield from (
                    value.field for value in item.value if isinstance(value, SigmaFieldReference)
                )


def _fields_of_correlation(rule: SigmaCorrelationRule) -> Iterator[str]:
    aliases = {alias.alias for alias in rule.aliases}
    for alias in rule.aliases:
        yield from alias.mapping.values()
    yield from (name for name in rule.group_by or [] if name not in aliases)
    reference = getattr(rule.condition, "fieldref", None)
    match reference:
        case str():
            yield reference
        case list():
            yield from (name for name in reference if isinstance(name, str))
