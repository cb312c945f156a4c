"""Ask whether a pack names columns that exist, and whether its values can be told apart.

The schema is the one that pysigma-backend-kusto ships; what it lacks must be listed as newer, with a source.
"""

from __future__ import annotations

from collections.abc import Iterator

from sigma.pipelines.azuremonitor.tables import AZURE_MONITOR_TABLES
from sigma.pipelines.microsoftxdr.tables import MICROSOFT_XDR_TABLES

from sigma.sigmaproof.mapping import MappingPack, PackField, PackTable

_SCHEMAS = {"sentinel": AZURE_MONITOR_TABLES, "xdr": MICROSOFT_XDR_TABLES}
"""Tables by platform."""
_SPELLINGS = {"boolean": "bool", "bigint": "long", "double": "real"}
"""Types as the packages spell them, to the names that Kusto has for them."""


def column_problems(pack: MappingPack) -> Iterator[str]:
    """Yield every column that the schema contradicts, and every one that no field needs."""
    for table in pack.tables:
        yield from _contradictions(table)
        keys = (one.on for one in table.joined)
        used = {table.time, table.id, *table.assets, *keys, *_used(pack, table)}
        if table.channels:  # data of events are kept there under their own names
            continue
        for column in table.types:
            if column not in used:
                yield f"{table.name}.{column} is listed, but no field is kept there; take it out"


def name_problems(pack: MappingPack) -> Iterator[str]:
    """Yield the values that cannot be told apart once they are translated."""
    for field in pack.fields:
        yield from _merged_values(field)


def _contradictions(table: PackTable) -> Iterator[str]:
    for platform in table.platforms:
        yield from _contradictions_of(table, _schema(platform, table.name))
        for one in table.joined:
            schema = _schema(platform, one.name)
            wanted = {one.key: "string", one.latest: "datetime"}
            for name, column in one.columns.items():
                wanted[column] = "bool" if name in one.flags else "string"
            for column, kind in wanted.items():
                known = schema.get(column)
                if known is None:
                    yield f"{one.name}.{column}, joined by {table.name}, is not in the schema"
                elif known != kind:
                    yield f"{one.name}.{column}, joined by {table.name}, is {known}, not {kind}"


def _schema(platform: str, table: str) -> dict[str, str]:
    """Return the columns of a table with their types; those that the packages spell otherwise in ours."""
    columns = _SCHEMAS[platform].get(table, {})
    types = {name.strip(): str(one["data_type"]).lower() for name, one in columns.items()}
    return {name: _SPELLINGS.get(kind, kind) for name, kind in types.items()}


def _contradictions_of(table: PackTable, schema: dict[str, str]) -> Iterator[str]:
    joined = {column for one in table.joined for column in one.columns}
    for name, column_type in table.types.items():
        if name in joined:
            continue
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
    yield from filter(None, [table.data])
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
