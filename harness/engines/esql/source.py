"""The rows that FROM reads (ESQL-22): a document's values as cells of typed columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from converter.ir import Case, FieldType, Schema, Value
from converter.ir.values import fold, parse_number
from harness.engines.view import address, keyword_text
from harness.events.event import Dataset, Document, Event, values_of
from harness.events.time import instant

from .compiled import Row
from .types import Cell, Scalar, Type, type_of_field

METADATA = {"_id": Type.KEYWORD, "_index": Type.KEYWORD, "_version": Type.LONG}
"""The metadata columns that are known here."""


class Source(Protocol):
    """What FROM reads."""

    @property
    def columns(self) -> Mapping[str, Type]:
        """The columns, in order of their names."""

    @property
    def schema(self) -> Schema:
        """The mapping of the index, for searches."""

    def field_type(self, name: str) -> str:
        """Return the mapped type of a field, for messages."""

    def document(self, number: int) -> Document:
        """Return the document of a row, for searches."""

    def rows(self, names: Sequence[str]) -> Iterable[Row]:
        """Yield one row for each event: its number, then the cells of the named columns."""


class EventSource:
    """Events as the rows of an index, in order of their ingestion."""

    def __init__(self, dataset: Dataset) -> None:
        self.events: tuple[Event, ...] = tuple(
            sorted(dataset.events, key=lambda event: (event.visible, event.time, event.id))
        )
        self._schema = dataset.schema
        self._columns = columns_of(
            dataset.schema, field_names(event.document for event in dataset.events)
        )

    @property
    def columns(self) -> Mapping[str, Type]:
        """The mapped fields and those of the events, in order of their names."""
        return self._columns

    @property
    def schema(self) -> Schema:
        """The mapping of the index."""
        return self._schema

    def document(self, number: int) -> Document:
        """Return the document of a row."""
        return self.events[number].document

    def field_type(self, name: str) -> str:
        """Return the mapped type of a field, or why it has none that could be read."""
        return self._schema.refusal_of(name) or self._schema.type_of(name).value

    def rows(self, names: Sequence[str]) -> Iterable[Row]:
        """Yield the rows."""
        readers = [(name, self._columns.get(name) or METADATA[name]) for name in names]
        for number, event in enumerate(self.events):
            yield (number, *(self._cell(event, name, kind) for name, kind in readers))

    def _cell(self, event: Event, name: str, kind: Type) -> Cell:
        match name:
            case "_id":
                return event.id
            case "_index":
                return "events"
            case "_version":
                return 1
            case _:
                raw = values_of(event.document, self._schema.path_of(name))
                return cell(kind, self._stored(name, raw))

    def _stored(self, name: str, raw: Sequence[Value]) -> Sequence[Value]:
        """Return the values as the field indexes them."""
        if name not in self._schema.lower_case:
            return raw
        return [fold(keyword_text(value), Case.LOWER) for value in raw]


def columns_of(schema: Schema, names: Iterable[str]) -> dict[str, Type]:
    """Return the columns of an index with this mapping that holds fields of these names.

    Objects and nested fields are no columns, and neither is what lies inside a flattened field.
    """
    kinds = {name: schema.type_of(name) for name in {*schema.types, *schema.unreadable, *names}}
    flattened = tuple(f"{name}." for name, kind in kinds.items() if kind is FieldType.FLATTENED)
    columns: dict[str, Type] = {}
    for name in sorted(kinds):
        kind = Type.UNSUPPORTED if schema.refusal_of(name) else type_of_field(kinds[name])
        if kind is not None and not name.startswith(flattened):
            columns[name] = kind
    return columns


def field_names(documents: Iterable[Document]) -> set[str]:
    """Return the full names of the fields that have a value somewhere."""
    names: set[str] = set()
    for document in documents:
        _collect_names(document, "", names)
    return names


def _collect_names(node: object, path: str, names: set[str]) -> None:
    match node:
        case dict():
            for key, inner in node.items():
                _collect_names(inner, f"{path}.{key}" if path else str(key), names)
        case list():
            for inner in node:
                _collect_names(inner, path, names)
        case None:
            return
        case _:
            names.add(path)


def cell(kind: Type, raw: Sequence[Value]) -> Cell:
    """Read the values of a field as the platform's columns hold them.

    Columns are read from doc values: sorted, and without duplicates for keywords and addresses.
    A value that the field cannot index is no value.
    """
    if not raw:
        return None
    if len(raw) == 1:
        return _value(kind, raw[0])
    values = [value for value in (_value(kind, one) for one in raw) if value is not None]
    if not values:
        return None
    if kind is not Type.TEXT:
        values = _stored(kind, values)
    return values[0] if len(values) == 1 else tuple(values)


def _stored(kind: Type, values: list[Scalar]) -> list[Scalar]:
    if kind is Type.KEYWORD:
        return [*sorted({str(value) for value in values})]
    numbers = [value for value in values if not isinstance(value, str)]
    return [*sorted(set(numbers) if kind is Type.IP else numbers)]


def _value(kind: Type, value: Value) -> Scalar | None:
    match kind:
        case Type.KEYWORD | Type.TEXT:
            return keyword_text(value)
        case Type.BOOLEAN:
            return _boolean(value)
        case Type.LONG | Type.INTEGER:
            number = _number(value)
            return None if number is None else int(number)
        case Type.DOUBLE:
            number = _number(value)
            return None if number is None else float(number)
        case Type.IP:
            return address(value) if isinstance(value, str) else None
        case Type.DATETIME:
            return None if isinstance(value, bool) else instant(value)
        case _:
            return None


def _boolean(value: Value) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False, "": False}.get(value) if isinstance(value, str) else None


def _number(value: Value) -> int | float | None:
    if isinstance(value, bool):
        return None
    return parse_number(value) if isinstance(value, str) else value
