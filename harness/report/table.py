"""The table that a person reads: a verdict a line, and below it each difference side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import shorten
from typing import TextIO

import orjson
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from converter.diagnostic import Diagnostic, Severity
from harness.events.event import values_of
from harness.verdict import (
    Agrees,
    Approximate,
    Counterexample,
    Differs,
    Failed,
    Invalid,
    LossResult,
    NoEvidence,
    Report,
    RuleResult,
    Status,
    TargetResult,
    UnsupportedTarget,
    Verdict,
    word,
)

from .summary import summary

_STYLES: dict[type[Verdict], str] = {
    Agrees: "bold green",
    Approximate: "yellow",
    NoEvidence: "yellow",
    Differs: "bold red",
    Invalid: "bold red",
    UnsupportedTarget: "yellow",
    Failed: "bold magenta",
}
_MANY = 20
"""With more rules, those of which nothing must be known are only counted."""
_CONDITION_WIDTH = 160
_WIDTH = 120
"""Columns of a table in a file."""
_SHOWN_COMPANIONS = 3
_TIMES = ("@timestamp", "event.ingested")
_SEVERITIES = {Severity.NOTE: "dim", Severity.WARNING: "yellow", Severity.ERROR: "red"}


def write(report: Report, stream: TextIO) -> None:
    """Write what `draw` prints, without colours."""
    draw(report, Console(file=stream, width=_WIDTH))


def draw(report: Report, console: Console) -> None:
    """Print every rule's table, its differences and its losses."""
    shown = [rule for rule in report.rules if len(report.rules) <= _MANY or _matters(rule)]
    for rule in shown:
        console.print(_heading(rule))
        if rule.targets:
            console.print(_verdicts(rule.targets))
        console.print(_notes(rule))
        for result in rule.targets:
            if isinstance(result.verdict, Differs):
                console.print(_difference(result, result.verdict.counterexample))
    if len(shown) < len(report.rules):
        count = len(report.rules) - len(shown)
        console.print(
            f"{count:,} rules without loss, for which every target agrees, are not listed"
        )
    if len(report.rules) > 1:
        console.print(summary(report))


def _matters(rule: RuleResult) -> bool:
    """Say whether a rule differs from one that is converted without loss and agrees everywhere."""
    agrees = all(isinstance(result.verdict, Agrees) for result in rule.targets)
    return rule.status is not Status.LOSSLESS or not agrees


def _heading(rule: RuleResult) -> Text:
    colour = "green" if rule.status is Status.LOSSLESS else "yellow"
    return Text.assemble(
        (rule.title, "bold"),
        f"\n{rule.path} · {rule.type} · conversion to Sigma: ",
        (rule.status.value, colour),
        f" · events made from the rule: {rule.events_made}" if rule.events_made else "",
    )


def _verdicts(results: Iterable[TargetResult]) -> Table:
    table = Table(header_style="bold", pad_edge=False)
    table.add_column("target")
    table.add_column("verdict")
    table.add_column("events", justify="right")
    table.add_column("runs", justify="right")
    table.add_column("alerts", justify="right")
    table.add_column("losses", overflow="fold")
    for result in results:
        style = _STYLES[type(result.verdict)]
        table.add_row(
            result.target,
            Text(word(result.verdict).replace("_", " "), style),
            _events(result),
            _runs(result),
            str(result.alerts) if result.events else "",
            _losses(result),
        )
    return table


def _events(result: TargetResult) -> str:
    return f"{result.events:,}" if result.events else ""


def _runs(result: TargetResult) -> str:
    if result.runs == result.total_runs:
        return f"{result.runs:,}" if result.runs else ""
    return f"{result.runs:,} of {result.total_runs:,}"


def _losses(result: TargetResult) -> str:
    """Say in a few words what a reader must know before trusting the verdict."""
    words = ["base rule only"] if result.is_base_only else []
    words += [_partial(result)] if result.is_partial else []
    if result.not_representable:
        words.append(f"{result.not_representable} events not representable")
    words += sorted({d.code for d in result.diagnostics if d.severity is not Severity.NOTE})
    match result.verdict:
        case UnsupportedTarget(reason) | Invalid(reason) | Failed(reason):
            words.append(reason.code)
        case Approximate(missed, extra):
            words.append(f"{missed} missed, {extra} extra")
        case _:
            pass
    return ", ".join(words) or "none"


def _partial(result: TargetResult) -> str:
    effects = " and ".join(sorted({loss.effect for loss in result.losses}, reverse=True))
    left_out = f"{len(result.losses)} left out, {effects}" if result.losses else ""
    looked_up = f"{len(result.choices)} looked up" if result.choices else ""
    return f"partial: {', '.join(filter(None, (left_out, looked_up)))}"


