"""Field names and types of one rule, and what a person must know about them.

Names come from the mapping pack; types from the pack and from ECS, the same that the query is lowered
with, so that the rule and its Sigma form read a value alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from converter import mapping
from converter.diagnostic import Diagnostic, Severity
from converter.ir import FieldType, Schema
from converter.mapping import MappingPack
from converter.schema_files import NOTHING_DECLARED, DeclaredTypes
from sigma.sigmaproof.assumed_types import ASSUMED_TYPE, assumption


def rule_schema(pack: MappingPack | None, declared: DeclaredTypes = NOTHING_DECLARED) -> Schema:
    """Return the field types that a rule of this pack is read with."""
    return mapping.ecs_schema(pack, declared)


@dataclass(slots=True)
class FieldNames:
    """Translates ECS names and remembers which were asked for."""

    pack: MappingPack | None
    schema: Schema
    assumed: Mapping[str, FieldType] = field(default_factory=dict)
    """The fields of the schema that the rule itself told of."""
    is_declared: bool = False
    """Whether the user gave a schema, so that fields beside it are none of the index."""
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
        return [*self._unmapped(unmapped), *self._assumed()]

    def _assumed(self) -> list[Diagnostic]:
        """Say once a type of which fields it is assumed; that of numbers decides more."""
        keywords = [ecs for ecs, is_known in self.asked.items() if not is_known]
        numbers = [ecs for ecs in self.asked if self.assumed.get(ecs) is FieldType.DOUBLE]
        notes = [Diagnostic(ASSUMED_TYPE, Severity.NOTE, assumption(keywords, "keyword"))]
        warnings = [Diagnostic(ASSUMED_TYPE, Severity.WARNING, assumption(numbers, "double"))]
        return [*(notes if keywords else []), *(warnings if numbers else [])]

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
