"""`sigmaproof convert`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import yaml
from rich.console import Console
from rich.text import Text

from converter import formats
from converter.diagnostic import Diagnostic, Severity
from converter.errors import Unsupported
from converter.importers.yaml_text import yaml_text
from converter.placement import placed, render_placed
from converter.port import ImportOptions, PlaceholderRule, PortableRule, read_placeholder_rules
from converter.registry import target_named
from converter.target import Target
from harness.cli.options import (
    quiet_option,
    rule_arguments,
    rule_files,
)
from harness.cli.output import write_file
from harness.cli.progress import error_console
from harness.cli.rule_files import load_readable, read_file
from harness.errors import UsageError
from harness.rule_errors import RuleError
from sigma.sigmaproof.portable import to_portable


@dataclass(frozen=True, slots=True)
class _Output:
    name: str
    text: str
    path: str
    """The file of the rule."""
    diagnostics: tuple[Diagnostic, ...]
    is_refused: bool = False


@click.command()
@rule_arguments
@click.option("--target", "-t", "targets", multiple=True, metavar="TARGET", help="Default: Sigma.")
@click.option(
    "--format",
    "-f",
    "file_format",
    default=formats.TEXT,
    show_default=True,
    help="As the command `targets` lists them.",
)
@click.option("--portable", is_flag=True, help="Write Sigma that tools without new_terms accept.")
@click.option(
    "--placeholder-lists",
    is_flag=True,
    help="Write rules of type threat_match as Sigma with placeholders for their lists of indicators.",
)
@click.option(
    "--watchlist",
    "moves_lists",
    is_flag=True,
    help="Move the longest lists of a query that is too long for Sentinel to watchlists, written as CSV.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Directory for the files.")
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@quiet_option
def command(
    rules: tuple[str, ...],
    imports: ImportOptions,
    targets: tuple[str, ...],
    file_format: str,
    portable: bool,
    placeholder_lists: bool,
    moves_lists: bool,
    output: Path | None,
    force: bool,
    quiet: bool,
) -> int:
    """Write rules as Sigma documents, or as the query or rule file of a target."""
    if portable and targets:
        raise UsageError("--portable is about Sigma documents; leave out --target")
    if placeholder_lists and targets:
        raise UsageError("--placeholder-lists is about Sigma documents; leave out --target")
    if placeholder_lists and "-" in rules:
        raise UsageError("--placeholder-lists reads files, not standard input; name the rule file")
    if moves_lists and output is None:
        raise UsageError("--watchlist writes files beside the rule's; name a directory by --output")
    if output is not None and not output.is_dir():
        raise UsageError(f"{output}: no such directory; create it first")
    if (imports.drops_unmapped or imports.enrichment) and not targets:
        raise UsageError("--drop-unmapped and --enrich are about tables of a target; add --target")
    chosen = [target_named(name) for name in targets]
    outputs: list[_Output] = []
    if placeholder_lists:
        outputs, rules = _placeholder_rules(rules, imports)
    readable, refused = load_readable(rules, imports) if rules else ([], [])
    outputs += (
        one
        for rule in readable
        for one in (
            _queries(rule, chosen, file_format, moves_lists=moves_lists)
            if chosen
            else [_documents(rule, portable=portable)]
        )
    )
    _deliver(outputs, output, force=force)
    _report(outputs, refused, error_console(), quiet=quiet)
    if any(not error.is_unsupported for error in refused):
        return RuleError.exit_code
    return 1 if refused or any(one.is_refused for one in outputs) else 0


def _placeholder_rules(
    names: tuple[str, ...], options: ImportOptions
) -> tuple[list[_Output], tuple[str, ...]]:
    """Write the rules whose lists are placeholders; return the other files."""
    written: list[_Output] = []
    others: list[str] = []
    for path in rule_files(names):
        found = read_file(path, options, read_placeholder_rules)
        written += (
            _Output(f"{_slug(one)}.yml", one.documents, path, one.diagnostics) for one in found
        )
        others += [] if found else [path]
    return written, tuple(others)


def _documents(rule: PortableRule, *, portable: bool) -> _Output:
    text = rule.documents
    if portable:
        documents = to_portable([one for one in yaml.safe_load_all(text) if one])
        text = yaml_text(documents)
    return _Output(f"{_slug(rule)}.yml", text, rule.path, rule.diagnostics)


def _queries(
    rule: PortableRule, targets: list[Target], file_format: str, *, moves_lists: bool
) -> Iterator[_Output]:
    for target in targets:
        try:
            output_format = formats.output_format(file_format, target)
            there = placed(rule, target)
            rendered = render_placed(there, target, output_format)
            written = formats.write(there.rule.documents, rendered, file_format, moves_lists)
        except Unsupported as error:
            message = f"{target.name} cannot say this rule: {error.construct}"
            refusal = Diagnostic("unsupported", Severity.ERROR, message, error.span, error.hint)
            yield _Output(target.name, "", rule.path, (refusal,), is_refused=True)
            continue
        own_suffix = written.suffix if written.suffix != f".{target.name}" else ""
        name = f"{_slug(rule)}.{target.name}{own_suffix}"
        diagnostics = (*rule.diagnostics, *written.diagnostics)
        yield _Output(name, written.text, rule.path, diagnostics)
        for one in written.watchlists:
            yield _Output(f"{one.alias}.csv", one.file_text(), rule.path, ())


def _slug(rule: PortableRule | PlaceholderRule) -> str:
    return re.sub(r"[^a-z0-9]+", "_", rule.title.lower()).strip("_") or "rule"


def _deliver(outputs: list[_Output], folder: Path | None, *, force: bool) -> None:
    """Write files, or print; several texts on one stream are told apart by a line on standard error."""
    written = [one for one in outputs if not one.is_refused]
    if folder is None:
        for place, one in enumerate(written):
            is_yaml = one.name.endswith(".yml")
            if len(written) > 1 and not one.name.endswith(".ndjson") and not is_yaml:
                click.echo(f"== {one.name}", err=True)
            click.echo("---\n" if is_yaml and place else "", nl=False)
            click.echo(one.text, nl=False)
        return
    names = [one.name for one in written]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"{folder / twice}: two rules would be written to it; rename one")
    if not force and (there := next((name for name in names if (folder / name).exists()), None)):
        raise UsageError(f"{folder / there}: the file exists; use --force to overwrite it")
    for one in written:
        write_file(folder / one.name, one.text, force=force)


def _report(
    outputs: list[_Output], refused: list[RuleError], console: Console, *, quiet: bool
) -> None:
    """Say once a rule what a person must know: what was lost, and what was refused."""
    for path, diagnostic in dict.fromkeys(
        (one.path, d) for one in outputs for d in one.diagnostics
    ):
        hint = f"; {diagnostic.hint}" if diagnostic.hint else ""
        text = f"{path}: {diagnostic.message}{hint}"
        match diagnostic.severity:
            case Severity.ERROR:
                _line(console, diagnostic.code, "red", text)
            case Severity.WARNING if not quiet:
                _line(console, diagnostic.code, "yellow", text)
            case _:
                pass
    for error in refused:
        _line(console, "error:", "red", str(error))


def _line(console: Console, label: str, style: str, text: str) -> None:
    console.print(Text.assemble((label, style), f" {text}"), soft_wrap=True)
