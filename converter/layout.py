"""How tables hold events: plain facts that a row builder needs, without Sigma or pySigma.

A field of an event is kept in a column, constant in a table, or has no place there. `converter.mapping`
makes layouts from mapping packs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from sigma.sigmaproof.steps import Step, is_array

from .ir import Value


class Kind(Enum):
    """How a field's value is written in JSON and in a column."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class CellPlace:
    """Where a table keeps a value."""

    column: str
    path: tuple[Step, ...] = ()
    """Steps inside a column that holds JSON."""

    @property
    def is_array(self) -> bool:
        """Say whether the place holds several values."""
        return is_array(self.path)


@dataclass(frozen=True, slots=True)
class FieldLayout:
    """One field of an event in one table."""

    name: str
    """Name in the event (ECS)."""
    kind: Kind = Kind.TEXT
    places: tuple[CellPlace, ...] = ()
    """The first one with a value counts; empty where the table has no column for the field."""
    constant: Value | None = None
    """The only value of the field in this table."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Value of the field to value of the column; all others cannot be told apart."""
    cases: Mapping[str, str] = field(default_factory=dict)
    """Value of the column to value of the field, `otherwise` for all others."""
    otherwise: str = ""
    """Empty where all other column values mean that the field has none."""
    reading: str = ""
    """How the text of the column becomes the value."""
    known: tuple[str, ...] = ()
    """All values of the field, in every event of this part of the table."""
    always: tuple[str, ...] = ()
    """Values in every event, beside others that no column tells."""
    vendor: tuple[str, ...] = ()
    """Paths in the vendor's event, the first one with a value counts."""
    is_flattened: bool = False
    """Whether the field has the values of all keys that events have inside it."""
    is_enrichment: bool = False
    """Whether the value was added to the event on its way."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A field that a query looks up by an address of the row, in no column of the table."""

    name: str
    """Name in the event (ECS)."""
    address: str
    """Field of the address."""
    source: str
    """`watchlist`, or `geo_info` for the function of Kusto."""
    key: str
    """Column of the watchlist, or key in what the function returns."""
    watchlist: str = ""


@dataclass(frozen=True, slots=True)
class JoinedTable:
    """A table whose latest row of the same key tells more about a row."""

    name: str
    on: str
    """Column of a row that holds the key."""
    key: str
    """Column of this table that does."""
    latest: str
    """Column of the time."""
    columns: Mapping[str, str]
    """Column that a row gets to the column of this table; both are of one type."""


@dataclass(frozen=True, slots=True)
class VendorLayout:
    """How the vendor names columns after its own events."""

    inside: str = ""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unwrap: str = ""
    """Path of JSON text that is the event itself, where something sends it wrapped."""


Selector = Mapping[str, Value | tuple[Value, ...]]
"""Field to the value that every event of a table has, or to values one of which it has."""


@dataclass(frozen=True, slots=True)
class TableLayout:
    """One table of a log source."""

    name: str
    columns: Mapping[str, str]
    """Kusto type by column."""
    fields: tuple[FieldLayout, ...]
    time: str = "TimeGenerated"
    id: str = "Id"
    time_field: str = "@timestamp"
    """Field that fills the time column; empty for the event's primary time."""
    condition: Mapping[str, Value] = field(default_factory=dict)
    """Values that every event of the log source has."""
    selector: Selector = field(default_factory=dict)
    """Values that tell this table's events from those of the other tables."""
    rivals: tuple[Selector, ...] = ()
    """Selectors of the other tables of the log source."""
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fields that must say that an event is of this part of a table, to their values."""
    vendor: VendorLayout = VendorLayout()
    xml: str = ""
    """Column that holds the event's data as text in XML."""
    is_open: bool = False
    """Whether events have fields that `fields` does not list, in a column of that name or in `data`."""
    data: CellPlace | None = None
    """Where the table keeps such fields; None where only columns do."""
    refused: frozenset[str] = frozenset()
    """Fields that are not listed as nothing says what the table holds of them."""
    joined: tuple[JoinedTable, ...] = ()
    """Tables that fill columns of a row; these are among `columns`."""
    looked_up: tuple[LookedUp, ...] = ()

    def with_others(self, names: Iterable[str]) -> TableLayout:
        """Return the layout of an event log with those of the fields that it does not list."""
        listed = {one.name for one in self.fields} | self.refused
        # Other names are those of documents, which no recorded event has.
        more = [one for one in names if one not in listed and not {".", "@"} & {*one}]
        if not self.is_open or not more:
            return self
        others = (FieldLayout(name, places=self._other_places(name)) for name in sorted(more))
        return replace(self, fields=(*self.fields, *others))

    def _other_places(self, name: str) -> tuple[CellPlace, ...]:
        if self.data is not None:
            return (CellPlace(self.data.column, (*self.data.path, name)),)
        return (CellPlace(name),) if name in self.columns else ()


@dataclass(frozen=True, slots=True)
class EventsLayout:
    """A table with one column for every field, named as the field."""

    types: Mapping[str, str]
    """Kusto type by field; string where the field is not listed."""
    name: str = "Events"
    time: str = "TimeGenerated"
    id: str = "event.id"


@dataclass(frozen=True, slots=True)
class DocumentField:
    """One field of an ECS document, and what of the vendor's event it is made of."""

    name: str
    vendor: tuple[str, ...]
    """Paths in the vendor's event, the first one with a value counts."""
    kind: Kind = Kind.TEXT
    halves: tuple[str, ...] = ()
    """Paths in the vendor's event whose texts make the value, with a backslash between."""
    events: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Codes of the events that have it, by channel; empty for all."""
    meanings: Mapping[str, str] = field(default_factory=dict)
    """Value in the event to value of the field."""
    transform: str = ""
    """Name of what makes the value, where it is not just taken over."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """The fields that the transformation makes, by what they hold."""
    is_dropped: bool = False
    """Whether documents lack it, though the event has it."""


@dataclass(frozen=True, slots=True)
class DocumentLayout:
    """How ECS documents are made of a vendor's own events."""

    root: str
    """Key that only the vendor's events have."""
    channel: str
    """ECS field of the channel."""
    code: str
    """ECS field of the code."""
    fields: tuple[DocumentField, ...]
    data: str
    """Object inside the root whose values go under `rest` where no field takes them."""
    rest: str
    blank: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values in `data` that count as missing, by channel."""


Layout = TableLayout | EventsLayout
