"""Kusto tables of a mapping pack: one expression for each field and table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from .ecs import KUSTO_TYPES
from .kusto_lookups import looked_up_column, lookups
from .kusto_names import name
from .kusto_steps import value_inside
from .mapping import MappingPack, PackField, PackTable, Place, Scalar
from .readings import ARRAYS, CASELESS, EXPRESSIONS, EXTENDED, JOINS, NUMBERS, WRITES_JSON
from .steps import XmlData
from .table_parts import in_parts
from .tables import Column, ColumnType, Table
from .xml_data import column_of, read

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
    pack = in_parts(pack)
    return tuple(_table(pack, table) for table in pack.tables)


def _table(pack: MappingPack, table: PackTable) -> Table:
    def address(ecs: str) -> str | None:
        entry = pack.by_ecs(ecs)
        place = entry.places.get(table.name) if entry else None
        return _expression(entry, place, table) if entry and place else None

    fields = [field.in_table(table.name) for field in pack.fields]
    columns = {
        field.sigma: looked_up_column(field, field.looked_up, address)
        if field.looked_up
        else _column(field, table, fields)
        for field in fields
    }
    refused = {field.sigma: _refusal(field) for field in pack.fields if field.refused}
    refused |= {
        field.sigma: field.refused_in[table.name]
        for field in pack.fields
        if table.name in field.refused_in
    }
    return Table(
        name=table.stored_in or table.name,
        only=table.only,
        never=table.never,
        is_told=table.is_told,
        time=table.time,
        id=table.id,
        key=tuple(map(name, table.key)),
        columns={name: column for name, column in columns.items() if column is not None},
        stored=table.types if pack.told_apart_by else {},
        data=table.data,
        absent=frozenset(
            name for name, column in columns.items() if column is None and name not in refused
        ),
        refused=refused,
        lookups=lookups(pack.fields, address),
        joined=table.joined,
        extended=dict(_extended(fields, table)),
        connectors=table.connectors,
        entities=tuple(dict.fromkeys(pack.entity_fields)),
        assets=table.assets,
    )


def _extended(fields: Iterable[PackField], table: PackTable) -> Iterator[tuple[str, str]]:
    """Yield the columns that a query computes before it reads them."""
    for field in fields:
        place = field.places.get(table.name)
        if place is not None and field.reading in EXTENDED:
            yield _extended_name(field, place), _value(field, place, table)
    # What a reading is made of comes behind it, as it must be computed before.
    for field in fields:
        if (place := field.places.get(table.name)) is not None:
            for some in _elements(field, place):
                texts = [value_inside(name(one.column), "string", one.path) for one in some]
                yield _element_name(some[0], table), read(_first_of(texts))


def _elements(field: PackField, place: Place) -> list[tuple[Place, ...]]:
    """Return the places in XML that a query computes columns of: one of those of which the first counts."""
    places = tuple(filter(_is_in_xml, place.alternatives()))
    if field.reading in JOINS or len(places) < len(place.alternatives()):
        return [(one,) for one in places]
    # An event has one spelling of a name; engines that ignore case cannot hold a column for each.
    is_one_name = len({str(one).lower() for one in map(_alone, places)}) == 1
    return [tuple(sorted(places, key=str)) if is_one_name else places]


def _alone(place: Place) -> Place:
    return replace(place, next=None)


def _is_in_xml(place: Place) -> bool:
    return bool(place.path) and isinstance(place.path[0], XmlData)


def _element_name(place: Place, table: PackTable) -> str:
    key = "".join(step for step in place.path if isinstance(step, str))
    return name(column_of(key, table.types))


def _extended_name(field: PackField, place: Place) -> str:
    """Return a name after the column, or after what stands inside it, of which several may be read."""
    keys = [step for step in place.path if isinstance(step, str)]
    return name(f"{''.join(keys) or place.column}{EXTENDED[field.reading]}")


def _refusal(field: PackField) -> str:
    """Return why a field is refused, and what the user may choose."""
    choice = _choice(field)
    return f"{field.refused}; choose {choice}" if choice else field.refused


def _choice(field: PackField) -> str:
    return " or ".join(field.choices.options(field.ecs)) if field.choices else ""


def _column(field: PackField, table: PackTable, others: Iterable[PackField]) -> Column | None:
    place = field.places.get(table.name)
    constant = field.constants.get(table.name)
    if place is not None:
        return Column(
            expression=_expression(field, place, table),
            type=_type(field, place, table),
            constant=constant,
            values=field.values or None,
            base=_base(field, place, table) if field.cases else "",
            meant_by=_meant_by(field),
            otherwise=field.otherwise,
            is_open=field.is_open,
            always=frozenset(field.always),
            enrichment=_enrichment(field),
            choice=_choice(field),
            is_caseless=field.reading in CASELESS,
            element=_element(field),
            words_of=_words_of(place, table, others) if field.reading == "words" else "",
            json_text=name(place.column) if field.reading in WRITES_JSON and not place.path else "",
        )
    if constant is not None:
        return Column(_literal(constant), KUSTO_TYPES[field.type], constant)
    if known := field.known_in.get(table.name):
        return Column(_literal(known[0]), "string", known=known)
    if field.always:
        return Column(_literal(field.always[0]), "string", always=frozenset(field.always))
    return None


def _type(field: PackField, place: Place, table: PackTable) -> ColumnType:
    """Return the type of a field's expression; text where the value is made of the column's."""
    if place.is_array or field.reading in ARRAYS:
        return "dynamic"
    if field.reading in NUMBERS:
        return "long"
    if field.cases or field.reading or place.next:
        return "string"
    kind = KUSTO_TYPES[field.type]
    column_type = table.types[place.column]
    if not place.path:
        return "long" if (column_type, kind) == ("real", "long") else column_type
    return "string" if kind == "dynamic" else kind  # a leaf of a flattened field


def _element(field: PackField) -> ColumnType:
    """Return the type of an array's elements; the leaves of flattened fields are texts."""
    kind = KUSTO_TYPES[field.type]
    return "string" if kind == "dynamic" else kind


