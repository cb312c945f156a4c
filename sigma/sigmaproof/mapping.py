"""Mapping packs: what one log source is called in Sigma, in ECS, at its vendor and in tables.

A pack is data, `mapping.yml`; its format is `docs/mapping.md`. One rule holds it together: a field is kept
in a column, constant, absent or refused with a reason, in every table of the pack.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from sigma.exceptions import SigmaConfigurationError

from .ecs import FieldTypes, ecs_types
from .enrichment import Choices, Chosen
from .mapping_entities import PackEntity
from .mapping_events import EventFields, Events, PackLogSource, overlap
from .readings import Reading
from .steps import Step, XmlData, is_array, written
from .tables import ColumnType, JoinedTable

Scalar = str | bool | int | float

PLATFORMS: Mapping[str, str] = {"sentinel": "Microsoft Sentinel", "xdr": "Microsoft Defender XDR"}
"""What has tables: name in packs and targets to the name for people."""

Relation = Literal["lossless", "transformed", "constant", "enrichment", "refused"]
"""How a field stands to the vendor's event, worst last."""

Transform = Literal[
    "", "address", "bare_registry_data", "domain_user", "hashes", "number", "registry_data"
]
"""How the value of a field is made of the vendor's, where a table of values cannot say it."""


class MappingError(SigmaConfigurationError):
    """Report a mapping pack that is not valid; the message names file and key."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table keeps a field."""

    column: str
    path: tuple[Step, ...] = ()
    """Steps inside a column that holds JSON; empty for the column itself."""
    next: Place | None = None
    """Where the field stands if this place has no value."""

    @property
    def is_array(self) -> bool:
        """Say whether the place holds several values."""
        return is_array(self.path)

    def __str__(self) -> str:
        """Write the place as a pack does."""
        first = written((self.column, *self.path))
        return f"{first} or {self.next}" if self.next else first

    def alternatives(self) -> tuple[Place, ...]:
        """Return this place and those that count where it has no value, in order."""
        return (self, *self.next.alternatives()) if self.next else (self,)


