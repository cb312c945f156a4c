"""Reads the rules to verify; a file of a directory that cannot be imported becomes a result of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sigma.exceptions import SigmaError

from converter.diagnostic import Diagnostic, Severity
from converter.elastic.source import sources_of
from converter.errors import ConversionError, InputError, Unsupported
from converter.port import ImportOptions, PortableRule, read_rules
from harness.errors import UsageError
from harness.judge import unsupported
from harness.verdict import RuleResult, Status
from sigma.sigmaproof.errors import SigmaFileError

from .options import file_text, rule_files


def read_or_refuse(names: Sequence[str], options: ImportOptions) -> list[PortableRule | RuleResult]:
    """Read every rule in the files and directories named, in order; `-` is standard input.

    Only a file that is named itself stops everything when it cannot be imported.
    """
    found: list[PortableRule | RuleResult] = []
    for name in names:
        for path in rule_files([name]):
            if path == name:
                found += read_rules(file_text(path), path, options)
            else:
                found += _read_inside(path, options)
    if not found:
        raise UsageError(f"{', '.join(names)}: no rule found; name a rule file")
    return found


def _read_inside(path: str, options: ImportOptions) -> Sequence[PortableRule | RuleResult]:
    text = ""
    try:
        text = file_text(path)
        return read_rules(text, path, options)
    except Unsupported as error:
        return [_refused(path, text, unsupported(error))]
    except (ConversionError, SigmaError, SigmaFileError) as error:
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
