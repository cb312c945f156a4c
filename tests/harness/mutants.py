"""Makes subtly wrong copies of a rendered text, each with a name that says what is wrong.

A mutation is a place in the text and a replacement; nothing here knows what a text means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """A wrong copy of a text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Grammar:
    """How conditions look in a language, line by line."""

    condition: str
    """Pattern of a line that holds one whole condition and may be dropped."""
    excluded: str
    """Pattern of one element of a list with its separator; the group `value` names it."""


GRAMMARS = {
    "kuery": Grammar(r"and .*(?<!\()$", r"(?: or )?\"(?P<value>[0-9a-f-]{36})\"(?= or)"),
    "lucene": Grammar(r"AND .*(?<!\()$", r"(?: OR )?\"(?P<value>[0-9a-f-]{36})\"(?= OR)"),
    "esql": Grammar(
        r"    AND .*$", r"    AND NOT MV_CONTAINS\(\S+, \"(?P<value>[0-9a-f-]{36})\"\)\n"
    ),
    "kusto": Grammar(r"\| where .*(?<!\()$", r"    \"(?P<value>[0-9a-f-]{36})\",\n"),
}


def mutants(text: str, language: str) -> Iterator[Mutant]:
    """Yield the mutants of a text in order of kind and place."""
    grammar = GRAMMARS[language]
    yield from _dropped_conditions(text, grammar)
    yield from _flipped_cases(text)
    yield from _dropped_elements(text, grammar)
    yield from _replaced(text)


def _dropped_conditions(text: str, grammar: Grammar) -> Iterator[Mutant]:
    for found in re.finditer(rf"^{grammar.condition}\n", text, re.MULTILINE):
        if re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", found.group()):
            continue  # an element of a list, which has its own mutation
        yield Mutant(f"drop: {found.group().strip()}", text[: found.start()] + text[found.end() :])


def _flipped_cases(text: str) -> Iterator[Mutant]:
    for found in re.finditer(
        r"(?<=\")(Member|Browser|authentication|MICROSOFT[A-Z-]+)(?=\")", text
    ):
        flipped = found.group().swapcase()
        yield Mutant(
            f"flip the case: {found.group()}", text[: found.start()] + flipped + text[found.end() :]
        )


def _dropped_elements(text: str, grammar: Grammar) -> Iterator[Mutant]:
    for found in list(re.finditer(grammar.excluded, text))[:4]:
        kept = text[: found.start()] + text[found.end() :]
        yield Mutant(
            f"drop the element {found['value']}", re.sub(r"\(\n\s+(?:or|OR) ", "(\n  ", kept)
        )


_REPLACEMENTS = (
    (r"> ago\(lookback\)", ">= ago(lookback)", "the window's start counts as new"),
    (r"lookback = 9m", "lookback = 10m", "a longer window"),
    (r"history = 14d", "history = 13d", "a shorter history"),
    (r"history = 14d", "history = 15d", "a longer history"),
    (r"first_seen > NOW", "first_seen >= NOW", "the window's start counts as new"),
    (r"- 9 minutes", "- 10 minutes", "a longer window"),
    (r"- 14 days", "- 13 days", "a shorter history"),
    (r"- 14 days", "- 15 days", "a longer history"),
    (r"arg_min\(", "arg_max(", "the last event instead of the first"),
    (r"MIN\(primary_time\)", "MAX(primary_time)", "the last time instead of the first"),
    (r"ingestion_time\(\)", "TimeGenerated", "time of the event instead of ingestion"),
    (r"COALESCE\(event\.ingested, @timestamp\)", "@timestamp", "time of the event"),
    (r"is_interactive: ?false", "is_interactive: true", "the other boolean"),
    (r"is_interactive'\] == false", "is_interactive'] == true", "the other boolean"),
    (r"MV_CONTAINS\((\S+is_interactive), false\)", r"MV_CONTAINS(\1, true)", "the other boolean"),
    (
        r"NOT MV_CONTAINS\((\S+client_app_used), (\S+)\)",
        r"\1 != \2",
        "missing fields and arrays get lost",
    ),
    (r"ClientAppUsed != \"Browser\"", 'ClientAppUsed !~ "Browser"', "any case instead of exact"),
    (r"UserType == \"Member\"", 'UserType =~ "Member"', "any case instead of exact"),
    (r"AppId !in \(", "AppId !in~ (", "any case instead of exact"),
    (
        r"by UserPrincipalName, AppId",
        "by UserPrincipalName, AppId = tolower(AppId)",
        "folded terms",
    ),
    (r"BY\n(\s+\S+user_principal_name),\n\s+\S+app_id", r"BY\n\1", "one term field less"),
    (r"\nand not (source\.as\.organization\.name)", r"\nand \1", "a dropped not"),
    (r"\nAND NOT (source\.as\.organization\.name)", r"\nAND \1", "a dropped not"),
    (r"AND NOT (MV_CONTAINS\(source)", r"AND \1", "a dropped not"),
    (r"AutonomousSystemNumber != \"8075\"", 'AutonomousSystemNumber != "8076"', "another number"),
    (r"AutonomousSystemNumber != \"8075\"", 'AutonomousSystemNumber == "8075"', "a dropped not"),
    (r"\nand not (azure\S+client_app_used)", r"\nor not \1", "or instead of and"),
    (r"\nAND NOT (azure\S+client_app_used)", r"\nOR NOT \1", "or instead of and"),
)


def _replaced(text: str) -> Iterator[Mutant]:
    for pattern, replacement, name in _REPLACEMENTS:
        changed = re.sub(pattern, replacement, text, count=1)
        if changed != text:
            yield Mutant(f"{name}: {pattern}", changed)
