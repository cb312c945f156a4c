"""Bridge from mapping packs to the converter and the harness.

Packs are found by name, a folder in `sigma/pipelines` with a `mapping.yml`; nothing here belongs to one
of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

import sigma.pipelines
from sigma.sigmaproof.ecs import ECS_VERSION, KUSTO_TYPES, FieldTypes, ecs_types
from sigma.sigmaproof.mapping import MappingPack, PackField, PackTable
from sigma.sigmaproof.mapping_reader import read_pack
from sigma.sigmaproof.recorded_events import recorded
from sigma.sigmaproof.table_parts import in_parts

from .ir import ALWAYS, And, Atom, FieldType, OneOf, Or, Predicate, Schema, View
from .layout import (
    CellPlace,
    DocumentField,
    DocumentLayout,
    EventsLayout,
    FieldLayout,
    JoinedTable,
    Kind,
    LookedUp,
    Selector,
    TableLayout,
    VendorLayout,
)
from .schema_files import NOTHING_DECLARED, DeclaredTypes

__all__ = [
    "ECS_VERSION",
    "MappingPack",
    "dataset_fields",
    "document_layout",
    "ecs_name",
    "ecs_schema",
    "events_layout",
    "known_types",
    "log_source_predicate",
    "pack_for_elastic_rule",
    "pack_for_log_source",
    "packs",
    "packs_for_log_source",
    "schema_of",
    "sigma_name",
    "table_layouts",
]

_ANALYSED = FieldTypes({"powershell.file.script_block_text": "text"}, frozenset())
"""Fields of integrations that hold analysed text; ECS knows the others."""

_FIELD_TYPES = {
    "boolean": FieldType.BOOLEAN,
    "byte": FieldType.LONG,
    "constant_keyword": FieldType.CONSTANT_KEYWORD,
    "date": FieldType.DATE,
    "double": FieldType.DOUBLE,
    "flattened": FieldType.FLATTENED,
    "float": FieldType.DOUBLE,
    "geo_point": FieldType.OBJECT,
    "half_float": FieldType.DOUBLE,
    "integer": FieldType.LONG,
    "ip": FieldType.IP,
    "keyword": FieldType.KEYWORD,
    "long": FieldType.LONG,
    "match_only_text": FieldType.TEXT,
    "nested": FieldType.NESTED,
    "object": FieldType.OBJECT,
    "scaled_float": FieldType.DOUBLE,
    "short": FieldType.LONG,
    "text": FieldType.TEXT,
    "unsigned_long": FieldType.LONG,
    "version": FieldType.KEYWORD,
    "wildcard": FieldType.WILDCARD,
}
"""Field types of Elasticsearch as the intermediate representation has them."""

_KINDS = {
    "bool": Kind.BOOLEAN,
    "long": Kind.NUMBER,
    "real": Kind.NUMBER,
    "datetime": Kind.DATE,
}


@lru_cache(maxsize=1)
def packs() -> tuple[MappingPack, ...]:
    """Return every installed mapping pack, in order of name."""
    found: dict[str, MappingPack] = {}
    for folder in sigma.pipelines.__path__:
        for path in sorted(Path(folder).glob("*/mapping.yml")):
            pack = read_pack(path)
            found.setdefault(pack.name, pack)
    return tuple(found[name] for name in sorted(found))


def dataset_fields(own: Sequence[MappingPack] = ()) -> frozenset[str]:
    """Return the fields by which packs tell log sources apart, such as event.dataset."""
    every = (*own, *packs())
    return frozenset(name for pack in every for name in (*pack.condition, *pack.implied))


def pack_for_elastic_rule(
    indices: Sequence[str],
    conditions: Iterable[tuple[str, str]],
    own: Sequence[MappingPack] = (),
) -> MappingPack | None:
    """Find the pack of an Elastic rule.

    `conditions` are the values that the query demands of `dataset_fields`, as (field, value). They
    decide; only without any do the index patterns, all of which must then lie inside the pack's. A pack
    with several log sources is never that of an Elastic rule, whose indices hold other sources too.
    The user's `own` packs come before the installed ones.
    """
    demanded = set(conditions)
    included = [_plain_index(index) for index in indices if not index.startswith("-")]
    for some in (own, packs()):
        if demanded:
            parts = (part for pack in some for part in _parts(pack))
            matching = [part for part in parts if demanded <= _implied(part)]
        else:
            matching = [
                pack
                for pack in some
                if included and not pack.log_sources and all(_covers(pack, i) for i in included)
            ]
        if matching:
            return matching[0] if len(matching) == 1 else None
    return None


def pack_for_log_source(
    log_source: Mapping[str, str | None], own: Sequence[MappingPack] = ()
) -> MappingPack | None:
    """Find the pack of a Sigma log source: its `category`, `product` and `service` as far as set.

    The user's `own` packs come before the installed ones.
    """
    return next(packs_for_log_source(log_source, own), None)


def packs_for_log_source(
    log_source: Mapping[str, str | None], own: Sequence[MappingPack] = ()
) -> Iterator[MappingPack]:
    """Yield every pack of a Sigma log source, best first.

    The user's `own` packs come first, and packs that only Defender XDR has tables for last: its sensor
    sees what others log.
    """
    given = {key: value for key, value in log_source.items() if value is not None}
    for pack in (*own, *sorted(packs(), key=_is_of_defender)):
        if found := pack.of(given):
            yield found


def _is_of_defender(pack: MappingPack) -> bool:
    return bool(pack.tables) and not pack.whole_choices("sentinel")


def covers_index(pack: MappingPack, index: str) -> bool:
    """Say whether an index pattern of a rule lies inside those of the pack."""
    return _covers(pack, _plain_index(index))


def sigma_name(pack: MappingPack | None, ecs: str) -> str:
    """Return a field's name in Sigma rules; the ECS name where there is no other."""
    known = pack.by_ecs(ecs) if pack else None
    return known.sigma if known else ecs


