"""`sigmaproof targets`."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from converter.registry import all_targets
from harness.engines.registry import engine_for


@click.command()
def command() -> None:
    """List the targets and the formats in which each can be written."""
    table = Table(header_style="bold", pad_edge=False)
    for heading in ("target", "what it is", "formats", "executed by"):
        table.add_column(heading, overflow="fold")
    for target in all_targets():
        engine = "duckdb-kql on DuckDB" if target.language == "kusto" else "own evaluator"
        if engine_for(target.language) is None:
            engine = "nothing yet"
        names = ", ".join((target.name, *target.aliases))
        table.add_row(names, target.description, ", ".join(target.formats), engine)
    table.add_row(
        "pysigma:BACKEND[+PIPELINE...]",
        "any installed pySigma backend and pipelines, to be verified",
        "",
        "as its language",
    )
    Console().print(table)
