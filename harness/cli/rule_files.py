"""Reads rule files: all or none, what can be read, or with a result for each that cannot be imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from converter.diagnostic import Diagnostic, Severity
from converter.elastic.source import sources_of
from converter.errors import InputError, Unsupported
from converter.port import ImportOptions, PortableRule, read_rules
from harness.errors import UsageError
from harness.judge import unsupported
from harness.rule_errors import RULE_ERRORS, RuleError
from harness.verdict import RuleResult, Status

from .options import file_text, rule_files

Read = TypeVar("Read")


def load_rules(names: Sequence[str], options: ImportOptions) -> list[PortableRule]:
    """Read every rule in the files and directories named, in order; `-` is standard input."""
    found = [rule for path in rule_files(names) for rule in read_file(path, options, read_rules)]
    if not found:
        raise _nothing_in(names)
    return found


def read_file(
    path: str,
    options: ImportOptions,
    read: Callable[[str, str, ImportOptions], Sequence[Read]],
) -> Sequence[Read]:
    """Read the rules of one file; an error names the file."""
    try:
        return read(file_text(path), path, options)
    except RULE_ERRORS as error:
        raise RuleError(path, error) from error


def load_readable(
    names: Sequence[str], options: ImportOptions
) -> tuple[list[PortableRule], list[RuleError]]:
    """Read what can be read of several files, and say what is wrong with the others.

    A file that is the only one stops everything when it cannot be read.
    """
    files = rule_files(names)
    if not files:
        raise _nothing_in(names)
    found: list[PortableRule] = []
    refused: list[RuleError] = []
    for path in files:
        try:
            found += read_file(path, options, read_rules)
        except RuleError as error:
            if len(files) == 1:
                raise
            refused.append(error)
    return found, refused


def _nothing_in(names: Sequence[str]) -> UsageError:
    return UsageError(f"{', '.join(names)}: no rule found; name a rule file")


def read_or_refuse(names: Sequence[str], options: ImportOptions) -> list[PortableRule | RuleResult]:
    """Read every rule in the files and directories named, in order; `-` is standard input.

    Only a file that is named itself stops everything when it cannot be imported.
    """
    found: list[PortableRule | RuleResult] = []
    for name in names:
        for path in rule_files([name]):
            if path == name:
                found += read_file(path, options, read_rules)
            else:
                found += _read_inside(path, options)
    if not found:
        raise _nothing_in(names)
    return found


def _read_inside(path: str, options: ImportOptions) -> Sequence[PortableRule | RuleResult]:
    text = ""
    try:
        text = file_text(path)
        return read_rules(text, path, options)
    except Unsupported as error:
        return [_refused(path, text, unsupported(error))]
    except RULE_ERRORS as error:
        return [_refused(path, text, Diagnostic("invalid-rule", Severity.ERROR, str(error)))]


def _refused(path: str, text: str, reason: Diagnostic) -> RuleResult:
    """Name a refused rule as well as its file allows."""
    identity, title, kind = _header(path, text)
    return RuleResult(path, identity, title, kind, Status.REFUSED, (reason,), ())


def _header(path: str, text: str) -> tuple[str, str, str]:
    try:
        rule = sources_of(text, path)[0].tables["rule"]
    except (InputError, LookupError):
        rule = {}
    values = (rule.get(key) for key in ("rule_id", "name", "type"))
    identity, title, kind = (value if isinstance(value, str) else "" for value in values)
    return identity, title or Path(path).name, kind or "unknown"
