"""`sigmaproof explain`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from converter.elastic.date_math import show_length
from converter.errors import ConversionError
from converter.ir import Correlation, Filter, NewTerms, Plan, Threshold
from converter.ir.correlation import show_measure
from converter.ir.plan import base_of, term_names
from converter.ir.show import conjuncts, fields_of, show
from converter.placement import placed, render_placed
from converter.port import ImportOptions, PortableRule
from converter.registry import all_targets
from harness.cli.options import rule_arguments
from harness.cli.rule_files import load_rules
from harness.conversion import reads_analysed_text
from sigma.sigmaproof.mapping import PackField


@click.command()
@rule_arguments
def command(
    rules: tuple[str, ...],
    imports: ImportOptions,
) -> int:
    """Show field by field what becomes of a rule, and what it means."""
    console = Console()
    for rule in load_rules(
        rules,
        imports,
    ):
        console.print(Text(rule.title, "bold"))
        console.print(_fields(rule))
        console.print(_meaning(rule))
        console.print(_losses(rule))
    return 0


def _fields(rule: PortableRule) -> Table:
    """One line a field: its names on every side and what is lost."""
    table = Table(header_style="bold", pad_edge=False)
    for heading in ("ECS", "Sigma", "table.column", "type", "loss"):
        table.add_column(heading, overflow="fold")
    for name in _names(rule):
        found = (pack.by_ecs(name) for pack in rule.every_pack)
        entry = next(filter(None, found), None)
        kind = _type(rule, name)
        if entry is None:
            table.add_row(name, name, "none", kind, "no mapping: only ECS targets")
            continue
        table.add_row(
            name,
            entry.sigma,
            "\n".join(_columns(rule, name)) or "none",
            kind,
            ". ".join(filter(None, (entry.enrichment, entry.loss, entry.refused, _choices(entry))))
            or entry.relation,
        )
    return table


def _choices(entry: PackField) -> str:
    return f"choose {' or '.join(entry.choices.options(entry.ecs))}" if entry.choices else ""


def _type(rule: PortableRule, name: str) -> str:
    """Return a field's type, and who says so where that is not ECS or the pack."""
    kind = rule.schema.type_of(name).value
    if files := rule.options.declared.origins.get(name):
        return f"{kind} (by {', '.join(files)})"
    return kind if rule.schema.knows(name) else f"{kind} (assumed)"


def _names(rule: PortableRule) -> list[str]:
    plan = rule.plan
    predicate = base_of(plan)
    names = [name for part in conjuncts(predicate) for name in sorted(fields_of(part))]
    terms = list(term_names(plan))
    if isinstance(plan, Threshold) and plan.distinct:
        terms.append(plan.distinct.field.field)
    if isinstance(plan, Correlation):
        terms = [term.field for rule in plan.rules for term in rule.group]
        terms += [plan.counted.field] if plan.counted else []
    return list(dict.fromkeys([*terms, *names]))


def _columns(rule: PortableRule, name: str) -> Iterator[str]:
    for pack in rule.every_pack:
        if (entry := pack.by_ecs(name)) is None:
            continue
        for table in pack.tables:
            if table.name in entry.places:
                yield f"{table.name}.{entry.places[table.name]}"
            elif table.name in entry.constants:
                yield f"{table.name}: always {entry.constants[table.name]}"


def _meaning(rule: PortableRule) -> Table:
    plan = rule.plan
    table = Table.grid(padding=(0, 1))
    predicate = base_of(plan)
    for part in conjuncts(predicate):
        table.add_row("and", show(part))
    for heading, text in _beyond_one_event(plan):
        table.add_row(heading, text)
    if not isinstance(plan, Filter | Correlation):
        schedule = rule.schedule
        table.add_row(
            "runs",
            f"every {show_length(schedule.interval)}, over the last {show_length(schedule.lookback)} of"
            f" {schedule.timestamp}",
        )
    if reads_analysed_text(plan):
        table.add_row("note", "tests analysed text, which can only be approximated")
    return table


def _beyond_one_event(plan: Plan) -> Iterator[tuple[str, str]]:
    """Say what a plan asks of all such events of a term."""
    match plan:
        case Filter():
            return
        case NewTerms(terms=terms, history=history):
            names = ", ".join(term.field for term in terms)
            yield "new", f"({names}) not seen in {show_length(history)} before, in such events"
        case Threshold(terms=terms, count=count, distinct=distinct):
            names = ", ".join(term.field for term in terms)
            group = f"with the same ({names})" if names else "in all"
            yield "count", f"at least {count} such events {group}, not counted by an earlier alert"
            if distinct is not None:
                yield "count", f"at least {distinct.count} values of {distinct.field.field} in them"
        case Correlation():
            yield from _of_windows(plan)
        case _:
            assert_never(plan)


def _of_windows(plan: Correlation) -> Iterator[tuple[str, str]]:
    """Say what a correlation asks of the window that ends at an event."""
    for rule in plan.rules if len(plan.rules) > 1 else ():
        yield f"rule {rule.name}", show(rule.base)
    names = ", ".join(plan.names)
    group = f"with the same ({names}) " if names else ""
    condition = f"{plan.condition.comparator.value} {plan.condition.number}"
    measure = show_measure(plan.measure)
    yield (
        "window",
        f"{measure} {condition}, {group}in the {show_length(plan.timespan)} up to an event",
    )


def _losses(rule: PortableRule) -> Table:
    """One line for each diagnostic of the conversion and of each target."""
    table = Table(header_style="bold", pad_edge=False)
    for heading in ("target", "code", "what"):
        table.add_column(heading, overflow="fold")
    for diagnostic in rule.diagnostics:
        table.add_row("Sigma", diagnostic.code, diagnostic.message)
    for target in all_targets():
        try:
            rendered = render_placed(placed(rule, target), target)
        except ConversionError as error:
            table.add_row(target.name, "unsupported", str(error))
            continue
        for diagnostic in rendered.diagnostics:
            table.add_row(target.name, diagnostic.code, diagnostic.message)
    return table
