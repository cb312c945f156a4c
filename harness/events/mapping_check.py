"""Judge a mapping by events that are at hand twice: as the vendor sends them and as ECS documents.

Three questions, each counted field by field: does an event belong to one table and have its constants, does
a field equal the vendor's value at the path that the pack names, and does a row built from the ECS document
agree with the row that the vendor's own naming gives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from converter.ir import Value
from converter.ir.values import canonical_number
from converter.layout import DocumentLayout, FieldLayout, Kind, TableLayout

from .cells import Cell
from .event import Document, Event, values_of
from .readings import ARRAYS, JOINS, joined, read, says_the_same, values_of_text
from .row_fields import beside, read_field, values_in
from .rows import is_of_table, row_of
from .time import instant
from .vendor import vendor_row, vendor_value
from .vendor_documents import document_of, names_made

TABLE = "(table)"
"""Name under which events that belong to exactly one table are counted."""

FLOOR = 0.95
"""Share of occurrences below which a field is wrong, not an oddity of a single event."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One event under both its forms."""

    raw: Mapping[str, object]
    document: Document


@dataclass(frozen=True, slots=True)
class Hits:
    """How often a field was what the mapping says."""

    name: str
    hits: int
    occurrences: int
    first_miss: str = ""

    @property
    def share(self) -> float:
        """Return the share of hits; all of nothing is all."""
        return self.hits / self.occurrences if self.occurrences else 1.0

    def __str__(self) -> str:
        """Write one line for people."""
        miss = f"; first miss: {self.first_miss}" if self.first_miss else ""
        return f"{self.name}: {self.hits} of {self.occurrences}{miss}"


def check_constants(layouts: Sequence[TableLayout], pairs: Sequence[Pair]) -> tuple[Hits, ...]:
    """Count the events that belong to exactly one table, and those that have its constants."""
    tally = _Tally()
    for pair in pairs:
        tables = _tables(layouts, pair)
        names = [layout.name for layout in tables]
        if not names and _is_part(layouts):
            continue
        tally.count(TABLE, len(names) == 1, f"{len(names)} tables {names}")
        for layout in tables:
            for field in layout.fields:
                values = values_of(pair.document, field.name)
                if field.constant is not None and values:
                    tally.count(
                        field.name, list(values) == [field.constant], f"{layout.name} has {values}"
                    )
    return tally.hits()


def check_values(layouts: Sequence[TableLayout], pairs: Sequence[Pair]) -> tuple[Hits, ...]:
    """Count the ECS values that equal the vendor's value, after the field's own translation."""
    tally = _Tally()
    for field in {field.name: field for layout in layouts for field in layout.fields}.values():
        for pair in pairs:
            values = beside(field, values_in(pair.document, field))
            given = vendor_value(pair.raw, field.vendor)
            if values and field.vendor and not _is_odd_date(given, field.kind):
                given = translated(given, field, pair.raw)
                tally.count(
                    field.name,
                    _is_said(values, given, field),
                    f"{values} in ECS, {given!r} at {' or '.join(field.vendor)}",
                )
    return tally.hits()


def check_documents(layout: DocumentLayout, pairs: Sequence[Pair]) -> tuple[Hits, ...]:
    """Count the fields that the document made of the vendor's event has as the real document has them.

    A field counts in the events that the layout makes it in, and where either document has it.
    """
    tally = _Tally()
    for pair in pairs:
        made = document_of(layout, pair.raw)
        (channel,), (code,) = (values_of(made, name) for name in (layout.channel, layout.code))
        for name in sorted({*made, *names_made(layout, str(channel), str(code))}):
            ours, theirs = values_of(made, name), values_of(pair.document, name)
            if ours or theirs:
                is_hit = len(ours) == len(theirs) and all(map(_same_value, ours, theirs))
                miss = f"{channel} {code}: {ours} made, {theirs} in the document"
                tally.count(name, is_hit, miss)
    return tally.hits()


def check_rows(layouts: Sequence[TableLayout], pairs: Sequence[Pair]) -> tuple[Hits, ...]:
    """Count the fields that the row of the ECS document and the vendor's row say as the document does."""
    tally = _Tally()
    for pair in pairs:
        for layout in _tables(layouts, pair):
            theirs = vendor_row(layout, pair.raw)
            event = _event(str(theirs[layout.id]), pair)
            ours = row_of(layout, event, ()).cells
            for field in _measured(layout, pair.document):
                one, other = (read_field(row, field, layout) for row in (ours, theirs))
                is_odd = _is_odd_date(vendor_value(pair.raw, field.vendor), field.kind)
                if one not in (None, "", []) and not is_odd:
                    values = beside(field, values_in(pair.document, field))
                    values = [field.values.get(str(v), v) for v in values]
                    tally.count(
                        field.name,
                        _is_read_alike(one, other, field) and _is_said(values, other, field),
                        f"{layout.name} says {one!r} by ECS, {other!r} by the vendor",
                    )
    return tally.hits()