@dataclass(frozen=True, slots=True)
class PackField:
    """One field under all its names."""

    ecs: str
    sigma: str
    """Name in Sigma rules; the ECS name where Sigma has none."""
    is_absent: bool = False
    """Whether no event of the log source has the field; only other sources of a rule do."""
    is_alias: bool = False
    """Whether the Sigma name is another one for a field that stands before it."""
    assumed: str = ""
    """What is assumed of a Sigma name that no event has."""
    events: Events = field(default_factory=dict)
    """The events that have the field under these names; empty for all."""
    type: str = "keyword"
    """Field type in Elasticsearch."""
    is_multiple: bool = False
    """Whether the source ever fills it with several values."""
    vendor: tuple[str, ...] = ()
    """Paths in the vendor's event; the first one with a value counts."""
    refused_in: Mapping[str, str] = field(default_factory=dict)
    """Why nothing can be said of the field in a part of a table."""
    known: Mapping[str, Events] = field(default_factory=dict)
    """Value of the field to the events that have it, where channel and code tell all its values."""
    known_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """All values of the field by part of a table, where it tells them."""
    halves: tuple[str, ...] = ()
    """Paths in the vendor's event whose texts make the value, with a backslash between."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Place by table; a table that is not listed has no column for the field."""
    constants: Mapping[str, Scalar] = field(default_factory=dict)
    """The only value by table, where the table or the log source implies it."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Value of the field to value of the column; other values cannot be told apart."""
    cases: Mapping[str, str] = field(default_factory=dict)
    """Value of the column to value of the field, `otherwise` for all others."""
    otherwise: str = ""
    """Empty where all other column values mean that the field has none."""
    is_open: bool = False
    """Whether other column values mean values that the cases do not list."""
    cases_in: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The cases by table, where a table has its own."""
    reading: Reading = ""
    """How the text of the column becomes the value."""
    readings: Mapping[str, Reading] = field(default_factory=dict)
    """The same by table, where a table has its own."""
    categories: tuple[str, ...] = ()
    """The Sigma categories that have the field under this name; empty for all."""
    products: tuple[str, ...] = ()
    """The Sigma products that do; empty for all."""
    always: tuple[str, ...] = ()
    """Values that the field has in every event, beside others that no column tells."""
    meanings: Mapping[str, str] = field(default_factory=dict)
    """Value in the vendor's event, and so in rules, to value of the field."""
    synonyms: Mapping[str, str] = field(default_factory=dict)
    """Value to another one that means the same: events have the one or the other, and rules too."""
    transform: Transform = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    """What the transformation makes of the value, to ECS names."""
    is_dropped: bool = False
    """Whether documents lack it, though the event has it; `loss` says why."""
    enrichment: str = ""
    """Why the field rests on enrichment; empty where it comes from the event."""
    loss: str = ""
    """What a port of this field loses or assumes."""
    refused: str = ""
    """Why no column says what the field holds."""
    choices: Choices | None = None
    """Where the user may have it looked up."""
    looked_up: Chosen | None = None
    """Where the user has it looked up, instead of in a column."""
    source: str = ""
    """Where the facts come from."""

    def in_table(self, table: str) -> PackField:
        """Return the field as a table has it."""
        if not (self.readings or self.cases_in):
            return self
        return replace(
            self,
            reading=self.readings.get(table, self.reading),
            cases=self.cases_in.get(table, self.cases),
        )

    def belongs_to(self, section: Mapping[str, str]) -> bool:
        """Say whether rules of a log source mean the field by this name."""
        return (not self.categories or section.get("category") in self.categories) and (
            not self.products or section.get("product") in self.products
        )

    @property
    def is_rewritten(self) -> bool:
        """Say whether rules compare other values than documents hold."""
        return bool(self.meanings or self.transform)

    @property
    def relation(self) -> Relation:
        """Say how the field stands to the vendor's event."""
        if self.refused:
            return "refused"
        if self.enrichment or self.looked_up:
            return "enrichment"
        if (self.always and not self.places) or (self.constants and not self.vendor):
            return "constant"
        if (
            self.is_rewritten
            or self.cases
            or self.cases_in
            or self.values
            or self.reading
            or self.readings
            or any(map(_is_read, self.places.values()))
        ):
            return "transformed"
        return "lossless"


def _is_read(place: Place) -> bool:
    return bool(place.path or place.next)


def _covers(section: Mapping[str, str], given: Mapping[str, str]) -> bool:
    return all(given.get(key) == value for key, value in section.items())


@dataclass(frozen=True, slots=True)
class PackTable:
    """One table of the log source."""

    name: str
    selector: Mapping[str, Scalar | tuple[Scalar, ...]]
    """ECS field to the value, or the values one of which, all events of this table have; tells tables apart."""
    time: str
    id: str
    types: Mapping[str, ColumnType]
    """Type by column, for the columns that the pack uses."""
    key: tuple[str, ...] = ()
    """Columns that together tell rows apart; empty where `id` does so alone."""
    newer: Mapping[str, str] = field(default_factory=dict)
    """Column that the schema of pysigma-backend-kusto lacks to where it is documented."""
    connectors: tuple[str, ...] = ()
    """Data connectors of Microsoft Sentinel that fill the table, by id."""
    assets: tuple[str, ...] = ()
    """Columns that a detection of Microsoft Defender XDR must return beside time and identity."""
    joined: tuple[JoinedTable, ...] = ()
    """Tables that tell more about a row; their columns are among `types`."""
    platforms: tuple[str, ...] = ("sentinel",)
    """Where the table is; the names are those of `PLATFORMS`."""
    data: str = ""
    """Column of an event's data, under the vendor's names; empty where each has a column of its own."""
    inside_data: tuple[Step, ...] = ()
    """Steps from that column to the names."""
    channels: tuple[str, ...] = ()
    """The channels whose events the table holds; empty for all."""
    stored_in: str = ""
    """The table, where this is a part of one."""
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Field to the only values that rows of this part have."""
    never: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Field to values that rows of this part do not have."""
    is_told: bool = False
    """Whether a query must say which rows are of this part, as the rule does not."""

    @property
    def has_xml(self) -> bool:
        """Say whether the data is text in XML."""
        return bool(self.inside_data) and isinstance(self.inside_data[0], XmlData)

    def holds(self, channel: str) -> bool:
        """Say whether the table holds events of a channel."""
        return not self.channels or channel in self.channels