def ecs_name(pack: MappingPack | None, sigma_field: str) -> str:
    """Return a field's ECS name; the Sigma name where there is no other."""
    known = pack.by_sigma(sigma_field) if pack else None
    return known.ecs if known else sigma_field


def known_types(
    pack: MappingPack | None = None, declared: DeclaredTypes = NOTHING_DECLARED
) -> FieldTypes:
    """Return the types of ECS, of the pack's fields and those that the user declares; later ones win."""
    of_source = pack.field_types if pack else ecs_types()
    return of_source.merged(_ANALYSED).merged(declared.types)


def ecs_schema(
    pack: MappingPack | None = None, declared: DeclaredTypes = NOTHING_DECLARED
) -> Schema:
    """Return the known types of fields as the intermediate representation has them."""
    return schema_of(known_types(pack, declared), declared)


def schema_of(known: FieldTypes, declared: DeclaredTypes = NOTHING_DECLARED) -> Schema:
    """Return types of fields as the intermediate representation has them."""
    return Schema(
        {name: _FIELD_TYPES[type_name] for name, type_name in known.types.items()},
        known.single,
        values=declared.values,
        lower_case=declared.lower_case,
        unreadable=declared.unreadable,
    )


def log_source_predicate(pack: MappingPack) -> Predicate:
    """Return the condition that the pack's log source implies for ECS events."""
    if pack.told_apart_by is not None:
        channels = tuple(_channel_predicate(pack, name) for name in pack.events)
        return ALWAYS if not channels else channels[0] if len(channels) == 1 else Or(channels)
    return _all_of({field: (value,) for field, value in sorted(pack.condition.items())})


def _channel_predicate(pack: MappingPack, channel: str) -> Predicate:
    fields, codes = pack.told_apart_by, pack.events[channel]
    if fields is None:
        raise TypeError(f"pack {pack.name} has one log source")
    by_code = {fields.code: codes} if codes else {}
    return _all_of({fields.channel: (channel,), **by_code, **pack.where})


def _all_of(values: Mapping[str, tuple[str, ...]]) -> Predicate:
    atoms = tuple(Atom(field, View.KEYWORD, OneOf(some)) for field, some in values.items())
    return atoms[0] if len(atoms) == 1 else And(atoms)


def table_layouts(pack: MappingPack) -> tuple[TableLayout, ...]:
    """Return how the pack's tables hold events under the names of its fields."""
    pack = in_parts(pack)
    return tuple(_table_layout(pack, table) for table in pack.tables)


