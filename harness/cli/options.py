"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from converter.errors import InputError
from converter.mapping import packs as installed_packs
from converter.port import ImportOptions
from converter.schema_files import read_schema_files
from harness.errors import UsageError
from sigma.sigmaproof.enrichment import ChoiceError, chosen
from sigma.sigmaproof.mapping import MappingPack
from sigma.sigmaproof.mapping_reader import pack_from_text

Command = TypeVar("Command", bound=Callable[..., Any])

_RULE_FILES = frozenset({".toml", ".json", ".ndjson", ".yml", ".yaml"})


_RULE_OPTIONS = (
    click.argument("rules", metavar="RULE...", nargs=-1, required=True),
    click.option(
        "--case",
        type=click.Choice(["exact", "insensitive"]),
        default="exact",
        show_default=True,
        help="Compare text as Elastic does, or in Sigma's own, wider way.",
    ),
    click.option(
        "--value",
        "values",
        multiple=True,
        metavar="FIELD:VALUE=COLUMN_VALUE",
        help="Add an entry to a value table of the mapping pack, for example"
        " source.as.organization.name:EXAMPLE-AS=64500.",
    ),
    click.option(
        "--schema",
        "schemas",
        multiple=True,
        metavar="FILE",
        help="Field types: an Elasticsearch mapping, a Kibana data view, fields.yml or"
        " ecs_flat.yml. May be repeated.",
    ),
    click.option(
        "--mapping",
        "mappings",
        multiple=True,
        metavar="FILE",
        help="A mapping pack of your own, which comes before the installed ones. May be repeated.",
    ),
    click.option(
        "--tables",
        metavar="NAME,...",
        default="",
        help="The tables that you have, where a pack knows several that can hold the events.",
    ),
    click.option(
        "--drop-unmapped",
        "drops_unmapped",
        is_flag=True,
        help="Leave out conditions on what a target's tables have no counterpart for, and say for"
        " each whether the result is wider or narrower; without it such a rule is refused.",
    ),
    click.option(
        "--enrich",
        "enrichment",
        multiple=True,
        metavar="FIELD=CHOICE",
        help="Look a field up that no column holds: watchlist:NAME or geo_info, as the refusal of"
        " the rule and `mapping show` name them. May be repeated.",
    ),
)


def rule_arguments(command: Callable[..., int]) -> Callable[..., int]:
    """Add the RULE arguments and how rules are imported: the parameters `rules` and `imports`."""

    @wraps(command)
    def with_imports(
        *,
        case: str,
        values: tuple[str, ...],
        schemas: tuple[str, ...],
        mappings: tuple[str, ...],
        tables: str,
        drops_unmapped: bool,
        enrichment: tuple[str, ...],
        **others: object,
    ) -> int:
        imports = _imports(
            case,
            values=values,
            schemas=schemas,
            mappings=mappings,
            tables=tables,
            drops_unmapped=drops_unmapped,
            enrichment=enrichment,
        )
        return command(imports=imports, **others)

    decorated: Callable[..., int] = with_imports
    for decorate in reversed(_RULE_OPTIONS):
        decorated = decorate(decorated)
    return decorated


def quiet_option(command: Command) -> Command:
    """Add --quiet."""
    return click.option("--quiet", "-q", is_flag=True, help="No progress and no remarks.")(command)


def log_options(command: Command) -> Command:
    """Add how logs are read."""
    for decorate in reversed(
        (
            click.option(
                "--logs",
                "-l",
                multiple=True,
                metavar="PATH",
                callback=lambda context, parameter, names: log_files(names),
                help="NDJSON log, plain, gzip or zstd, or a directory of them; - is standard input."
                " May be repeated.",
            ),
            click.option(
                "--skip-bad-lines",
                is_flag=True,
                help="Count lines that cannot be read and go on.",
            ),
        )
    ):
        command = decorate(command)
    return command


def _imports(
    case: str,
    *,
    values: Sequence[str],
    schemas: Sequence[str],
    mappings: Sequence[str],
    tables: str,
    drops_unmapped: bool,
    enrichment: Sequence[str],
) -> ImportOptions:
    by_field: dict[str, dict[str, str]] = {}
    for entry in values:
        field, colon, rest = entry.partition(":")
        value, equals, column_value = rest.rpartition("=")
        if not (colon and equals and field and value and column_value):
            raise UsageError(f"--value {entry!r}: write FIELD:VALUE=COLUMN_VALUE")
        by_field.setdefault(field, {})[value] = column_value
    packs = tuple(pack_from_text(file_text(path), path) for path in mappings)
    return ImportOptions(
        is_case_exact=case == "exact",
        values=by_field,
        declared=read_schema_files({path: file_text(path) for path in schemas}),
        packs=packs,
        drops_unmapped=drops_unmapped,
        enrichment=_enrichment(enrichment, (*packs, *installed_packs())) if enrichment else {},
        tables=tuple(name.strip() for name in tables.split(",") if name.strip()),
    )


def _enrichment(entries: Sequence[str], packs: Sequence[MappingPack]) -> dict[str, str]:
    """Read FIELD=CHOICE; raises where no pack offers it."""
    offered = {field.ecs: field.choices for pack in packs for field in pack.fields if field.choices}
    found: dict[str, str] = {}
    for entry in entries:
        field, equals, choice = entry.partition("=")
        choices = offered.get(field)
        if not equals or choices is None:
            known = ", ".join(sorted(offered))
            raise UsageError(f"--enrich {entry!r}: write FIELD=CHOICE for one of {known}")
        try:
            chosen(choices, field, choice)
        except ChoiceError as error:
            raise UsageError(f"--enrich {error}") from error
        found[field] = choice
    return found


def rule_files(names: Sequence[str]) -> list[str]:
    """Return the files named and the rule files inside the directories named."""
    files: list[str] = []
    for name in names:
        path = Path(name)
        if name != "-" and path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix in _RULE_FILES and p.is_file())
            files += [str(p) for p in inside]
        else:
            files.append(name)
    return files


def log_files(names: Sequence[str]) -> tuple[str, ...]:
    """Return the logs named and every file inside the directories named."""
    files: list[str] = []
    for name in names:
        path = Path(name)
        if name != "-" and path.is_dir():
            files += sorted(str(inside) for inside in path.iterdir() if inside.is_file())
        else:
            files.append(name)
    return tuple(files)


def file_text(path: str) -> str:
    """Return the text of a file; `-` is standard input."""
    if path == "-":
        data = sys.stdin.buffer.read()
    else:
        try:
            data = Path(path).read_bytes()
        except FileNotFoundError as error:
            raise InputError(f"{path}: no such file; check the name") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: the file is not UTF-8; save it as UTF-8") from error
