"""`sigmaproof run`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import click
import orjson
from rich.console import Console

from converter.dropping import notes_of
from converter.errors import Unsupported
from converter.ir import Filter
from converter.ir.plan import term_names
from converter.mapping import document_layout
from converter.placement import placed
from converter.port import ImportOptions, PortableRule
from converter.registry import all_targets
from harness.cli.options import (
    log_options,
    quiet_option,
    rule_arguments,
)
from harness.cli.progress import byte_bar, error_console
from harness.cli.rule_files import load_rules
from harness.engines.stream import StreamAlert, Tally
from harness.engines.stream import run as run_stream
from harness.errors import UsageError
from harness.events.log import SkippedLines, read_log
from harness.events.vendor_documents import document_of
from harness.rule_errors import RuleError

_WRITING = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE


@click.command()
@rule_arguments
@log_options
@click.option(
    "--max-disorder",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    metavar="MINUTES",
    help="How far out of order events are put back into order.",
)
@quiet_option
def command(
    rules: tuple[str, ...],
    imports: ImportOptions,
    logs: tuple[str, ...],
    skip_bad_lines: bool,
    max_disorder: int,
    quiet: bool,
) -> int:
    """Print the alerts of a rule on logs, one JSON object a line, as the Sigma rule finds them."""
    if not logs:
        raise UsageError("no log was given; name one with --logs PATH")
    loaded = load_rules(
        rules,
        imports,
    )
    if len(loaded) > 1 and "-" in logs:
        raise UsageError("standard input can be read for one rule only; name a file")
    console = error_console()
    skipped = SkippedLines() if skip_bad_lines else None
    disorder = timedelta(minutes=max_disorder)
    for whole in loaded:
        rule = _without_unmapped(whole, console, quiet=quiet) if imports.drops_unmapped else whole
        tally = Tally()
        output = sys.stdout.buffer
        for alert in _alerts(rule, logs, disorder, tally, skipped, console, quiet=quiet):
            output.write(orjson.dumps(_document(rule, alert), option=_WRITING))
        if not quiet:
            _remark(console, rule, tally, skipped)
    return 0


def _without_unmapped(rule: PortableRule, console: Console, *, quiet: bool) -> PortableRule:
    """Return what is left of the rule on the first platform whose tables hold its events."""
    for target in all_targets():
        try:
            there = placed(rule, target)
        except Unsupported as error:
            raise RuleError(rule.path, error) from error
        if there.dropped is None:
            continue
        for code, message in () if quiet else notes_of(there.dropped.losses, rule.plan):
            console.print(f"{rule.title}: {code} {message}", style="yellow")
        return replace(rule, plan=there.rule.plan)
    return rule


def _alerts(
    rule: PortableRule,
    logs: tuple[str, ...],
    max_disorder: timedelta,
    tally: Tally,
    skipped: SkippedLines | None,
    console: Console,
    *,
    quiet: bool,
) -> Iterator[StreamAlert]:
    total = sum(Path(path).stat().st_size for path in logs if Path(path).is_file())
    with byte_bar(console, rule.title, total, quiet=quiet) as advance:
        log = read_log(*logs, skipped=skipped, progress=advance)
        layout = next(filter(None, map(document_layout, rule.every_pack)), None)
        yield from run_stream(
            rule.plan,
            map(partial(document_of, layout), log) if layout else log,
            rule.schedule,
            max_disorder=max_disorder,
            origin=log,
            tally=tally,
            skipped=skipped,
        )


def _document(rule: PortableRule, found: StreamAlert) -> dict[str, object]:
    alert = found.alert
    document: dict[str, object] = {"rule_id": rule.id, "rule": rule.title}
    if not isinstance(rule.plan, Filter):
        names = term_names(rule.plan)
        if alert.time:
            document["time"] = alert.time
        document["term"] = dict(zip(names, alert.term, strict=True))
        if alert.run_end:
            document["run_end"] = alert.run_end
    document["events"] = sorted(alert.ids)
    return document


def _remark(
    console: Console, rule: PortableRule, tally: Tally, skipped: SkippedLines | None
) -> None:
    for one in rule.diagnostics:
        if one.code == "mapping-loss":
            console.print(f"{rule.title}: {one.code} {one.message}", style="yellow")
    if tally.late:
        console.print(
            f"{rule.title}: {tally.late} events came later than --max-disorder allows and were judged"
            f" by what was known then, such as {tally.late_examples[0]}",
            style="yellow",
        )
    if skipped and skipped.count:
        console.print(
            f"{skipped.count} lines were left out, such as {skipped.examples[0]}", style="yellow"
        )