def added(counts: Iterable[Iterable[Hits]]) -> tuple[Hits, ...]:
    """Add up counts of the same name."""
    total: dict[str, Hits] = {}
    for count in (one for some in counts for one in some):
        known = total.get(count.name, Hits(count.name, 0, 0))
        total[count.name] = Hits(
            count.name,
            known.hits + count.hits,
            known.occurrences + count.occurrences,
            known.first_miss or count.first_miss,
        )
    return tuple(total.values())


def failing(counts: Sequence[Hits]) -> tuple[Hits, ...]:
    """Return the fields that the mapping gets wrong."""
    return tuple(count for count in counts if count.hits < FLOOR * count.occurrences)


class _Tally:
    """Counts hits and occurrences by name."""

    def __init__(self) -> None:
        self._hits: dict[str, Hits] = {}

    def count(self, name: str, is_hit: bool, miss: str) -> None:
        """Count one occurrence; the first miss is kept for people."""
        known = self._hits.get(name, Hits(name, 0, 0))
        self._hits[name] = Hits(
            name,
            known.hits + is_hit,
            known.occurrences + 1,
            known.first_miss or ("" if is_hit else miss),
        )

    def hits(self) -> tuple[Hits, ...]:
        """Return all counts, in the order of their first occurrence."""
        return tuple(self._hits.values())


def _tables(layouts: Sequence[TableLayout], pair: Pair) -> list[TableLayout]:
    return [layout for layout in layouts if is_of_table(layout, pair.document)]


def _is_part(layouts: Sequence[TableLayout]) -> bool:
    """Say whether the tables are a single one that holds some events of the log source, not all."""
    return len(layouts) == 1 and bool(layouts[0].selector)


def _measured(layout: TableLayout, document: Document) -> Iterator[FieldLayout]:
    """Yield the document's fields whose column the vendor's own event can confirm."""
    for field in layout.fields:
        is_confirmed = field.places and field.vendor
        if is_confirmed and values_in(document, field):
            yield field


def _event(identity: str, pair: Pair) -> Event:
    """Return the pair's ECS document as an event at a time that plays no role."""
    moment = datetime(1970, 1, 1, tzinfo=UTC)
    return Event(identity, moment, moment, pair.document)


def _is_same_cell(one: Cell, other: Cell) -> bool:
    """Compare two cells; the order of an array says nothing, and Elasticsearch keeps milliseconds."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return abs(one - other) < timedelta(milliseconds=1)
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(_text, one)) == sorted(map(_text, other))
    return one == other


def translated(given: object, field: FieldLayout, raw: Mapping[str, object]) -> object:
    """Apply what makes the field's value of the column's, which starts from text."""
    if not (field.cases or field.reading):
        return given
    if field.reading in JOINS:
        parts = (vendor_value(raw, (path,)) for path in field.vendor)
        whole = joined(field.reading, ["" if part is None else _text(part) for part in parts])
        return values_of_text(field.reading, whole) if field.reading in ARRAYS else whole
    text = "" if given is None else _text(given)
    if field.reading in ARRAYS:
        return values_of_text(field.reading, text)
    text = read(field.reading, text)
    return field.cases.get(text, field.otherwise) if field.cases else text


def _is_read_alike(one: Cell, other: Cell, field: FieldLayout) -> bool:
    if isinstance(one, str) and isinstance(other, str) and field.reading:
        return says_the_same(field.reading, one, other)
    return _is_same_cell(one, other)


def _is_said(values: Sequence[Value], given: object, field: FieldLayout) -> bool:
    if field.reading and isinstance(given, str):
        return len(values) == 1 and says_the_same(field.reading, str(values[0]), given)
    return _are_same(values, given, field.kind)


def _are_same(values: Sequence[Value], given: object, kind: Kind) -> bool:
    """Compare with one value, or with all of an array in any order."""
    if isinstance(given, list):
        return sorted(map(_text, values)) == sorted(map(_text, given))
    return len(values) == 1 and _same(values[0], given, kind)


def _same_value(ours: Value, theirs: Value) -> bool:
    if _text(ours) == _text(theirs):
        return True
    moments = [instant(one) for one in (ours, theirs) if isinstance(one, str)]
    # The integrations keep milliseconds of most times.
    return None not in moments and len({moment // 1000 for moment in moments if moment}) == 1


def _is_odd_date(given: object, kind: Kind) -> bool:
    """Say whether a date is written in a way that only the vendor's own reader knows."""
    return kind is Kind.DATE and isinstance(given, str) and bool(given) and instant(given) is None


def _same(value: Value, given: object, kind: Kind) -> bool:
    if isinstance(given, datetime):
        given = given.isoformat()
    if kind is Kind.DATE and isinstance(value, str) and isinstance(given, str | int | float):
        first, second = instant(value), instant(given)
        return first is not None and second is not None and first // 1000 == second // 1000
    return _text(value) == _text(given)


def _text(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return canonical_number(value)
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
