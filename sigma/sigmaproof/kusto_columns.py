"""Kusto tables of a mapping pack: one expression for each field and table."""

from __future__ import annotations

import json
import re

from .ecs import KUSTO_TYPES
from .mapping import MappingPack, PackField, PackTable, Place, Scalar
from .tables import Column, ColumnType, Table, bracketed

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_READERS: dict[ColumnType, str] = {
    "string": "tostring",
    "bool": "tobool",
    "long": "tolong",
    "real": "todouble",
    "datetime": "todatetime",
}
"""Function that reads a JSON value as a type."""


def kusto_tables(pack: MappingPack) -> tuple[Table, ...]:
    """Return the tables of a pack, with columns by the names that fields have in Sigma rules."""
    return tuple(_table(pack, table) for table in pack.tables)


def _table(pack: MappingPack, table: PackTable) -> Table:
    columns = {field.sigma: _column(field, table) for field in pack.fields}
    refused = {field.sigma: field.refused for field in pack.fields if field.refused}
    return Table(
        name=table.name,
        time=table.time,
        id=table.id,
        columns={name: column for name, column in columns.items() if column is not None},
        absent=frozenset(
            name for name, column in columns.items() if column is None and name not in refused
        ),
        refused=refused,
    )


def _column(field: PackField, table: PackTable) -> Column | None:
    place = field.places.get(table.name)
    constant = field.constants.get(table.name)
    if place is not None:
        column_type = table.types[place.column]
        return Column(
            expression=_expression(field, place, column_type),
            type=KUSTO_TYPES[field.type] if place.path else column_type,
            constant=constant,
            values=field.values or None,
            enrichment=_enrichment(field),
        )
    if constant is not None:
        return Column(_literal(constant), KUSTO_TYPES[field.type], constant)
    return None


def _enrichment(field: PackField) -> str:
    """Return why the field rests on enrichment, with its value table."""
    table = ", ".join(f"{key} -> {value}" for key, value in field.values.items())
    return f"{field.enrichment} ({table})" if table else field.enrichment


def _expression(field: PackField, place: Place, column_type: ColumnType) -> str:
    base = name_in_kusto(place.column)
    if place.path:
        inside = base if column_type == "dynamic" else f"parse_json({base})"
        for step in place.path:
            inside += f".{step}" if _IDENTIFIER.fullmatch(step) else bracketed(step)
        return f"{_READERS[KUSTO_TYPES[field.type]]}({inside})"
    if field.cases:
        return _cases(field, base)
    return base


def _cases(field: PackField, base: str) -> str:
    """Write a value table from column to field: `iff(ResultType in ("0", ""), "success", "failure")`."""
    keys_by_value: dict[str, list[str]] = {}
    for key, value in field.cases.items():
        keys_by_value.setdefault(value, []).append(_literal(key))
    arguments = []
    for value, keys in keys_by_value.items():
        test = f"{base} == {keys[0]}" if len(keys) == 1 else f"{base} in ({', '.join(keys)})"
        arguments += [test, _literal(value)]
    function = "iff" if len(keys_by_value) == 1 else "case"
    return f"{function}({', '.join([*arguments, _literal(field.otherwise)])})"


def _literal(value: Scalar) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return repr(value)


def name_in_kusto(name: str) -> str:
    """Write a column name, in brackets where it is no identifier."""
    return name if _IDENTIFIER.fullmatch(name) else bracketed(name)
