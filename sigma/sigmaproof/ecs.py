"""Field types of the Elastic Common Schema, and the Kusto type of a column named as an ECS field.

The table beside this module holds field, type and array of ECS 9.4.0 (Apache-2.0) as facts. A field that is
not in it is unknown, not keyword by decree.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

from .tables import ColumnType

ECS_VERSION = "9.4.0"

KUSTO_TYPES: Mapping[str, ColumnType] = {
    "boolean": "bool",
    "byte": "long",
    "constant_keyword": "string",
    "date": "datetime",
    "double": "real",
    "flattened": "dynamic",
    "float": "real",
    "geo_point": "dynamic",
    "half_float": "real",
    "integer": "long",
    "ip": "string",
    "keyword": "string",
    "long": "long",
    "match_only_text": "string",
    "nested": "dynamic",
    "object": "dynamic",
    "scaled_float": "real",
    "short": "long",
    "text": "string",
    "unsigned_long": "long",
    "version": "string",
    "wildcard": "string",
}
"""Type of the Kusto column that holds one value of a field type of Elasticsearch."""


@dataclass(frozen=True, slots=True)
class FieldTypes:
    """Field types of Elasticsearch by field name, and how many values a field has."""

    types: Mapping[str, str]
    multiple: frozenset[str]
    """Fields that are arrays by their definition."""
    single: frozenset[str] = frozenset()
    """Fields that never hold an array in the log source."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Field to why Elasticsearch's query languages cannot compare it as its type says."""

    def merged(self, other: FieldTypes) -> FieldTypes:
        """Return the union; `other` wins on its own fields."""
        return FieldTypes(
            {**self.types, **other.types},
            (self.multiple - other.single) | other.multiple,
            (self.single - other.multiple) | other.single,
            {**self.refused, **other.refused},
        )

    def kusto(self) -> dict[str, ColumnType]:
        """Return the type of every column of a table of such events; arrays are dynamic."""
        return {
            name: "dynamic" if name in self.multiple else KUSTO_TYPES[type_name]
            for name, type_name in self.types.items()
        }

    def kusto_elements(self) -> dict[str, ColumnType]:
        """Return the type of the elements of every array."""
        return {name: KUSTO_TYPES[self.types[name]] for name in self.multiple if name in self.types}


@lru_cache(maxsize=1)
def ecs_types() -> FieldTypes:
    """Return every field of ECS."""
    text = resources.files(__package__).joinpath("ecs_types.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return FieldTypes(
        {row["field"]: row["type"] for row in rows},
        frozenset(row["field"] for row in rows if row["array"] == "yes"),
    )
