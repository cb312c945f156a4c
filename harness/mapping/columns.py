"""Ask whether a pack names columns that exist, and whether its values can be told apart.

The schema is the one that pysigma-backend-kusto ships; what it lacks must be listed as newer, with a source.
"""

from __future__ import annotations

from collections.abc import Iterator

from sigma.pipelines.azuremonitor.tables import AZURE_MONITOR_TABLES

from sigma.sigmaproof.mapping import MappingPack, PackField, PackTable


def column_problems(pack: MappingPack) -> Iterator[str]:
    """Yield every column that the schema contradicts, and every one that no field needs."""
    for table in pack.tables:
        yield from _contradictions(table)
        used = {table.time, table.id, *_used(pack, table)}
        for column in table.types:
            if column not in used:
                yield f"{table.name}.{column} is listed, but no field is kept there; take it out"


def name_problems(pack: MappingPack) -> Iterator[str]:
    """Yield the values that cannot be told apart once they are translated."""
    for field in pack.fields:
        yield from _merged_values(field)


def _contradictions(table: PackTable) -> Iterator[str]:
    schema = {
        name: str(column["data_type"]).lower()
        for name, column in AZURE_MONITOR_TABLES.get(table.name, {}).items()
    }
    for name, column_type in table.types.items():
        known = schema.get(name)
        if name in table.newer:
            if known is not None:
                yield f"{table.name}.{name} is listed as newer, but the schema has it; take it out there"
        elif known is None:
            yield (
                f"{table.name}.{name} is not in the schema; correct the name, or list it under newer with"
                " where it is documented"
            )
        elif known != column_type:
            yield f"{table.name}.{name} is {known} in the schema, not {column_type}"


def _used(pack: MappingPack, table: PackTable) -> Iterator[str]:
    for field in pack.fields:
        if place := field.places.get(table.name):
            yield from (one.column for one in place.alternatives())


def _merged_values(field: PackField) -> Iterator[str]:
    """Yield values that become one column value: a rule on either would find both."""
    first: dict[str, str] = {}
    for value, column_value in field.values.items():
        other = first.setdefault(column_value, value)
        if other != value:
            yield f"{field.ecs}: {other} and {value} both become {column_value} and cannot be told apart"
