"""Claims, as the user names them, turned into texts that can be judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from converter import formats, mapping
from converter.deliverables.kibana import FORMAT as KIBANA_RULE
from converter.deliverables.kibana import TERM_LOGIC_IN_RULE_FILE
from converter.deliverables.kibana import write as write_kibana_rule
from converter.diagnostic import Diagnostic
from converter.ir import Correlation, Filter, NewTerms, Plan, Threshold
from converter.ir.plan import base_of, fields_read
from converter.ir.show import reads_any_field
from converter.layout import EventsLayout, Layout
from converter.placement import PlacedRule, placed, render_placed
from converter.port import PortableRule
from converter.registry import target_named
from converter.render import RenderedQuery
from converter.several_packs import joined_types
from converter.target import Names, Target
from sigma.sigmaproof.ecs import KUSTO_TYPES
from sigma.sigmaproof.several_packs import SourcePack

from .any_case import case_question, kept_as_written
from .events.looked_up import addresses_of, groups_of
from .source_tables import LogSourceTables
from .subject import Subject, TableView
from .undecided import caseless_fields


@dataclass(frozen=True, slots=True)
class Claim:
    """A target, and the text of somebody else's query for it if there is one."""

    target: str
    text: str | None = None
    name: str = ""
    """Name of the query's file."""


def subject_of(rule: PortableRule, claim: Claim) -> Subject:
    """Place the rule for the claim's target, and render it or take the claimed text.

    Raises `Unsupported`.
    """
    return subject_of_placed(placed(rule, target_named(claim.target)), claim)


def subject_of_placed(there: PlacedRule, claim: Claim) -> Subject:
    """Render the rule for the target that it was placed for, or take the claimed text.

    Raises `Unsupported`.
    """
    target, rule = target_named(claim.target), there.rule
    rendered = render_placed(there, target, formats.output_format(KIBANA_RULE, target))
    remarks: tuple[Diagnostic, ...] = ()
    text = claim.text
    if text is None:
        text, remarks = _judged_text(rule, target, rendered)
    return Subject(
        target=f"{target.name} ({claim.name})" if claim.name else target.name,
        text=text,
        language=target.language,
        terms=rendered.terms,
        aliases=_aliases(rule) if target.names is Names.PACK_TABLES else {},
        is_by_hand=claim.text is not None,
        history=rule.plan.history if isinstance(rule.plan, NewTerms) else None,
        schema=rule.schema,
        counting=rule.plan if isinstance(rule.plan, Threshold) else None,
        has_instants=isinstance(rule.plan, Correlation),
        tables=_table_view(rule, target),
        counts_again=counts_again(rule, target.language),
        diagnostics=(*rendered.diagnostics, *remarks),
    )


def counts_again(rule: PortableRule, language: str) -> bool:
    """Say whether a text in this language keeps nothing of what a threshold rule counted before."""
    return isinstance(rule.plan, Threshold) and language not in TERM_LOGIC_IN_RULE_FILE


def _judged_text(
    rule: PortableRule, target: Target, rendered: RenderedQuery
) -> tuple[str, tuple[Diagnostic, ...]]:
    """Return the text that is judged: the rule file where the query alone is not the whole rule."""
    has_term_logic = not isinstance(rule.plan, Filter)
    if rendered.filters or (has_term_logic and target.language in TERM_LOGIC_IN_RULE_FILE):
        return write_kibana_rule(rule.documents, rendered)
    return rendered.text, ()


def _aliases(rule: PortableRule) -> dict[str, str]:
    """Return the columns that stand for one field each, to ECS names."""
    fields = (entry for pack in rule.every_pack for entry in pack.fields)
    return {
        place.column: entry.ecs
        for entry in fields
        for place in entry.places.values()
        if not (place.path or place.next or entry.cases or entry.reading)
    }


def _table_view(rule: PortableRule, target: Target) -> TableView | None:
    match target.names:
        case Names.PACK_TABLES if rule.pack:
            return view_of(rule, mapping.table_layouts(rule.pack))
        case Names.PACK_TABLES if rule.packs:
            return _view_of_packs(rule)
        case Names.EVENTS_TABLE:
            return view_of(rule, (events_layout(rule),))
        case _:
            return None


def _view_of_packs(rule: PortableRule) -> TableView:
    """Return the tables of each log source, which hold what the rules of that log source read."""
    layouts = [mapping.table_layouts(one.pack) for one in rule.packs]
    view = view_of(rule, tuple(layout for some in layouts for layout in some))
    sources = tuple(
        LogSourceTables(
            tuple(map(kept_as_written, some)),
            _read_of(one, rule.plan, some),
            mapping.log_source_predicate(one.pack),
        )
        for one, some in zip(rule.packs, layouts, strict=True)
    )
    return replace(view, sources=sources)


def _read_of(source: SourcePack, plan: Plan, layouts: Sequence[Layout]) -> frozenset[str] | None:
    """Return the fields that the rules of one log source read; None where that is any field."""
    if isinstance(plan, Correlation):
        plan = replace(plan, rules=tuple(one for one in plan.rules if one.name in source.rules))
    return _fields_of(plan, layouts)


def events_layout(rule: PortableRule) -> EventsLayout:
    """Return the table of ECS events, with the types that the rule takes undeclared fields to have."""
    layout = mapping.events_layout(rule.pack, rule.options.declared)
    if rule.packs:
        layout = replace(layout, types=joined_types(rule.packs, rule.options.declared).kusto())
    used = {
        name: KUSTO_TYPES[kind.value]
        for name, kind in rule.schema.types.items()
        if name not in layout.types and kind.value in KUSTO_TYPES
    }
    return replace(layout, types={**layout.types, **used})


def view_of(rule: PortableRule, layouts: tuple[Layout, ...]) -> TableView:
    """Return these tables as the rule reads them."""
    base = base_of(rule.plan)
    fields = _fields_of(rule.plan, layouts)
    kept = tuple(map(kept_as_written, layouts))
    question = case_question(base, layouts)
    return TableView(kept, fields, caseless_fields(question.in_any_case), question)


def _fields_of(plan: Plan, layouts: Sequence[Layout]) -> frozenset[str] | None:
    """Return the fields that a plan reads of rows, addresses to look up included; None for any."""
    if reads_any_field(base_of(plan)):
        return None
    fields = fields_read(plan)
    return fields | addresses_of(groups_of(layouts, fields))
