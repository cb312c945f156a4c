"""Makes subtly wrong copies of a rendered text, each with a name that says what is wrong.

A mutation is a place in the text and a replacement; nothing here knows what a text means. Mutations
of one language's own constructs are in `replacements`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.harness.replacements import REPLACEMENTS


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
    joint: str
    """Pattern of what joins a condition to the one before it."""
    swapped: str
    """What joins them by or instead."""
    negation: str
    """Pattern of a negation, with the group `name` of what it denies."""


GRAMMARS = {
    "kuery": Grammar(
        condition=r"and .*(?<!\()$",
        excluded=r"(?: or )?\"(?P<value>[0-9a-f-]{36})\"(?= or)",
        joint=r"\nand (?=(?P<name>\S+ \S+))",
        swapped="\nor ",
        negation=r"(?<=\nand )not (?=(?P<name>\S+))",
    ),
    "lucene": Grammar(
        condition=r"AND .*(?<!\()$",
        excluded=r"(?: OR )?\"(?P<value>[0-9a-f-]{36})\"(?= OR)",
        joint=r"\nAND (?=(?P<name>\S+ ?\S+))",
        swapped="\nOR ",
        negation=r"(?<=\nAND )NOT (?=(?P<name>[^\s:]+))",
    ),
    "esql": Grammar(
        condition=r"    AND .*$",
        excluded=r"    AND NOT MV_CONTAINS\(\S+, \"(?P<value>[0-9a-f-]{36})\"\)\n",
        joint=r"\n    AND (?=(?P<name>(?!.*-.{4}-).+))",
        swapped="\n    OR ",
        negation=r"(?<=AND )NOT (?=(?P<name>MV_CONTAINS\(\S+, \S+\)))",
    ),
    "kusto": Grammar(
        condition=r"\| where .*(?<!\()$",
        excluded=r"    \"(?P<value>[0-9a-f-]{36})\",\n",
        joint=r"(?<=[^(])\n\| where (?=(?P<name>\S+ [!=]+ \S+|isnotempty.*))",
        swapped=" or ",
        negation=r"(?:!(?=in )|!=|(?<=is)not(?=empty))(?=(?P<name>.*))",
    ),
}
_AFFIRMED = {"!=": "=="}
"""What stands in place of a negation that is forgotten, where that is not nothing."""
ELEMENTS = 3
"""How many elements of a long list are dropped, one at a time; the log has a case for each one."""


def mutants(text: str, language: str) -> Iterator[Mutant]:
    """Yield the mutants of a text in order of kind and place."""
    grammar = GRAMMARS[language]
    yield from _dropped_conditions(text, grammar)
    yield from _swapped_joints(text, grammar)
    yield from _dropped_negations(text, grammar)
    yield from _flipped_cases(text)
    yield from _dropped_elements(text, grammar)
    yield from _replaced(text, language)


def _dropped_conditions(text: str, grammar: Grammar) -> Iterator[Mutant]:
    for found in re.finditer(rf"^{grammar.condition}\n", text, re.MULTILINE):
        if re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", found.group()):
            continue  # an element of a list, which has its own mutation
        yield Mutant(f"drop: {found.group().strip()}", text[: found.start()] + text[found.end() :])


def _swapped_joints(text: str, grammar: Grammar) -> Iterator[Mutant]:
    for found in re.finditer(grammar.joint, text):
        changed = text[: found.start()] + grammar.swapped + text[found.end() :]
        yield Mutant(f"or instead of and: {found['name']}", changed)


def _dropped_negations(text: str, grammar: Grammar) -> Iterator[Mutant]:
    """Yield a mutant for each negation; of a list written out, for its first element only."""
    listed = False
    for found in re.finditer(grammar.negation, text):
        is_element = re.search(r"-[0-9a-f]{4}-", found["name"]) is not None
        if is_element and listed:
            continue
        listed |= is_element
        changed = text[: found.start()] + _AFFIRMED.get(found.group(), "") + text[found.end() :]
        yield Mutant(f"a dropped not: {found['name']}", changed)


def _flipped_cases(text: str) -> Iterator[Mutant]:
    for found in re.finditer(
        r"(?<=\")(azure\.signinlogs|Member|Browser|authentication|MICROSOFT[A-Z-]+)(?=\")", text
    ):
        flipped = found.group().swapcase()
        yield Mutant(
            f"flip the case: {found.group()}", text[: found.start()] + flipped + text[found.end() :]
        )


def _dropped_elements(text: str, grammar: Grammar) -> Iterator[Mutant]:
    for found in list(re.finditer(grammar.excluded, text))[:ELEMENTS]:
        kept = text[: found.start()] + text[found.end() :]
        yield Mutant(
            f"drop the element {found['value']}", re.sub(r"\(\n\s+(?:or|OR) ", "(\n  ", kept)
        )


def _replaced(text: str, language: str) -> Iterator[Mutant]:
    """Yield a mutant for each place that a replacement fits; it names the place where it may be many."""
    for one in REPLACEMENTS[language]:
        for number, found in enumerate(re.finditer(one.pattern, text)):
            if number >= one.places:
                break
            changed = text[: found.start()] + found.expand(one.replacement) + text[found.end() :]
            place = found.groupdict().get("name")
            yield Mutant(f"{one.name}: {place}" if place else one.name, changed)
