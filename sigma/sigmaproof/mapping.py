"""Mapping packs: what one log source is called in Sigma, in ECS, at its vendor and in tables.

A pack is data, `mapping.yml`; its format is `docs/mapping.md`. One rule holds it together: a field is kept
in a column, constant, absent or refused with a reason, in every table of the pack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from sigma.exceptions import SigmaConfigurationError

from .ecs import FieldTypes, ecs_types
from .tables import ColumnType

Scalar = str | bool | int | float

Relation = Literal["lossless", "transformed", "constant", "enrichment", "refused"]
"""How a field stands to the vendor's event, worst last."""


class MappingError(SigmaConfigurationError):
    """Report a mapping pack that is not valid; the message names file and key."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table keeps a field."""

    column: str
    path: tuple[str, ...] = ()
    """Steps inside a column that holds a JSON object; empty for the column itself."""

    def __str__(self) -> str:
        """Write the place as a pack does."""
        return ".".join((self.column, *self.path))


@dataclass(frozen=True, slots=True)
class PackField:
    """One field under all its names."""

    ecs: str
    sigma: str
    """Name in Sigma rules; the ECS name where Sigma has none."""
    type: str = "keyword"
    """Field type in Elasticsearch."""
    is_multiple: bool = False
    """Whether the source ever fills it with several values."""
    vendor: tuple[str, ...] = ()
    """Paths in the vendor's event; the first one with a value counts."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Place by table; a table that is not listed has no column for the field."""
    constants: Mapping[str, Scalar] = field(default_factory=dict)
    """The only value by table, where the table or the log source implies it."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Value of the field to value of the column; other values cannot be told apart."""
    cases: Mapping[str, str] = field(default_factory=dict)
    """Value of the column to value of the field, `otherwise` for all others."""
    otherwise: str = ""
    enrichment: str = ""
    """Why the field rests on enrichment; empty where it comes from the event."""
    loss: str = ""
    """What a port of this field loses or assumes."""
    refused: str = ""
    """Why no column says what the field holds."""
    source: str = ""
    """Where the facts come from."""

    @property
    def relation(self) -> Relation:
        """Say how the field stands to the vendor's event."""
        if self.refused:
            return "refused"
        if self.enrichment:
            return "enrichment"
        if self.constants and not self.vendor:
            return "constant"
        if self.cases or self.values or any(place.path for place in self.places.values()):
            return "transformed"
        return "lossless"


@dataclass(frozen=True, slots=True)
class PackTable:
    """One table of the log source."""

    name: str
    selector: Mapping[str, Scalar]
    """ECS field to the value that all events of this table have; tells tables apart."""
    time: str
    id: str
    types: Mapping[str, ColumnType]
    """Type by column, for the columns that the pack uses."""
    newer: Mapping[str, str] = field(default_factory=dict)
    """Column that the schema of pysigma-backend-kusto lacks to where it is documented."""


@dataclass(frozen=True, slots=True)
class VendorNames:
    """How the vendor names columns after its own events, apart from any mapping to ECS.

    A column is the path of the same name with a small first letter, inside `inside` first.
    """

    inside: str = ""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns that do not follow that rule, to their paths."""


@dataclass(frozen=True, slots=True)
class MappingPack:
    """A mapping pack; `mapping_reader.read_pack` builds it."""

    name: str
    version: str
    title: str
    licence: str
    log_source: Mapping[str, str]
    """`product`, `service` and `category` of the Sigma log source."""
    condition: Mapping[str, str]
    """ECS fields and values that the log source implies; pipelines to ECS add them."""
    implied: Mapping[str, str]
    """Conditions that say the same as `condition`, which importers drop."""
    index_patterns: tuple[str, ...]
    tables: tuple[PackTable, ...]
    fields: tuple[PackField, ...]
    vendor: VendorNames = VendorNames()
    pairs: tuple[str, ...] = ()
    """Folders of paired events that the pack is measured with."""

    def by_ecs(self, name: str) -> PackField | None:
        """Return the field of that ECS name."""
        return next((entry for entry in self.fields if entry.ecs == name), None)

    def by_sigma(self, name: str) -> PackField | None:
        """Return the field of that Sigma name."""
        return next((entry for entry in self.fields if entry.sigma == name), None)

    @property
    def field_types(self) -> FieldTypes:
        """Return the types of ECS and of the pack."""
        types = {entry.ecs: entry.type for entry in self.fields}
        multiple = frozenset(entry.ecs for entry in self.fields if entry.is_multiple)
        return ecs_types().merged(FieldTypes(types, multiple, frozenset(types) - multiple))

    def with_values(self, values: Mapping[str, Mapping[str, str]]) -> MappingPack:
        """Return the pack with more entries in the value tables of ECS fields."""
        for name in values:
            known = self.by_ecs(name)
            if known is None or not known.values:
                raise MappingError(f"pack {self.name}: field {name} has no value table")
        fields = (
            replace(entry, values={**entry.values, **values[entry.ecs]})
            if entry.ecs in values
            else entry
            for entry in self.fields
        )
        return replace(self, fields=tuple(fields))