def _notes(rule: RuleResult) -> RenderableType:
    """List what must be known; notes are only counted."""
    lines = [_note("", diagnostic) for diagnostic in _serious(rule.diagnostics)]
    for result in rule.targets:
        match result.verdict:
            case UnsupportedTarget(reason) | Invalid(reason) | Failed(reason):
                lines.append(_note(result.target, reason))
            case _:
                pass
        lines += [_note(result.target, diagnostic) for diagnostic in _serious(result.diagnostics)]
        lines += [_effect(result.target, loss) for loss in result.losses]
    everything = [*rule.diagnostics, *(d for one in rule.targets for d in one.diagnostics)]
    if notes := sum(d.severity is Severity.NOTE for d in everything):
        lines.append(Text(f"  {notes} notes: use --report json, or explain", "dim"))
    return Padding(Group(*lines), (0, 0, 1, 0))


def _effect(target: str, loss: LossResult) -> Text:
    """Say what a loss does on the events of this verification."""
    counts = f"{loss.gained} gained, {loss.lost} lost by the rule without it"
    return Text(f"  {target}: without {loss.text}: {loss.effect}; {counts}, on these events", "dim")


def _serious(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    return [one for one in diagnostics if one.severity is not Severity.NOTE]


def _note(target: str, diagnostic: Diagnostic) -> Text:
    text = Text("  ")
    text.append(f"{target}: " if target else "")
    text.append(diagnostic.code, _SEVERITIES[diagnostic.severity])
    text.append(f" {diagnostic.message}")
    text.append(f"; {diagnostic.hint}" if diagnostic.hint else "")
    return text


def _difference(result: TargetResult, example: Counterexample) -> RenderableType:
    sides = ("alerts", "does not alert")
    sigma, target = sides if example.reference_alerts else reversed(sides)
    title = Text.assemble(
        (result.target, "bold"),
        f" differs: {example.missed} missed, {example.extra} extra alerts. For event"
        f" {example.event_id}",
        f" and term {', '.join(map(str, example.term))}" if example.term else "",
        f", in the run that ends {example.run_end:%Y-%m-%d %H:%M}" if example.run_end else "",
        f", Sigma {sigma} and {result.target} {target}",
    )
    parts: list[RenderableType] = [title, _findings(result.target, example)]
    parts += [Text(_kind(example), "dim"), _event(example.document, example)]
    for event_id, document in example.companions[:_SHOWN_COMPANIONS]:
        parts += [Text(f"together with event {event_id}:", "dim"), _event(document, example)]
    if more := [event_id for event_id, _ in example.companions[_SHOWN_COMPANIONS:]]:
        parts.append(Text(f"and {len(more)} more, {more[0]} to {more[-1]}", "dim"))
    return Padding(Group(*parts), (0, 0, 1, 2))


def _kind(example: Counterexample) -> str:
    if example.companions:
        return "the event, in the fields that matter:"
    if example.is_minimal:
        return "the smallest event that shows it:"
    return "the event, which shows it only among the other events of the log:"


def _findings(target: str, example: Counterexample) -> Table:
    table = Table(header_style="bold", pad_edge=False, show_edge=False)
    table.add_column("condition", overflow="fold")
    table.add_column("Sigma", overflow="fold")
    table.add_column(target, overflow="fold")
    for finding in example.findings:
        differs = finding.reference != finding.target
        condition = shorten(finding.condition, _CONDITION_WIDTH, placeholder=" …")
        table.add_row(condition, finding.reference, finding.target, style="red" if differs else "")
    return table


def _event(document: Mapping[str, object], example: Counterexample) -> Table:
    """Show an event; a whole one only in the fields that some condition names, and its times."""
    table = Table.grid(padding=(0, 2))
    table.add_column(overflow="fold", ratio=1)
    table.add_column(overflow="fold", ratio=1)
    named = " ".join(finding.condition for finding in example.findings)
    is_shrunk = example.is_minimal and not example.companions
    for path in _paths(document, ""):
        values = values_of(document, path)
        is_term = any(value in example.term for value in values)
        if is_shrunk or path in named or path in _TIMES or is_term:
            shown = values[0] if len(values) == 1 else list(values)
            table.add_row(Text(path, "cyan"), orjson.dumps(shown).decode())
    return table


def _paths(node: object, prefix: str) -> Iterable[str]:
    match node:
        case dict():
            for key in sorted(node):
                yield from _paths(node[key], f"{prefix}.{key}" if prefix else key)
        case _:
            yield prefix
