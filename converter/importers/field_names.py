"""Field names and types of one rule, and what a person must know about them.

Names come from the mapping pack; types from the pack and from ECS, the same that the query is lowered
with, so that the rule and its Sigma form read a value alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from converter import mapping
from converter.diagnostic import Diagnostic, Severity
from converter.ir import Schema
from converter.mapping import ANALYSED_FIELDS, MappingPack


def rule_schema(pack: MappingPack | None) -> Schema:
    """Return the field types that a rule of this pack is read with."""
    return mapping.ecs_schema(pack, ANALYSED_FIELDS)


@dataclass(slots=True)
class FieldNames:
    """Translates ECS names and remembers which were asked for."""

    pack: MappingPack | None
    schema: Schema
    asked: dict[str, bool] = field(default_factory=dict)
    """ECS names, and whether the type of each is known."""

    def sigma(self, ecs: str, *, is_type_known: bool | None = None) -> str:
        """Return the field's name in Sigma rules."""
        is_known = self.schema.knows(ecs) if is_type_known is None else is_type_known
        self.asked.setdefault(ecs, is_known)
        return mapping.sigma_name(self.pack, ecs)

    def sigma_silently(self, ecs: str) -> str:
        """Return the field's name in Sigma rules, where it only is shown."""
        return mapping.sigma_name(self.pack, ecs)

    def ecs(self, sigma: str) -> str:
        """Return the ECS name of a field in Sigma rules."""
        return mapping.ecs_name(self.pack, sigma)

    def remarks(self) -> list[Diagnostic]:
        """Report the fields that keep their ECS name, and those whose type is assumed."""
        unmapped = [ecs for ecs in self.asked if mapping.sigma_name(self.pack, ecs) == ecs]
        assumed = [ecs for ecs, is_known in self.asked.items() if not is_known]
        return [*self._unmapped(unmapped), *_assumed(assumed)]

    def _unmapped(self, names: list[str]) -> list[Diagnostic]:
        if self.pack is None:
            what = "no mapping pack covers this rule, so every field keeps its ECS name"
            return [Diagnostic("log-source-unmapped", Severity.WARNING, what)]
        return [
            Diagnostic(
                "field-unmapped",
                Severity.NOTE if self.pack.by_ecs(name) else Severity.WARNING,
                f"field {name} has no Sigma name in pack {self.pack.name} and keeps its ECS name",
            )
            for name in names
        ]


def _assumed(names: list[str]) -> list[Diagnostic]:
    if not names:
        return []
    what = f"the types of these fields are unknown and taken to be keyword: {', '.join(names)}"
    return [Diagnostic("assumed-type", Severity.NOTE, what)]
