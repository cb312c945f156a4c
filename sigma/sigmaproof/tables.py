"""Tables of a Kusto target: how each field of a rule is read.

Pipelines put a tuple of tables into `pipeline.state["sigmaproof_tables"]` and the Kusto backend renders the
rule once per table. One rule holds this together: a field has a column, is absent (it never has a
value in that table), or stops the rendering; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sigma.exceptions import SigmaTransformationError

from .enrichment import Lookup

TABLES = "sigmaproof_tables"
"""Key of the tuple of tables in a pipeline's state."""
NOTES = "sigmaproof_notes"
"""Key of the list of `(code, message)` pairs in a pipeline's state."""
PLATFORM = "sigmaproof_platform"
"""Key of the platform of the tables in a pipeline's state; missing for the table Events."""

ColumnType = Literal["string", "bool", "int", "long", "real", "datetime", "dynamic", "guid"]


class UnmappedError(SigmaTransformationError):
    """Report a comparison that has no counterpart in a table, so that only a rule without it can be asked."""


@dataclass(frozen=True, slots=True)
class Column:
    """How a field is read from a table."""

    expression: str
    """Kusto that reads it: `AppId`, `['event.dataset']`, `tostring(parse_json(DeviceDetail).browser)`."""
    type: ColumnType
    """Type of the expression."""
    constant: str | bool | int | float | None = None
    """The only value that the field ever has in this table, and always has."""
    values: Mapping[str, str] | None = None
    """Value of the rule to value of the column; another value stops the rendering."""
    base: str = ""
    """Text that the expression is derived from by a table of values; empty where it is not."""
    meant_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Every value of the field to the texts of `base` that mean it; the empty text stands for none."""
    otherwise: str = ""
    """The value that all other texts of `base` mean; empty where they mean none."""
    is_open: bool = False
    """Whether other texts of `base` mean values that nobody listed."""
    is_caseless: bool = False
    """Whether the source changed the case of the text, so that every comparison ignores it."""
    known: tuple[str, ...] = ()
    """All values that the field has in every row that is meant."""
    always: frozenset[str] = frozenset()
    """Values that the field has in every row; nothing else can be asked of it."""
    json_text: str = ""
    """JSON text that the expression writes as `key=value`; patterns of words are looked for in it."""
    enrichment: str = ""
    """Not empty: why the comparison rests on enrichment, as a message for people."""
    choice: str = ""
    """Options by which the user may have the field looked up instead."""
    element: ColumnType = "string"
    """Type of the elements of a dynamic array."""
    words_of: str = ""
    """Text whose words are the elements, none of which has white space: the field that holds it, else the column."""


@dataclass(frozen=True, slots=True)
class JoinedTable:
    """A table with several rows for one thing, of which the latest tells more about a row."""

    name: str
    on: str
    """Column of a row that names the thing."""
    key: str
    """Column of this table that does."""
    latest: str
    """Column of the time."""
    columns: Mapping[str, str]
    """Column that a row gets to the column of this table."""
    flags: frozenset[str] = frozenset()
    """Those of these columns of a row that are true or false; all others are text."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table and its columns by the field names that a rule has after the pipeline."""

    name: str
    time: str = "TimeGenerated"
    id: str | None = "Id"
    """Expression of the event's identity."""
    key: tuple[str, ...] = ()
    """Expressions that together tell rows apart; empty where the identity does so alone."""
    columns: Mapping[str, Column] = field(default_factory=dict)
    stored: Mapping[str, ColumnType] = field(default_factory=dict)
    """Every column of an event log that is known, whether or not a field is read from it; empty for others."""
    data: str = ""
    """Column of the events' data under its own names: JSON where it is dynamic, else XML; empty without one."""
    absent: frozenset[str] = frozenset()
    """Fields that never have a value in this table."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Field to the reason why no expression says what the field holds."""
    lookups: tuple[Lookup, ...] = ()
    """Watchlists that rows are looked up in where a column of theirs is read."""
    joined: tuple[JoinedTable, ...] = ()
    """Tables that rows are joined with where a column of theirs is read."""
    extended: Mapping[str, str] = field(default_factory=dict)
    """Columns that a query computes first where it reads them, to their expressions."""
    connectors: tuple[str, ...] = ()
    """Data connectors that fill the table, by id."""
    entities: tuple[str, ...] = ()
    """Fields that say what an event is about; a deployed rule shows them."""
    assets: tuple[str, ...] = ()
    """Stored columns that a detection of Microsoft Defender XDR must return."""
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Field to the only values of the rows that are meant; the rule asks for them, unless `is_told`."""
    never: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Field to values that none of the rows has that are meant."""
    is_told: bool = False
    """Whether the query must say which rows are meant, as the rule does not."""

    @property
    def row_key(self) -> tuple[str, ...]:
        """Return the expressions that together tell rows apart; empty where nothing does."""
        return self.key or ((self.id,) if self.id is not None else ())

    @property
    def added_later(self) -> frozenset[str]:
        """Return the columns that a query adds, which the stored table lacks."""
        looked_up = [name for one in self.lookups for name in one.columns]
        joined = [name for one in self.joined for name in one.columns]
        return frozenset((*looked_up, *joined, *self.extended))

    def column(self, name: str) -> Column | None:
        """Return how a field is read; None for an absent field.

        Raises `UnmappedError` for a field that the table cannot express or does not know.
        """
        if name in self.absent:
            return None
        if name in self.columns:
            return self.columns[name]
        if name in self.refused:
            raise UnmappedError(
                f"field {name} cannot be read from table {self.name}: {self.refused[name]}"
            )
        raise UnmappedError(
            f"field {name} has no entry in the mapping pack for table {self.name}; add one"
        )


@dataclass(frozen=True, slots=True)
class EcsTable(Table):
    """A table whose columns are named as ECS fields, so that it answers every field."""

    name: str = "Events"
    id: str | None = "['event.id']"
    types: Mapping[str, ColumnType] = field(default_factory=dict)
    """Column types by field name; string where the field is not listed."""
    elements: Mapping[str, ColumnType] = field(default_factory=dict)
    """Types of the elements of arrays by field name; string where the field is not listed."""

    def column(self, name: str) -> Column | None:
        """Return the column of that name, `string` where its type is not known."""
        column_type = self.types.get(name, "string")
        return Column(bracketed(name), column_type, element=self.elements.get(name, "string"))

    def knows(self, name: str) -> bool:
        """Say whether the column's type is known, not assumed."""
        return name in self.types


def united(tables: Sequence[EcsTable]) -> EcsTable:
    """Return one table for rules that each know the types of the columns they use.

    Raises `SigmaTransformationError` where two rules take a column to be of different types.
    """
    types: dict[str, ColumnType] = {}
    for table in tables:
        for name, column_type in table.types.items():
            if types.setdefault(name, column_type) != column_type:
                raise SigmaTransformationError(
                    f"field {name} is used as {types[name]} and as {column_type}; declare its type"
                )
    elements = {name: one for table in tables for name, one in table.elements.items()}
    return EcsTable(types=types, elements=elements)


def bracketed(name: str) -> str:
    """Write a column name that is no Kusto identifier: `['event.dataset']`."""
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"