def document_layout(pack: MappingPack | None) -> DocumentLayout | None:
    """Return how the vendor's own events become ECS documents; None where no pack says it."""
    if pack is None or pack.told_apart_by is None or not pack.vendor.root:
        return None
    whole = pack
    if len(pack.log_sources) == 1 or pack.is_under_ecs_names:
        # Such a pack leaves fields out that events of its log source do not have; a log has all events.
        whole = next((one for one in packs() if one.name == pack.name), pack)
        whole = recorded(whole) if pack.is_recorded else whole
    return DocumentLayout(
        root=pack.vendor.root,
        channel=pack.told_apart_by.channel,
        code=pack.told_apart_by.code,
        fields=tuple(
            _document_field(entry) for entry in whole.fields if entry.vendor or entry.halves
        ),
        data=pack.vendor.data,
        rest="" if pack.is_recorded else pack.rest,
        blank={} if pack.is_recorded else pack.vendor.blank,
    )


def _document_field(entry: PackField) -> DocumentField:
    return DocumentField(
        name=entry.ecs,
        vendor=entry.vendor,
        halves=entry.halves,
        kind=_KINDS.get(KUSTO_TYPES[entry.type], Kind.TEXT),
        events=entry.events,
        meanings=entry.meanings,
        transform=entry.transform,
        parts=entry.parts,
        is_dropped=entry.is_dropped,
    )


def events_layout(
    pack: MappingPack | None = None, declared: DeclaredTypes = NOTHING_DECLARED
) -> EventsLayout:
    """Return the layout of the table that holds ECS events under their own names."""
    return EventsLayout(known_types(pack, declared).kusto())


def _parts(pack: MappingPack) -> Iterator[MappingPack]:
    """Yield the pack of each log source that a condition tells; the pack itself where it has one only."""
    if not pack.log_sources:
        yield pack
    for one in pack.log_sources:
        if one.condition and (part := pack.of(one.section)):
            yield part


def _implied(pack: MappingPack) -> set[tuple[str, str]]:
    return {*pack.condition.items(), *pack.implied.items()}


def _plain_index(index: str) -> str:
    """Drop the cluster of a cross-cluster index."""
    return index.rpartition(":")[2]


def _covers(pack: MappingPack, index: str) -> bool:
    return any(fnmatchcase(index, pattern) for pattern in pack.index_patterns)


def _table_layout(pack: MappingPack, table: PackTable) -> TableLayout:
    return TableLayout(
        name=table.stored_in or table.name,
        columns=table.types,
        fields=tuple(
            _field_layout(field, table)
            for field in pack.fields
            if not (field.refused or field.is_alias or _is_looked_up(field, pack, table))
        ),
        time=table.time,
        id=table.id,
        condition=pack.condition,
        selector=table.selector,
        rivals=_rivals(pack, table),
        only=table.only if table.is_told else {},
        vendor=VendorLayout(pack.vendor.inside, pack.vendor.names, pack.vendor.unwrap),
        xml=table.data if table.has_xml else "",
        is_open=pack.is_recorded,
        data=CellPlace(table.data, table.inside_data) if table.data else None,
        refused=frozenset(field.ecs for field in pack.fields if field.refused),
        joined=tuple(
            JoinedTable(one.name, one.on, one.key, one.latest, one.columns) for one in table.joined
        ),
        looked_up=tuple(
            LookedUp(field.ecs, found.address, found.source, found.key, found.watchlist)
            for field in pack.fields
            if (found := field.looked_up) and _is_looked_up(field, pack, table)
        ),
    )


def _rivals(pack: MappingPack, table: PackTable) -> tuple[Selector, ...]:
    """Return the selectors that must not fit: of parts those before, which tell more."""
    place = pack.tables.index(table)
    others = pack.tables[:place] if table.stored_in else pack.tables
    return tuple(other.selector for other in others if other is not table)


def _is_looked_up(field: PackField, pack: MappingPack, table: PackTable) -> bool:
    """Say whether the table has the address that the field is looked up by."""
    address = pack.by_ecs(field.looked_up.address) if field.looked_up else None
    return address is not None and table.name in address.places


def _field_layout(field: PackField, table: PackTable) -> FieldLayout:
    field = field.in_table(table.name)
    place = field.places.get(table.name)
    return FieldLayout(
        name=field.ecs,
        kind=_KINDS.get(KUSTO_TYPES[field.type], Kind.TEXT),
        places=tuple(CellPlace(one.column, one.path) for one in place.alternatives())
        if place
        else (),
        constant=field.constants.get(table.name),
        values=field.values,
        cases=field.cases,
        otherwise=field.otherwise,
        reading=field.reading,
        known=field.known_in.get(table.name, ()),
        always=field.always,
        is_flattened=field.type == "flattened",
        vendor=field.vendor,
        is_enrichment=bool(field.enrichment),
    )
