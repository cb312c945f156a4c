"""Where targets differ from Sigma, as a Markdown document: a row a difference, each with its reason.

The reasons are written by hand, by rule, in `harness/divergences/BACKEND.yml`. A difference without a
reason and a reason without its difference are errors, so that the document says neither more nor less
than what was executed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import PurePath
from typing import TextIO

import yaml

from harness.errors import UsageError
from harness.foreign import FOREIGN
from harness.verdict import (
    Counterexample,
    Differs,
    Invalid,
    Report,
    RuleResult,
    TargetResult,
    UnsupportedTarget,
    word,
)

from .markup import code, plain, row

PACKAGES = ("pySigma", "pySigma-backend-elasticsearch", "pySigma-backend-kusto")
"""What decides which text a stock backend prints."""

_HEADINGS = ("Rule", "Text of the backend", "Smallest event", "The backend", "Why")


@dataclass(frozen=True, slots=True)
class _Result:
    """What one target made of one rule."""

    key: str
    title: str
    target: TargetResult


def write(report: Report, stream: TextIO) -> None:
    """Write a section for each target; raises UsageError where reasons and differences do not fit."""
    by_target: dict[str, list[_Result]] = {}
    for rule in sorted(report.rules, key=lambda one: one.path):
        for target in rule.targets:
            by_target.setdefault(target.target, []).append(_Result(_key(rule), rule.title, target))
    sections = [_section(name, results) for name, results in by_target.items()]
    stream.write("\n".join([_introduction(), *sections]))


def reasons_for(target: str) -> Mapping[str, str]:
    """Return why the backend of a target differs, by rule; empty where nobody wrote it."""
    name = target.removeprefix(FOREIGN).partition("+")[0]
    source = files("harness") / "divergences" / f"{name}.yml"
    if not source.is_file():
        return {}
    reasons: dict[str, str] = {}
    for entry in yaml.safe_load(source.read_text(encoding="utf-8")):
        for key in entry["rules"]:
            if key in reasons:
                raise UsageError(f"harness/divergences/{name}.yml: {key} has two reasons; keep one")
            reasons[key] = entry["because"]
    return reasons


def versions() -> str:
    """Return the versions of what stock backends are made of, as the document names them."""
    return ", ".join(f"{package} {version(package)}" for package in PACKAGES)


def _key(rule: RuleResult) -> str:
    """Name a rule by its folder and file."""
    path = PurePath(rule.path)
    return f"{path.parent.name}/{path.stem}"


def _introduction() -> str:
    return (
        "# Where backends differ from Sigma\n\n"
        f"Made by `sigmaproof verify --report divergences` with {versions()}.\n\n"
        "Each row is a rule for which executing the text that the backend printed does not find the\n"
        "events that the rule means. *Misses* is an event that the rule matches and the text does not\n"
        "find, *also finds* the other way round. The event is shrunk to the fields that matter. A modifier\n"
        "`cased` that a backend cannot take is dropped before it renders.\n"
    )


def _section(target: str, results: Sequence[_Result]) -> str:
    reasons = reasons_for(target)
    differing = [one for one in results if isinstance(one.target.verdict, Differs | Invalid)]
    _check(target, reasons, {one.key for one in differing}, {one.key for one in results})
    parts = [f"## {target}\n", _counted(results)]
    if differing:
        parts.append(_table(_HEADINGS, (_difference(one, reasons[one.key]) for one in differing)))
    if refused := [one for one in results if isinstance(one.target.verdict, UnsupportedTarget)]:
        parts.append("Not rendered, or not in a form that can be executed:\n")
        parts.append(_table(("Rule", "Reason"), map(_refusal, refused)))
    return "\n".join(parts)


def _check(target: str, reasons: Mapping[str, str], differing: set[str], judged: set[str]) -> None:
    missing = sorted(differing - reasons.keys())
    idle = sorted((reasons.keys() & judged) - differing)
    name = target.removeprefix(FOREIGN).partition("+")[0]
    problems = [
        f"{what} {', '.join(keys)}"
        for what, keys in (("no reason for", missing), ("nothing differs any more for", idle))
        if keys
    ]
    if problems:
        raise UsageError(
            f"--report divergences: {target}: {'; '.join(problems)};"
            f" correct harness/divergences/{name}.yml"
        )


def _counted(results: Sequence[_Result]) -> str:
    counts = Counter(word(one.target.verdict) for one in results)
    shown = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in sorted(counts.items()))
    return f"{len(results)} rules: {shown}.\n"


def _difference(result: _Result, reason: str) -> Sequence[str]:
    match result.target.verdict:
        case Differs(example):
            event, side = code(_shown(example)), _side(example)
        case Invalid(problem):
            event, side = "", plain(f"is invalid: {problem.message}")
        case _:
            raise TypeError(f"{result.key} does not differ")
    return (_name(result), code(result.target.text), event, side, plain(reason))


def _shown(example: Counterexample) -> str:
    return json.dumps(example.document, ensure_ascii=False, sort_keys=True)


def _side(example: Counterexample) -> str:
    return "misses it" if example.reference_alerts else "also finds it"


def _refusal(result: _Result) -> Sequence[str]:
    match result.target.verdict:
        case UnsupportedTarget(problem):
            return (_name(result), plain(problem.message))
        case _:
            raise TypeError(f"{result.key} was rendered")


def _name(result: _Result) -> str:
    return f"{code(result.key)}<br>{plain(result.title)}"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join(map(row, (headings, ["---"] * len(headings), *rows)))
