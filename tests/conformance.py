"""The conformance cases: a Sigma rule each, with the events of its construct that it must match.

`data/conformance/rules/CONSTRUCT/CASE.yml` is a rule whose section `conformance` says what is expected:
`matches` are the events of `logs/CONSTRUCT.ndjson` that satisfy it, written by hand from Sigma's
semantics; `unsupported` is by target what its refusal must say where its language cannot say the rule; `differs`
is by target what its platform finds otherwise, and why; `refused` is what the refusal of the rule itself
must say. A section `placeholders` holds the values that a pipeline puts in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from converter.ir import Schedule, Schema
from converter.mapping import ecs_schema
from converter.port import ImportOptions, PortableRule, read_rules
from harness.events.dataset import load_dataset
from harness.events.event import Dataset

FOLDER = Path(__file__).parent / "data" / "conformance"
RULES = FOLDER / "rules"
LOGS = FOLDER / "logs"


@dataclass(frozen=True, slots=True)
class Difference:
    """What a platform finds otherwise, as its SEMANTICS.md says."""

    because: str
    missed: frozenset[str]
    extra: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A rule and what is expected of it."""

    construct: str
    name: str
    title: str
    text: str
    matches: frozenset[str]
    """Ids of the events that satisfy the rule."""
    refused: str
    unsupported: Mapping[str, str]
    differs: Mapping[str, Difference]
    placeholders: Mapping[str, list[str]]

    def found_by(self, target: str) -> frozenset[str]:
        """Return the ids of the events that a target finds."""
        difference = self.differs.get(target)
        if difference is None:
            return self.matches
        return (self.matches - difference.missed) | difference.extra

    @property
    def key(self) -> str:
        return f"{self.construct}/{self.name}"

    @property
    def path(self) -> str:
        return str(RULES / self.construct / f"{self.name}.yml")

    def rule(self) -> PortableRule:
        (rule,) = read_rules(self.text, self.path, ImportOptions())
        return rule

    def dataset(self) -> Dataset:
        return events_of(self.construct)


@lru_cache
def events_of(construct: str) -> Dataset:
    """Return the events of a construct, with the types of ECS."""
    return load_dataset([LOGS / f"{construct}.ndjson"], Schedule(), schema())


@lru_cache(maxsize=1)
def schema() -> Schema:
    return ecs_schema()


@lru_cache(maxsize=1)
def cases() -> tuple[Case, ...]:
    """Return every case, by construct and name."""
    return tuple(_read(path) for path in sorted(RULES.glob("*/*.yml")))


def _read(path: Path) -> Case:
    text = path.read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    expected = document["conformance"]
    construct = path.parent.name

    def ids(names: Iterable[str]) -> frozenset[str]:
        return frozenset(f"{construct}.{name}" for name in names)

    return Case(
        construct=construct,
        name=path.stem,
        title=document["title"],
        text=text,
        matches=ids(expected.get("matches", ())),
        refused=expected.get("refused", ""),
        unsupported=expected.get("unsupported", {}),
        differs={
            target: Difference(
                one["because"], ids(one.get("missed", ())), ids(one.get("extra", ()))
            )
            for target, one in expected.get("differs", {}).items()
        },
        placeholders=expected.get("placeholders", {}),
    )
