"""`sigmaproof demo`."""

from __future__ import annotations

import click

from converter.port import ImportOptions
from converter.registry import all_targets
from harness.cli.commands.verify import write_reports
from harness.cli.options import quiet_option
from harness.cli.progress import draw, error_console
from harness.cli.rule_files import load_rules
from harness.runner import Options, exit_code, verify
from harness.samples import LOG, RULE, sample
from harness.subjects import Claim
from harness.verdict import Report


@click.command()
@quiet_option
def command(quiet: bool) -> int:
    """Verify the sample rule on the sample log, for every target."""
    logs = (str(sample(LOG)),)
    rules = load_rules([str(sample(RULE))], ImportOptions())
    claims = [Claim(target.name) for target in all_targets()]
    console = error_console()
    steps = verify(rules, claims, logs, Options())
    report = Report(tuple(draw(steps, console, quiet=quiet)), logs)
    write_reports(report, ("table",), console, force=False, quiet=quiet)
    return exit_code(report, ())
