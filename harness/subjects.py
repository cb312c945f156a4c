"""Claims, as the user names them, turned into texts that can be judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from converter import mapping
from converter.deliverables.kibana import TERM_LOGIC_IN_RULE_FILE
from converter.deliverables.kibana import write as write_kibana_rule
from converter.diagnostic import Diagnostic
from converter.ir import Filter, NewTerms
from converter.ir.show import fields_of
from converter.layout import Layout
from converter.port import PortableRule
from converter.registry import target_named
from converter.render import RenderedQuery, render
from converter.target import Names, Target

from .subject import Subject, TableView


@dataclass(frozen=True, slots=True)
class Claim:
    """A target, and the text of somebody else's query for it if there is one."""

    target: str
    text: str | None = None
    name: str = ""
    """Name of the query's file."""


def subject_of(rule: PortableRule, claim: Claim) -> Subject:
    """Render the rule for the target, or take the claimed text; raises `Unsupported`."""
    target = target_named(claim.target)
    rendered = render(rule.documents, rule.path, target, rule.pack, values=rule.options.values)
    remarks: tuple[Diagnostic, ...] = ()
    text = claim.text
    if text is None:
        text, remarks = _judged_text(rule, target, rendered)
    return Subject(
        target=f"{target.name} ({claim.name})" if claim.name else target.name,
        text=text,
        language=target.language,
        terms=rendered.terms,
        is_by_hand=claim.text is not None,
        history=rule.plan.history if isinstance(rule.plan, NewTerms) else None,
        schema=rule.schema,
        tables=_table_view(rule, target),
        diagnostics=(*rendered.diagnostics, *remarks),
    )


def _judged_text(
    rule: PortableRule, target: Target, rendered: RenderedQuery
) -> tuple[str, tuple[Diagnostic, ...]]:
    """Return the text that is judged: the rule file where the query alone has no term logic."""
    if isinstance(rule.plan, NewTerms) and target.language in TERM_LOGIC_IN_RULE_FILE:
        return write_kibana_rule(rule.documents, rendered)
    return rendered.text, ()


def _table_view(rule: PortableRule, target: Target) -> TableView | None:
    match target.names:
        case Names.PACK_TABLES if rule.pack:
            return view_of(rule, mapping.table_layouts(rule.pack))
        case Names.EVENTS_TABLE:
            return view_of(rule, (mapping.events_layout(rule.pack),))
        case _:
            return None


def view_of(rule: PortableRule, layouts: tuple[Layout, ...]) -> TableView:
    """Return these tables as the rule reads them."""
    match rule.plan:
        case Filter(predicate):
            return TableView(layouts, fields_of(predicate))
        case NewTerms(base=base, terms=terms):
            return TableView(layouts, fields_of(base) | {term.field for term in terms})
        case _:
            assert_never(rule.plan)
