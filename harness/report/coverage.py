"""What of each source's rules a target has, and what stops the others, as Markdown.

A rule of several sources counts for each of them, and once in the last row. Sources of which a target has
nothing share a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from harness.verdict import (
    Agrees,
    Approximate,
    Report,
    RuleResult,
    Status,
    TargetResult,
    UnsupportedTarget,
    word,
)

from .markup import code, plain, row

_ALL = "all"
_UNKNOWN = "other"
_MOST_TITLES = 20
_COLUMNS = ("rules", "ported", "partial", "no counterpart", "otherwise")


@dataclass(frozen=True, slots=True)
class _Ported:
    """One rule for one target."""

    rule: RuleResult
    result: TargetResult

    @property
    def column(self) -> str:
        """Return the column in which the rule counts."""
        match self.result.verdict:
            case Agrees() | Approximate():
                return "partial" if self.result.is_partial else "ported"
            case UnsupportedTarget():
                return "no counterpart"
            case _:
                return "otherwise"


def write(report: Report, stream: TextIO) -> None:
    """Write a table for each target, then what its partial rules leave out and what stops the others."""
    found = [_Ported(rule, result) for rule in report.rules for result in rule.targets]
    targets = list(dict.fromkeys(one.result.target for one in found))
    parts = [part for target in targets for part in _target(target, found)]
    refused = [rule for rule in report.rules if rule.status is Status.REFUSED and not rule.targets]
    if refused:
        parts += [
            "## Rules that could not be read\n",
            _rows(("why", "rules", "titles"), _unread(refused)),
        ]
    stream.write("\n".join(parts))


def _target(target: str, every: Sequence[_Ported]) -> Iterator[str]:
    found = [one for one in every if one.result.target == target]
    sources = sorted({source for one in found for source in _sources(one)})
    yield f"## {target}\n"
    by_source = {source: [one for one in found if source in _sources(one)] for source in sources}
    lines = [(source, *_counts(some)) for source, some in by_source.items() if _is_covered(some)]
    left = [source for source, some in by_source.items() if not _is_covered(some)]
    alone = [one for one in found if set(_sources(one)) <= set(left)]
    if alone:
        lines.append((f"other sources ({len(left)})", *_counts(alone)))
    yield _rows(("source", *_COLUMNS), [*lines, (_ALL, *_counts(found))])
    for title, headings, rows in (
        ("Partial", ("source", "rule", "left out or chosen", "effect", "why"), _partial(found)),
        ("No counterpart", ("what stops them", "rules", "titles"), _stopped(found)),
        ("Otherwise", ("source", "rule", "verdict"), _otherwise(found)),
    ):
        if written := list(rows):
            yield f"### {title}: {target}\n"
            yield _rows(headings, written)


def _sources(one: _Ported) -> tuple[str, ...]:
    return one.rule.sources or (_UNKNOWN,)


def _is_covered(found: Iterable[_Ported]) -> bool:
    """Say whether some rule has more than a reason why it has no counterpart."""
    return any(one.column != "no counterpart" for one in found)


def _counts(found: Sequence[_Ported]) -> list[str]:
    columns = [one.column for one in found]
    numbers = [len(found), *(columns.count(name) for name in _COLUMNS[1:])]
    shares = [str(number) for number in numbers]
    if found:
        shares[1] += f" ({numbers[1] / len(found):.0%})"
    return shares


def _partial(found: Iterable[_Ported]) -> Iterator[tuple[str, ...]]:
    for one in _in(found, "partial"):
        for loss in one.result.losses:
            yield (*_named(one), code(loss.text), loss.effect, plain(loss.reason))
        for choice in one.result.choices:
            yield (*_named(one), code(choice), "", "")


def _stopped(found: Iterable[_Ported]) -> Iterator[tuple[str, ...]]:
    """Yield what stops rules, the rarest reasons last."""
    by_reason: dict[str, list[str]] = {}
    for one in _in(found, "no counterpart"):
        if isinstance(one.result.verdict, UnsupportedTarget):
            titles = by_reason.setdefault(one.result.verdict.reason.message, [])
            titles.append(f"{plain(one.rule.title)} ({_named(one)[0]})")
    yield from _by_number(by_reason)


def _by_number(titles_by_reason: dict[str, list[str]]) -> Iterator[tuple[str, ...]]:
    """Yield reasons with their rules; many rules of one reason are only counted."""
    items = titles_by_reason.items()
    for reason, titles in sorted(items, key=lambda item: (-len(item[1]), item[0])):
        shown = "<br>".join(titles) if len(titles) <= _MOST_TITLES else ""
        yield plain(reason), str(len(titles)), shown


def _otherwise(found: Iterable[_Ported]) -> Iterator[tuple[str, ...]]:
    for one in _in(found, "otherwise"):
        yield (*_named(one), word(one.result.verdict).replace("_", " "))


def _in(found: Iterable[_Ported], column: str) -> list[_Ported]:
    chosen = [one for one in found if one.column == column]
    return sorted(chosen, key=lambda one: (_sources(one), one.rule.title, one.rule.path))


def _named(one: _Ported) -> tuple[str, str]:
    return ", ".join(_sources(one)), plain(one.rule.title)


def _unread(refused: Iterable[RuleResult]) -> Iterator[tuple[str, ...]]:
    by_reason: dict[str, list[str]] = {}
    for rule in refused:
        reason = rule.diagnostics[0].message if rule.diagnostics else ""
        by_reason.setdefault(reason, []).append(plain(rule.title))
    yield from _by_number(by_reason)


def _rows(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join(map(row, (headings, ["---"] * len(headings), *rows)))
