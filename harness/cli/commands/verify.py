"""`sigmaproof verify`."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from converter.errors import InputError
from converter.port import ImportOptions
from converter.registry import all_targets, target_named
from harness.cli.options import log_options, quiet_option, rule_arguments
from harness.cli.output import write_file
from harness.cli.progress import draw, error_console
from harness.cli.rule_files import read_or_refuse
from harness.engines.kusto_opinion import demand_chdb
from harness.errors import UsageError
from harness.foreign import FOREIGN
from harness.parallel import FEW, verify_all
from harness.report import table
from harness.report.registry import Format, format_named, format_names
from harness.runner import Options, exit_code
from harness.subjects import Claim
from harness.verdict import Report


@click.command()
@rule_arguments
@click.option(
    "--target", "-t", "targets", multiple=True, metavar="TARGET", help="Judge only these."
)
@log_options
@click.option(
    "--generated",
    is_flag=True,
    help="Use events made from the rule besides the logs; without logs they are used in any case.",
)
@click.option(
    "--query",
    "queries",
    multiple=True,
    metavar="TARGET=FILE",
    help="Judge the query or rule file that somebody wrote for a target.",
)
@click.option(
    "--fields", default="", help="Field names of pysigma: backends: sigma, ecs or a table."
)
@click.option(
    "--runs",
    type=click.IntRange(min=1),
    default=5000,
    show_default=True,
    help="About how many runs to execute.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help=f"Judge so many rules at once.  [default: 2 for more than {FEW} rules, else 1]",
)
@click.option(
    "--second-opinion",
    is_flag=True,
    help="Let chdb run Kusto filters too, where it can be trusted, and say where it disagrees.",
)
@click.option("--allow-empty", is_flag=True, help="No alert on either side counts as agreement.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT[:FILE]",
    help="table (default, on standard error), json, markdown (the counts), coverage (by source) or"
    " divergences (on standard output unless a file is named).",
)
@click.option("--force", is_flag=True, help="Overwrite report files.")
@quiet_option
def command(
    rules: tuple[str, ...],
    imports: ImportOptions,
    targets: tuple[str, ...],
    logs: tuple[str, ...],
    skip_bad_lines: bool,
    generated: bool,
    queries: tuple[str, ...],
    fields: str,
    runs: int,
    jobs: int | None,
    second_opinion: bool,
    allow_empty: bool,
    reports: tuple[str, ...],
    force: bool,
    quiet: bool,
) -> int:
    """Say for each target whether its text detects what the rule detects.

    Without --logs, each rule is judged on events made from the rule itself.
    """
    for report in reports:
        _format_of(report)
    if second_opinion:
        demand_chdb()
    claims = claims_of(targets, queries)
    console = error_console()
    found = read_or_refuse(
        rules,
        imports,
    )
    options = Options(
        run_limit=runs,
        allow_empty=allow_empty,
        second_opinion=second_opinion,
        skip_bad_lines=skip_bad_lines,
        foreign_fields=fields,
        makes_events=generated,
        keeps_going=any(Path(name).is_dir() for name in rules),
    )
    steps = verify_all(found, claims, logs, options, jobs or (2 if len(found) > FEW else 1))
    result = Report(tuple(draw(steps, console, quiet=quiet)), logs)
    write_reports(result, reports, console, force=force, quiet=quiet)
    return exit_code(result, targets)


def claims_of(targets: Sequence[str], queries: Sequence[str]) -> list[Claim]:
    """Return what is to be judged: the queries given, and the targets named or else all."""
    claims = [_query_claim(query) for query in queries]
    if targets or not claims:
        names = targets or [target.name for target in all_targets()]
        claims = [Claim(_canonical(name)) for name in names] + claims
    return claims


def _canonical(name: str) -> str:
    return name if name.startswith(FOREIGN) else target_named(name).name


def _query_claim(text: str) -> Claim:
    name, equals, path = text.partition("=")
    if not equals:
        raise UsageError(f"--query {text}: write TARGET=FILE")
    try:
        query = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; check the name") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: the file is not UTF-8; save it as UTF-8") from error
    if not query.strip():
        raise InputError(f"{path}:1: the query is empty; write the text to judge")
    return Claim(target_named(name).name, query, path)


def _format_of(report: str) -> Format:
    name = report.partition(":")[0]
    found = format_named(name)
    if found is None:
        known = ", ".join(format_names())
        raise UsageError(f"--report {report}: unknown format {name!r}; use one of {known}")
    return found


def write_reports(
    report: Report, reports: Sequence[str], console: Console, *, force: bool, quiet: bool
) -> None:
    """Write each report asked for; the table unless something else is asked for or all is quiet."""
    for text in reports or ("table",):
        name, _, path = text.partition(":")
        if path:
            stream = io.StringIO()
            _format_of(text).write(report, stream)
            write_file(Path(path), stream.getvalue(), force=force)
        elif name != "table":
            _format_of(text).write(report, sys.stdout)
        elif not (quiet and not reports):
            table.draw(report, console)
