"""Read and check a mapping.yml. Format: docs/mapping.md; JSON schema: mapping.schema.json beside this."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

from .ecs import KUSTO_TYPES
from .mapping import (
    PLATFORMS,
    MappingPack,
    PackField,
    PackTable,
    Place,
    Scalar,
    Transform,
    VendorNames,
)
from .mapping_choices import check_addresses, read_choices
from .mapping_entities_reader import read_entities
from .mapping_entry import Entry, entry_from_yaml
from .mapping_events import Events, overlap
from .mapping_events_reader import (
    read_channels,
    read_event_fields,
    read_events,
    read_log_sources,
)
from .mapping_joins import read_joined
from .mapping_places import read_paths, read_places, read_steps
from .readings import ARRAYS, EXPRESSIONS, IDENTITIES, Reading
from .tables import ColumnType

_PARTS: Mapping[Transform, tuple[str, ...]] = {
    "address": ("address", "text"),
    "bare_registry_data": ("type", "value"),
    "domain_user": ("domain", "name"),
    "registry_data": ("type", "value"),
}
"""What each transformation makes, apart from hashes, whose kinds the pack lists."""


def read_pack(path: Path) -> MappingPack:
    """Read and check a `mapping.yml`; raises `MappingError`."""
    return pack_from_text(path.read_text(encoding="utf-8"), f"{path.parent.name}/{path.name}")


def pack_from_text(text: str, name: str) -> MappingPack:
    """Read a pack from YAML; `name` is the file in error messages."""
    top = entry_from_yaml(text, name)
    channels = top.entry("channels").text_by_key()
    tables = _tables(top.entry("tables"), channels)
    sources = top.entry("sources").text_by_key()
    log_sources = read_log_sources(top, channels)
    ecs = top.entry("ecs")
    told_apart_by, rest = read_event_fields(ecs) if log_sources else (None, "")
    condition, implied = ({}, {}) if log_sources else _implied(ecs)
    ecs.close()
    pack = MappingPack(
        name=top.text("pack"),
        version=top.text("version"),
        title=top.text("title"),
        pairs=top.texts("pairs"),
        pairs_differ=top.entry("pairs_differ").text_by_key(),
        pairs_where=top.entry("pairs_where").texts_by_key(),
        licence=top.text("licence"),
        log_source=(
            {key: top.text(key) for key in ("product",) if top.has(key)}
            if log_sources
            else _log_source(top.entry("log_source"))
        ),
        condition=condition,
        implied=implied,
        index_patterns=top.texts("index_patterns"),
        tables=tables,
        choices=_choices(top, tables),
        fields=tuple(
            one
            for entry in top.entries("fields")
            for one in _fields(entry, tables, sources, channels)
        ),
        entities=read_entities(top, channels),
        vendor=_vendor(top.entry("vendor"), channels),
        log_sources=log_sources,
        told_apart_by=told_apart_by,
        rest=rest,
        services=top.texts("services"),
    )
    top.close()
    _check_names(pack, top)
    check_addresses(pack.fields, top)
    _check_entities(pack, top)
    _check_selectors(pack, top)
    return pack


def _log_source(entry: Entry) -> dict[str, str]:
    log_source = {
        key: entry.text(key) for key in ("category", "product", "service") if entry.has(key)
    }
    entry.close()
    if not log_source:
        raise entry.error("name at least one of product, service and category")
    return log_source


def _implied(entry: Entry) -> tuple[dict[str, str], dict[str, str]]:
    condition = entry.entry("condition").text_by_key()
    implied = entry.entry("implied").text_by_key()
    if not condition:
        raise entry.error("condition must name the field and value that the log source implies")
    return condition, implied


def _vendor(entry: Entry, channels: Mapping[str, str]) -> VendorNames:
    names, blank = entry.entry("names"), entry.entry("blank")
    vendor = VendorNames(
        entry.text("inside", ""),
        {key: read_paths(names, key) for key in names.names()},
        entry.text("unwrap", ""),
        entry.text("root", ""),
        entry.text("data", ""),
        {channels.get(key, key): blank.texts(key) for key in blank.names()},
    )
    entry.close()
    return vendor


def _tables(entry: Entry, channels: Mapping[str, str]) -> tuple[PackTable, ...]:
    return tuple(_table(entry.entry(name), name, channels) for name in entry.names())


def _channels_of(entry: Entry, channels: Mapping[str, str]) -> tuple[str, ...]:
    names = entry.texts("channels")
    for name in names:
        if name not in channels:
            raise entry.error(f"channels names {name}, which the pack's channels do not list")
    return tuple(channels[name] for name in names)


def _choices(top: Entry, tables: tuple[PackTable, ...]) -> tuple[tuple[str, ...], ...]:
    choices = top.lists_of_texts("choices")
    known = {table.name for table in tables}
    chosen = {name for names in choices for name in names}
    if unknown := sorted(chosen - known):
        raise top.error(f"choices names {', '.join(unknown)}, which tables does not list")
    if choices and (left := sorted(known - chosen)):
        raise top.error(f"choices must name every table; {', '.join(left)} is in none")
    return choices


def _texts_by_key(entry: Entry) -> dict[str, tuple[str, ...]]:
    return {name: entry.texts(name) for name in entry.names()}


def _platforms(entry: Entry) -> tuple[str, ...]:
    names = entry.texts("platforms") or ("sentinel",)
    for name in names:
        if name not in PLATFORMS:
            raise entry.error(f"platform {name} is not known; known: {', '.join(PLATFORMS)}")
    return names


def _table(entry: Entry, name: str, channels: Mapping[str, str]) -> PackTable:
    types: dict[str, ColumnType] = {}
    columns = entry.entry("columns")
    for type_name in get_args(ColumnType):
        types.update(dict.fromkeys(columns.texts(type_name), type_name))
    columns.close()
    joined = read_joined(entry, types)
    data, *inside_data = read_steps(entry, "data") or ("",)
    newer = entry.entry("newer")
    table = PackTable(
        name=name,
        selector=entry.entry("selector").scalars_by_key(),
        time=entry.text("time", "TimeGenerated"),
        id=entry.text("id"),
        key=entry.texts("key"),
        types=types,
        newer={column: source for source in newer.names() for column in newer.texts(source)},
        connectors=entry.texts("connector"),
        assets=entry.texts("assets"),
        data=str(data),
        inside_data=tuple(inside_data),
        channels=_channels_of(entry, channels),
        joined=joined,
        platforms=_platforms(entry),
        only=(only := _texts_by_key(entry.entry("rows"))),
        is_told=bool(only),
    )
    entry.close()
    own = (table.time, table.id, *table.key, *filter(None, [table.data]))
    for column in (*own, *table.newer, *table.assets):
        if column not in types:
            raise entry.error(f"column {column} is not listed under columns")
    if table.key and table.id not in table.key:
        raise entry.error(f"key must name {table.id}, which is the id")
    return table


def _fields(
    entry: Entry,
    tables: tuple[PackTable, ...],
    sources: Mapping[str, str],
    channels: Mapping[str, str],
) -> Iterator[PackField]:
    """Yield a field under its own name, and under each other name that Sigma rules have for it."""
    aliases = dict.fromkeys(entry.texts("aliases"), "")
    aliases |= entry.entry("assumed").text_by_key()
    field = _field(entry, tables, sources, channels)
    yield field
    for name, assumed in aliases.items():
        yield replace(field, sigma=name, is_alias=True, assumed=assumed)


def _field(
    entry: Entry,
    tables: tuple[PackTable, ...],
    sources: Mapping[str, str],
    channels: Mapping[str, str],
) -> PackField:
    ecs = entry.text("ecs")
    entry.where = f"{entry.where} ({ecs})"
    sigma = entry.text("sigma", ecs)
    field = PackField(
        ecs=ecs,
        sigma=sigma,
        events=read_events(entry, channels),
        type=entry.text("type", "keyword"),
        is_multiple=entry.flag("multiple"),
        vendor=read_paths(entry, "vendor"),
        constants=_constants(entry, ecs, tables),
        values=entry.entry("values").text_by_key(),
        cases=entry.entry("cases").text_by_key(),
        cases_in=_cases_in(entry.entry("cases_in")),
        otherwise=entry.text("otherwise", ""),
        is_open=entry.flag("open"),
        meanings=entry.entry("meanings").text_by_key(),
        synonyms=entry.entry("synonyms").text_by_key(),
        transform=_transform(entry),
        parts=entry.entry("parts").text_by_key(),
        is_dropped=entry.flag("dropped"),
        reading=_reading(entry, "reading"),
        readings=_readings(entry.entry("readings")),
        categories=entry.texts("categories"),
        products=entry.texts("products"),
        known=_known(entry.entry("known"), channels),
        always=entry.texts("always"),
        enrichment=entry.text("enrichment", ""),
        loss=entry.text("loss", ""),
        refused=entry.text("refused", ""),
        choices=read_choices(entry, ecs),
        source=_source(entry, sources),
    )
    entry.close("column", "columns")
    field = replace(field, places=read_places(entry, sigma, tables))
    _check_transform(entry, field)
    _check_field(entry, field, tables)
    return field


def _known(entry: Entry, channels: Mapping[str, str]) -> dict[str, Events]:
    return {value: read_channels(entry, value, channels) for value in entry.names()}


def _transform(entry: Entry) -> Transform:
    name = entry.text("transform", "")
    for known in get_args(Transform):
        if name == known:
            return cast(Transform, known)
    known_names = ", ".join(filter(None, get_args(Transform)))
    raise entry.error(f"transform {name} is not known; known: {known_names}")


def _cases_in(entry: Entry) -> dict[str, dict[str, str]]:
    return {name: entry.entry(name).text_by_key() for name in entry.names()}


def _readings(entry: Entry) -> dict[str, Reading]:
    return {name: _reading(entry, name) for name in entry.names()}


def _reading(entry: Entry, key: str) -> Reading:
    name = entry.text(key, "")
    for known in EXPRESSIONS:
        if name == known:
            return known
    names = ", ".join(filter(None, EXPRESSIONS))
    raise entry.error(f"reading {name} is not known; known: {names}")


def _check_transform(entry: Entry, field: PackField) -> None:
    """Refuse a transformation that does not say where its parts go."""
    if field.transform and field.meanings:
        raise entry.error("transform and meanings exclude each other")
    missing = [part for part in _PARTS.get(field.transform, ()) if part not in field.parts]
    if missing or (field.transform == "hashes" and not field.parts):
        parts = ", ".join(missing) or "the kinds of hashes"
        raise entry.error(f"transform {field.transform} needs parts: {parts}")


def _source(entry: Entry, sources: Mapping[str, str]) -> str:
    names = entry.texts("source") or tuple(sources)[:1]
    for name in names:
        if name not in sources:
            raise entry.error(f"source {name} is not listed under sources")
    return "; ".join(sources[name] for name in names)


def _constants(entry: Entry, ecs: str, tables: tuple[PackTable, ...]) -> dict[str, Scalar]:
    own = entry.entry("columns").names()
    everywhere = {
        table.name: entry.scalar("constant")
        for table in tables
        if entry.has("constant") and table.name not in own
    }
    selected = {table.name: table.selector.get(ecs) for table in tables}
    one = {name: value for name, value in selected.items() if isinstance(value, Scalar)}
    return everywhere | one


def _check_field(entry: Entry, field: PackField, tables: tuple[PackTable, ...]) -> None:
    if field.type not in KUSTO_TYPES:
        raise entry.error(f"type {field.type} is no field type; known: {', '.join(KUSTO_TYPES)}")
    is_open = any(table.data for table in tables)  # a column holds whatever the event has
    is_placed = field.places or field.constants or field.always or field.known or field.refused
    if tables and not (is_open or is_placed):
        raise entry.error("needs a column, a constant or a reason why it is refused")
    if field.is_dropped and not field.loss:
        raise entry.error("a dropped field needs loss, the reason that people read")
    for table in tables:
        place = field.places.get(table.name)
        field = field.in_table(table.name)
        for one in place.alternatives() if place else ():
            _check_place(entry, field, table, one)


def _check_place(entry: Entry, field: PackField, table: PackTable, place: Place) -> None:
    column_type = table.types[place.column]
    if place.path and column_type not in ("string", "dynamic"):
        raise entry.error(f"{table.name}.{place.column} is {column_type}; it has no inside")
    is_array = (
        place.is_array or (column_type == "dynamic" and not place.path) or field.reading in ARRAYS
    )
    if field.is_multiple and not is_array and not field.always:
        raise entry.error(
            f"{table.name}.{place} holds one value and the field several; name an array, such as"
            " Column[].key, or refuse the field"
        )
    if field.values and (place.path or column_type != "string"):
        raise entry.error(f"values need a string column, found {column_type}")
    is_text = column_type == "string" or (place.path and not place.is_array)
    is_made = field.cases or field.reading or field.places[table.name].next
    if is_made and not is_text and field.reading not in IDENTITIES:
        raise entry.error(
            f"cases, readings and several columns need text, found {column_type} in {place.column}"
        )


def _check_names(pack: MappingPack, top: Entry) -> None:
    if pack.log_sources:
        _check_event_names(pack, top)
        return
    for kind, names in (
        ("ecs", [field.ecs for field in pack.fields if not field.is_alias]),
        ("sigma", [field.sigma for field in pack.fields]),
    ):
        for name, count in Counter(names).items():
            if count > 1:
                raise top.error(f"fields: {kind} name {name} stands there {count} times; keep one")
    for field in pack.fields:
        other = pack.by_ecs(field.sigma)
        if other is not None and other.ecs != field.ecs:
            raise top.error(f"fields: sigma name {field.sigma} is the ecs name of another field")


def _check_entities(pack: MappingPack, top: Entry) -> None:
    """Refuse an identifier that is no field of the pack, unless it keeps fields that it does not list."""
    for entity in pack.entities:
        for identifier, name in (*entity.identifiers.items(), *entity.otherwise.items()):
            if not pack.rest and pack.by_sigma(name) is None:
                raise top.error(
                    f"entities: {entity.type}: {identifier} is {name}, which is no sigma name of a field"
                )


def _check_event_names(pack: MappingPack, top: Entry) -> None:
    """Refuse a Sigma name that stands for the same thing twice in one event."""
    for place, field in enumerate(pack.fields):
        for other in pack.fields[:place]:
            is_twice = (field.sigma, field.ecs) == (other.sigma, other.ecs)
            if is_twice and overlap(field.events, other.events) and _meet(field, other):
                raise top.error(
                    f"fields: {field.sigma} as {field.ecs} stands there twice; keep one"
                )


def _meet(field: PackField, other: PackField) -> bool:
    """Say whether rules of some product have both fields."""
    pairs = ((field.products, other.products), (field.categories, other.categories))
    return not any(one and two and set(one).isdisjoint(two) for one, two in pairs)


def _check_selectors(pack: MappingPack, top: Entry) -> None:
    """Refuse tables that no event can be told to belong to."""
    for table in pack.tables:
        for name in table.selector:
            if pack.by_ecs(name) is None:
                raise top.error(f"tables: {table.name}: selector {name} is not among the fields")
        for name in table.only:
            field = pack.by_sigma(name)
            if field is None or name != field.ecs or table.name not in field.places:
                raise top.error(
                    f"tables: {table.name}: rows {name} is no field that has a column there; name one"
                    " that is called so in ECS and in Sigma"
                )
    for platform in PLATFORMS:
        for choice in pack.whole_choices(platform):
            selectors = [
                (table.selector, table.channels) for table in pack.tables if table.name in choice
            ]
            for place, selector in enumerate(selectors):
                if selector in selectors[:place]:
                    name = [table.name for table in pack.tables if table.name in choice][place]
                    raise top.error(f"tables: {name}: another table has the same selector")
