"""Every subtly wrong copy of a conformance rule finds other events than its case names.

So an event of the case tells each piece of its rule from the lack of it: a backend that drops the piece
is found out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import pytest
import yaml
from sigma.exceptions import SigmaError

from converter.errors import ConversionError
from converter.ir import Filter
from converter.port import ImportOptions, read_rules
from harness.engines.plan import matching_events
from sigma.sigmaproof.errors import SigmaFileError
from tests.conformance import Case, cases

Detection = dict[str, Any]
ENCODED = frozenset(
    {"re", "fieldref", "cidr", "base64", "base64offset", "wide", "utf16", "utf16be"}
)
"""Modifiers whose values are not compared as they stand."""

EQUIVALENT: Mapping[tuple[str, str], str] = {
    ("booleans/text", "cased: process.interactive"): "a boolean has no other spelling",
    (
        "comparisons/several",
        "without a value: process.pid|lt",
    ): "the higher bound implies the lower",
    ("null/beside-a-value", "without process.name"): "nothing or something is always true",
    ("of/one-of-one", "all of"): "one of one is all of one",
}
"""Mutants that no event can tell from the rule, with the reason."""


class Mutant(NamedTuple):
    name: str
    detection: Detection


def mutants(detection: Detection) -> Iterator[Mutant]:
    condition = detection["condition"]
    if isinstance(condition, str):
        for name, changed in conditions(condition):
            yield Mutant(name, {**detection, "condition": changed})
    for place, item in enumerate(items(detection)):
        for key in item:
            for name, replacement in changed_items(key, item):
                copy = deepcopy(detection)
                target = items(copy)[place]
                del target[key]
                target.update(replacement)
                yield Mutant(name, copy)


def items(detection: Detection) -> list[Detection]:
    """Return the maps of fields to values."""
    found = []
    for name, value in detection.items():
        if name != "condition":
            found += value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, dict)]


def conditions(condition: str) -> Iterator[tuple[str, str]]:
    for found in re.finditer(r"not | and | or ", condition):
        swapped = {"not ": "", " and ": " or ", " or ": " and "}[found.group()]
        changed = condition[: found.start()] + swapped + condition[found.end() :]
        yield f"{swapped.strip() or 'without not'} at {found.start()}", changed
    for one, other in (("1 of", "all of"), ("all of", "1 of")):
        if one in condition:
            yield other, condition.replace(one, other)


def changed_items(key: str, item: Detection) -> Iterator[tuple[str, Detection]]:
    field, *modifiers = key.split("|")
    values = item[key] if isinstance(item[key], list) else [item[key]]
    texts = [value for value in values if isinstance(value, str)]
    has_letters = any(re.search("[A-Za-z]", text) for text in texts)
    for modifier in modifiers:
        if modifier != "cased" or has_letters:
            rest = "|".join([field, *(one for one in modifiers if one != modifier)])
            yield f"without |{modifier}: {key}", {rest: item[key]}
    if len(values) > 1:
        for place in range(len(values)):
            yield f"without a value: {key}", {key: values[:place] + values[place + 1 :]}
    if len(item) > 1:
        yield f"without {key}", {}
    if len(texts) == len(values) and ENCODED.isdisjoint(modifiers):
        if has_letters and "cased" not in modifiers:
            yield f"cased: {key}", {f"{key}|cased": item[key]}
        yield from changed_wildcards(key, texts)


def changed_wildcards(key: str, texts: Sequence[str]) -> Iterator[tuple[str, Detection]]:
    for name, pattern, replacement in (
        ("a wildcard for an escaped one", r"\\([*?])", r"\1"),
        ("a star for a question mark", r"(?<!\\)\?", "*"),
        ("a question mark for a star", r"(?<!\\)\*", "?"),
    ):
        changed = [re.sub(pattern, replacement, text) for text in texts]
        if changed != list(texts):
            yield f"{name}: {key}", {key: changed}


def found_by(case: Case, detection: Detection) -> frozenset[str] | None:
    """Return what a rule with another detection finds; nothing where it is no rule."""
    document = {**yaml.safe_load(case.text), "detection": detection}
    try:
        (rule,) = read_rules(yaml.safe_dump(document), "mutant.yml", ImportOptions())
    except (ConversionError, SigmaError, SigmaFileError):
        return None
    assert isinstance(rule.plan, Filter)
    return frozenset(event.id for event in matching_events(rule.plan.predicate, case.dataset()))


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.key)
        for case in cases()
        if not case.refused and not case.placeholders
    ],
)
def test_mutants_of_a_rule_are_found_out(case: Case) -> None:
    detection = yaml.safe_load(case.text)["detection"]
    survivors = {
        one.name for one in mutants(detection) if found_by(case, one.detection) == case.matches
    }
    assert survivors == {name for key, name in EQUIVALENT if key == case.key}


def test_there_are_many_mutants() -> None:
    chosen = [case for case in cases() if not case.refused]
    made = sum(1 for case in chosen for _ in mutants(yaml.safe_load(case.text)["detection"]))
    assert made > 500