def _words_of(place: Place, table: PackTable, fields: Iterable[PackField]) -> str:
    """Return the field that holds the text as it is, else the column."""
    whole = (one for one in fields if one.places.get(table.name) == place and not one.reading)
    return next((one.sigma for one in whole), str(place))


def _enrichment(field: PackField) -> str:
    """Return why the field rests on enrichment, with its value table; empty where it does not."""
    if not field.enrichment:
        return ""
    table = ", ".join(f"{key} -> {value}" for key, value in field.values.items())
    return f"{field.enrichment} ({table})" if table else field.enrichment


def _meant_by(field: PackField) -> dict[str, tuple[str, ...]]:
    """Invert the table of cases; whatever it does not list means `otherwise`."""
    keys: dict[str, tuple[str, ...]] = {field.otherwise: ()} if field.otherwise else {}
    for key, value in field.cases.items():
        keys[value] = (*keys.get(value, ()), key)
    return keys


def _expression(field: PackField, place: Place, table: PackTable) -> str:
    text = _base(field, place, table)
    return _cases(field, text) if field.cases else text


def _base(field: PackField, place: Place, table: PackTable) -> str:
    is_extended = field.reading in EXTENDED
    return _extended_name(field, place) if is_extended else _value(field, place, table)


def _value(field: PackField, place: Place, table: PackTable) -> str:
    # What a reading takes apart is text, whatever it makes of it.
    is_text = field.reading in ARRAYS or field.reading in NUMBERS
    kind: ColumnType = "string" if is_text else _type(field, place, table)
    places = place.alternatives()
    elements = _elements(field, place)
    if elements and len(elements[0]) == len(places):
        places = elements[0][:1]  # that column has the first one with a value
    texts = [_read(one, table, kind, field) for one in places]
    if field.reading in JOINS:
        return EXPRESSIONS[field.reading].format(*texts)
    return EXPRESSIONS[field.reading].format(_first_of(texts))


def _read(place: Place, table: PackTable, kind: ColumnType, field: PackField) -> str:
    base, column_type = name(place.column), table.types[place.column]
    if _is_in_xml(place):
        text = _element_name(place, table)
        return text if kind == "string" else f"{_READERS[kind]}({text})"
    if not place.path:
        # Connectors keep whole numbers as real, and their texts differ: 7 and 7.0.
        if kind == "string" and column_type in ("datetime", "int", "long"):
            return f"tostring({base})"
        return f"tolong({base})" if (column_type, kind) == ("real", "long") else base
    # Elastic keeps texts, whatever the event has, in keywords and in flattened fields.
    as_texts = KUSTO_TYPES[field.type] in ("string", "dynamic")
    inside = value_inside(base, column_type, place.path, as_texts=as_texts)
    return inside if place.is_array else f"{_READERS[kind]}({inside})"


def _first_of(texts: list[str]) -> str:
    """Write the first text that is not empty."""
    *some, last = texts
    tests = ", ".join(f"isnotempty({text}), {text}" for text in some)
    match len(some):
        case 0:
            return last
        case 1:
            return f"iff({tests}, {last})"
        case _:
            return f"case({tests}, {last})"


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