@dataclass(frozen=True, slots=True)
class VendorNames:
    """How the vendor names columns after its own events, apart from any mapping to ECS.

    A column is the path of the same name with a small first letter, inside `inside` first.
    """

    inside: str = ""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns that do not follow that rule, to their paths."""
    unwrap: str = ""
    """Path of JSON text that is the event itself, where something sends it wrapped."""
    root: str = ""
    """Key by which the vendor's own events are told from ECS documents; empty where nothing tells."""
    data: str = ""
    """Object inside `root` whose values go under `rest` where no field takes them."""
    blank: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values in `data` that count as missing, by channel."""


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
    choices: tuple[tuple[str, ...], ...] = ()
    """Sets of tables that each hold the whole log source, best first; empty where only all do."""
    entities: tuple[PackEntity, ...] = ()
    """What its events are about; fields by their Sigma names."""
    vendor: VendorNames = VendorNames()
    pairs: tuple[str, ...] = ()
    """Folders of paired events that the pack is measured with."""
    pairs_where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Path in the vendor's event to the values of those that count; empty for all of them."""
    pairs_differ: Mapping[str, str] = field(default_factory=dict)
    """ECS field to the reason why paired documents have it otherwise; they are of another version."""
    log_sources: tuple[PackLogSource, ...] = ()
    """The Sigma log sources of a pack that has several; `of` returns the pack of one of them."""
    told_apart_by: EventFields | None = None
    """The fields that tell their events apart."""
    events: Events = field(default_factory=dict)
    """The events of the one log source, in what `of` returns."""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rest: str = ""
    """Object that holds the fields that the pack does not list."""
    is_under_ecs_names: bool = False
    """Whether rules name its fields as ECS does, and state their events themselves."""
    is_recorded: bool = False
    """Whether its fields are those of events as the source recorded them; `recorded_events` says how."""
    services: tuple[str, ...] = ()
    """Other services by which Sigma rules mean the one log source."""

    @property
    def sections(self) -> tuple[Mapping[str, str], ...]:
        """Return the Sigma log sources that mean the one log source, its own first."""
        others = ({**self.log_source, "service": one} for one in self.services)
        return (self.log_source, *others)

    def of(self, section: Mapping[str, str]) -> MappingPack | None:
        """Return the pack of a rule's log source; None where the pack does not cover it."""
        if not self.log_sources:
            return self if any(_covers(own, section) for own in self.sections) else None
        for one in self.log_sources:
            if one.covers(section):
                fields = tuple(
                    each
                    for each in self.fields
                    if overlap(each.events, one.events) and each.belongs_to(one.section)
                )
                found = replace(
                    self,
                    log_source=one.section,
                    condition=one.condition,
                    implied=one.implied,
                    events=one.events,
                    where=one.where,
                    fields=fields,
                    log_sources=(one,),
                )
                return found.with_tables(one.tables) if one.tables else found
        return None

    def whole_choices(self, platform: str) -> tuple[tuple[str, ...], ...]:
        """Return the sets of tables of a platform that each hold the whole log source, best first."""
        there = [table.name for table in self.tables if platform in table.platforms]
        choices = self.choices or (tuple(there),)
        kept = (tuple(name for name in choice if name in there) for choice in choices)
        return tuple(choice for choice in kept if choice)

    def with_tables(self, names: Collection[str]) -> MappingPack:
        """Return the pack with these of its tables; a field that none of them keeps is refused."""
        kept = tuple(table for table in self.tables if table.name in names)
        if self.is_recorded or self.is_under_ecs_names:  # parts say which field has no column
            return replace(self, tables=kept)
        where = " and ".join(table.name for table in kept)
        fields = tuple(
            entry
            if entry.refused
            or entry.always
            or entry.is_absent
            or entry.looked_up
            or not {*entry.places, *entry.constants}.isdisjoint(names)
            else replace(entry, refused=f"{where} has no column for it")
            for entry in self.fields
        )
        return replace(self, tables=kept, fields=fields)

    def under_ecs_names(self, section: Mapping[str, str]) -> MappingPack:
        """Return the pack for a rule that names fields as ECS does, and that states its events itself."""
        fields: dict[str, PackField] = {}
        names: dict[str, str] = {}
        for entry in self.fields:
            own = replace(entry, sigma=entry.ecs, meanings={}, transform="", parts={})
            fields.setdefault(entry.ecs, own)
            names.setdefault(entry.sigma, entry.ecs)
        return replace(
            self,
            log_source=dict(section),
            condition={},
            implied={},
            fields=tuple(fields.values()),
            entities=tuple(entity.renamed(names) for entity in self.entities),
            log_sources=(),
            told_apart_by=None,
        )

    def with_rest(self, names: Iterable[str]) -> MappingPack:
        """Return the pack with those of the names that it does not list, where a rest is kept."""
        listed = {entry.sigma for entry in self.fields} | {entry.ecs for entry in self.fields}
        more = [name for name in dict.fromkeys(names) if name not in listed and "." not in name]
        if not self.rest or not more:
            return self
        data = (self.vendor.data,)
        rest = tuple(
            PackField(ecs=name, sigma=name, vendor=(written((*data, name)),))
            if self.is_recorded
            else PackField(ecs=f"{self.rest}.{name}", sigma=name)
            for name in more
        )
        return replace(self, fields=self.fields + rest)

    def named(self, name: str) -> tuple[PackField, ...]:
        """Return every field of that Sigma name; several where it depends on the event."""
        return tuple(entry for entry in self.fields if entry.sigma == name)

    def by_ecs(self, name: str) -> PackField | None:
        """Return the field of that ECS name."""
        return next((entry for entry in self.fields if entry.ecs == name), None)

    def by_sigma(self, name: str) -> PackField | None:
        """Return the field of that Sigma name."""
        return next((entry for entry in self.fields if entry.sigma == name), None)

    @property
    def entity_fields(self) -> list[str]:
        """Return the Sigma names of the fields that the entities are told by."""
        return [name for entity in self.entities for name in entity.identifiers.values()]

    @property
    def field_types(self) -> FieldTypes:
        """Return the types of ECS and of the pack."""
        kept = {name: "keyword" for name in self._told_apart if name not in ecs_types().types}
        types = {**kept, **{entry.ecs: entry.type for entry in self.fields}}
        multiple = frozenset(entry.ecs for entry in self.fields if entry.is_multiple)
        single = frozenset(types).union(self._told_apart) - multiple
        return ecs_types().merged(FieldTypes(types, multiple, single))

    @property
    def _told_apart(self) -> frozenset[str]:
        """Return the fields that are no entry of their own: parts of values, and what tells events apart."""
        parts = {name for entry in self.fields for name in entry.parts.values()}
        by = {self.told_apart_by.channel, self.told_apart_by.code} if self.told_apart_by else set()
        return frozenset(parts | by | set(self.where))

    @property
    def ecs_names(self) -> dict[str, str]:
        """Return the ECS name of every Sigma name that is another; the first one of several."""
        names: dict[str, str] = {}
        for entry in self.fields:
            if entry.sigma != entry.ecs:
                names.setdefault(entry.sigma, entry.ecs)
        return names

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
