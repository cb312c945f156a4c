"""`sigmaproof mapping check` and `sigmaproof mapping show`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from converter.mapping import MappingPack, packs
from harness.cli.options import quiet_option
from harness.errors import UsageError
from harness.events.mapping_check import Hits
from harness.mapping.check import PackReport, check_pack
from sigma.sigmaproof.mapping import MappingError, PackField
from sigma.sigmaproof.mapping_reader import read_pack

_WIDTH = 200
"""Width of a table that goes to a file or a pipe."""


@click.group()
def command() -> None:
    """Judge mapping packs, or show what a log source's fields are called."""


@command.command()
@click.argument("names", metavar="[PACK|FILE]...", nargs=-1)
@click.option(
    "--pairs",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Directory with the same events as the vendor sends them and as ECS documents.",
)
@quiet_option
def check(names: tuple[str, ...], pairs: Path | None, quiet: bool) -> int:
    """Check packs: columns, types, names and, with --pairs, every value; all packs by default.

    Exit code 1 if anything fails.
    """
    is_good = True
    for name in names or tuple(pack.name for pack in packs()):
        try:
            file = Path(name) if Path(name).is_file() else None
            report = check_pack(pack_named(name), pairs, file)
        except MappingError as error:
            lines: Sequence[str] = (f"FAILED {error}",)
            is_good = False
        else:
            lines = tuple(_lines(report, quiet=quiet))
            is_good = is_good and not report.problems
        click.echo("\n".join(lines))
    return 0 if is_good else 1


@command.command()
@click.argument("source", metavar="PACK|FILE")
def show(source: str) -> None:
    """Print the fields of a log source under all their names."""
    pack = pack_named(source)
    console = Console()
    if not console.is_terminal:
        console = Console(width=max(shutil.get_terminal_size().columns, _WIDTH))
    log_source = ", ".join(f"{key} {value}" for key, value in pack.log_source.items())
    console.print(f"{pack.title}: pack {pack.name} {pack.version}, Sigma log source {log_source}")
    table = Table(header_style="bold", pad_edge=False)
    for heading in ("Sigma", "ECS", "vendor", "column", "relation", "how, and what is lost"):
        table.add_column(heading, overflow="fold")
    for field in pack.fields:
        table.add_row(*_cells(field, pack))
    console.print(table)


def pack_named(name: str) -> MappingPack:
    """Return the installed pack of that name, or the pack in that file."""
    for pack in packs():
        if pack.name == name:
            return pack
    if Path(name).is_file():
        return read_pack(Path(name))
    known = ", ".join(pack.name for pack in packs())
    raise UsageError(f"{name}: no such mapping pack or file; packs are {known}")


def _lines(report: PackReport, *, quiet: bool) -> Iterator[str]:
    pack = report.pack
    columns = sum(len(table.types) for table in pack.tables)
    verdict = f"{len(report.problems)} failed" if report.problems else "ok"
    yield (
        f"{pack.name} {pack.version}: {verdict}; {len(pack.fields)} fields, {columns} columns in"
        f" {len(pack.tables)} tables, {report.examples} examples, {report.pairs} paired events"
    )
    yield from (f"  FAILED {problem}" for problem in report.problems)
    if not quiet and not report.examples:
        yield "  unproved, as no examples.yml stands beside the pack: what no paired event shows"
    if quiet or not report.pairs:
        return
    yield from (f"  {rate} ({rate.share:.1%})" for rate in report.rates.values())
    for title, counts in (
        ("constants and tables", report.constants),
        ("ECS value and vendor value", report.values),
        ("row by ECS and row by vendor", report.rows),
    ):
        yield f"  {title}: {_sum(counts)}"
        yield from (f"    {count}" for count in counts)
    if report.unproven:
        yield (
            f"  unproven, as no paired event has them and no log source states them:"
            f" {', '.join(report.unproven)}"
        )


def _sum(counts: Sequence[Hits]) -> str:
    return f"{sum(c.hits for c in counts)} of {sum(c.occurrences for c in counts)}"


def _cells(field: PackField, pack: MappingPack) -> tuple[str, ...]:
    columns: dict[str, list[str]] = {}
    for table in pack.tables:
        place, constant = field.places.get(table.name), field.constants.get(table.name)
        if constant is not None:
            columns.setdefault(f"always {constant}", []).append(table.name)
        elif place is not None:
            columns.setdefault(str(place), []).append(table.name)
    every = len(pack.tables)
    shown = [
        text if len(tables) == every else f"{text} ({', '.join(tables)})"
        for text, tables in columns.items()
    ]
    options = " or ".join(field.choices.options(field.ecs)) if field.choices else ""
    alias = "another name" if field.is_alias else ""
    remarks = [alias, field.assumed, _transformation(field), field.refused, field.enrichment]
    remarks += [field.loss, options]
    return (
        field.sigma,
        field.ecs,
        " or ".join(field.vendor),
        "; ".join(shown),
        field.relation,
        "; ".join(filter(None, remarks)),
    )


def _transformation(field: PackField) -> str:
    """Write the value tables of a field, and the events that it is of."""
    events = [f"{name} {', '.join(codes)}".strip() for name, codes in field.events.items()]
    parts = [f"{value} is {target}" for value, target in field.values.items()]
    parts += [f"{value or 'no value'} means {target}" for value, target in field.cases.items()]
    parts += [f"{value} means {meaning}" for value, meaning in field.meanings.items()]
    parts += [f"{part} in {name}" for part, name in field.parts.items()]
    if field.otherwise:
        parts.append(f"any other {field.otherwise}")
    if events:
        parts.append(f"in {' or '.join(events)}")
    return ", ".join(parts)
