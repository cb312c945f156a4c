"""What tables, documents and vendor paths of a pack say of an example.

Rows are those of the vendor's own naming, so that no mapping to ECS takes part in them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from converter.layout import DocumentLayout, FieldLayout, Kind, TableLayout
from converter.mapping import table_layouts
from harness.events.cells import Cell, cell_of, missing
from harness.events.event import values_of
from harness.events.mapping_check import translated
from harness.events.readings import JOINS, read
from harness.events.row_fields import read_field
from harness.events.vendor import vendor_row, vendor_value
from harness.events.vendor_documents import document_of, names_made
from sigma.sigmaproof.mapping import PLATFORMS, MappingPack
from sigma.sigmaproof.mapping_events import includes
from sigma.sigmaproof.recorded_events import recorded, under_ecs_names

from .examples import Example, Said, Texts, Told, texts

_EMPTY: tuple[object, ...] = (None, "", [])


@dataclass(slots=True)
class Reached:
    """What some example has shown to be right: tables with fields and places, vendor paths, values of cases."""

    places: set[tuple[str, str, str]] = field(default_factory=set)
    paths: set[tuple[str, str]] = field(default_factory=set)
    cases: set[tuple[str, str, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Read:
    """What one table says of one event."""

    table: str
    said: Said
    layout: TableLayout
    is_under_ecs: bool = False


def rows_read(
    layouts: Sequence[TableLayout],
    example: Example,
    reached: Reached,
    *,
    is_under_ecs: bool = False,
) -> Iterator[Read]:
    """Yield what the row of the example says in each table."""
    for layout in layouts:
        cells = {**vendor_row(layout, example.event)}
        for column, kind in layout.columns.items():
            cells.setdefault(column, missing(kind))
        cells |= _joined_cells(layout, cells, example.joined)
        said: dict[str, Texts] = {}
        for one in layout.fields:
            if values := _values(one, cells, layout):
                said[one.name] = tuple(sorted({*said.get(one.name, ()), *values}))
                _note(one, cells, layout, reached)
        yield Read(layout.name, said, layout, is_under_ecs)


def _values(one: FieldLayout, cells: Mapping[str, Cell], layout: TableLayout) -> Texts:
    if one.constant is not None:
        return texts(one.constant)
    if one.known:
        return texts(one.known)
    return tuple(
        sorted({*one.always, *texts(read_field(cells, one, layout) if one.places else None)})
    )


def _note(
    one: FieldLayout, cells: Mapping[str, Cell], layout: TableLayout, reached: Reached
) -> None:
    """Note which places of the field have decided."""
    for place in one.places:
        alone = replace(one, places=(place,), reading="", cases={}, values={}, kind=Kind.TEXT)
        text = texts(read_field(cells, alone, layout))
        if text:
            reached.places.add((layout.name, one.name, str(place)))
        if one.cases and (text or place is one.places[-1]):
            reached.cases.add((layout.name, one.name, read(one.reading, text[0] if text else "")))
        if text and one.reading not in JOINS:
            return


def _joined_cells(layout: TableLayout, cells: Mapping[str, Cell], told: Told) -> dict[str, Cell]:
    """Return the columns that the latest rows of other tables with the same key tell."""
    found: dict[str, Cell] = {}
    for one in layout.joined:
        rows = [row for row in told.get(one.name, ()) if row.get(one.key) == cells[one.on]]
        rows = [row for row in rows if any(row.get(name) for name in one.columns.values())]
        latest = max(rows, key=lambda row: str(row.get(one.latest, "")), default={})
        for name, stored in one.columns.items():
            value = latest.get(stored)
            kind = layout.columns[name]
            known = value if isinstance(value, str | bool | int) else None
            cell = cell_of(known, Kind.BOOLEAN if kind == "bool" else Kind.TEXT, kind)
            found[name] = missing(kind) if cell is None else cell
    return found


def paths_read(
    layout: TableLayout, example: Example, said: Said, reached: Reached
) -> Iterator[tuple[str, Texts, Texts]]:
    """Yield each field that its vendor path gives another value than the example says, with both."""
    for one in layout.fields:
        wanted = said.get(one.name, ())
        if not (one.vendor and wanted) or one.kind is Kind.DATE and not one.places:
            continue
        given = vendor_value(example.event, one.vendor)
        if given in _EMPTY and not one.cases and one.reading not in JOINS:
            continue
        told = translated(given, one, example.event)
        found = tuple(sorted({*one.always, *texts(told)}))
        if one.kind is Kind.DATE or found == wanted or _is_same(told, wanted):
            _note_paths(one, example, reached)
        else:
            yield one.name, found, wanted


def _is_same(told: object, wanted: Texts) -> bool:
    """Compare what a column holds as JSON text, or as a number with a fraction."""
    try:
        return len(wanted) == 1 and bool(json.loads(wanted[0]) == told)
    except ValueError:
        return False


def _note_paths(one: FieldLayout, example: Example, reached: Reached) -> None:
    for path in one.vendor:
        is_there = vendor_value(example.event, (path,)) not in _EMPTY
        if is_there:
            reached.paths.add((one.name, path))
        if is_there and one.reading not in JOINS:
            return


def event_of(example: Example, code: str) -> Mapping[str, object]:
    """Return the event with its channel and a code."""
    event = example.event.get("Event")
    inside = event if isinstance(event, Mapping) else {}
    system = inside.get("System")
    told = {"Channel": example.channel, "EventID": code}
    known = system if isinstance(system, Mapping) else {}
    return {"Event": {**inside, "System": {**known, **told}}}


def inside_of(example: Example, code: str) -> Mapping[str, object]:
    """Return what stands in the event, with its channel and a code."""
    inside = event_of(example, code)["Event"]
    return inside if isinstance(inside, Mapping) else {}


def document_read(
    layout: DocumentLayout, example: Example, code: str
) -> tuple[Said, frozenset[str]]:
    """Return what the document of the event says, and the fields that such documents can have."""
    made = document_of(layout, event_of(example, code))
    known = names_made(layout, example.channel, code)
    names = {*made, *known}
    said = {name: found for name in names if (found := texts(list(values_of(made, name))))}
    return said, known


def recorded_layouts(pack: MappingPack, channel: str, code: str) -> list[TableLayout]:
    """Return how each table holds recorded events of a channel and code."""
    fields = tuple(one for one in pack.fields if includes(one.events, channel, code))
    told = recorded(replace(pack, events={channel: (code,)}, fields=fields))
    names = [table.name for table in pack.tables if table.holds(channel)]
    return [one for name in names for one in table_layouts(told.with_tables((name,)))]


def ecs_layouts(pack: MappingPack) -> list[tuple[tuple[str, ...], tuple[TableLayout, ...]]]:
    """Return each set of tables with its parts under ECS names, for every field of the pack."""
    names = {entry.ecs for entry in pack.fields}
    whole = under_ecs_names(pack, {"product": pack.log_source.get("product", "")}, names, {}, ())
    choices = [one for platform in PLATFORMS for one in pack.whole_choices(platform)]
    return [(one, table_layouts(whole.with_tables(one))) for one in dict.fromkeys(choices)]


def fitting(
    sets: Sequence[tuple[tuple[str, ...], tuple[TableLayout, ...]]],
    pack: MappingPack,
    channel: str,
    code: str,
) -> list[TableLayout]:
    """Return the part of each table that holds the event, from the sets that read the channel there."""
    by = pack.told_apart_by
    told = {by.channel: channel, by.code: code} if by else {}
    holders = {table.name for table in pack.tables if table.holds(channel)}
    found: dict[str, TableLayout] = {}
    for choice, layouts in sets:
        first = next((name for name in choice if name in holders), "")
        for one in layouts:
            if one.name == first and all(
                told.get(key, "") in some for key, some in one.only.items()
            ):
                found.setdefault(first, one)
    return list(found.values())


def entries_of(pack: MappingPack, channel: str, code: str) -> frozenset[tuple[int, str]]:
    """Return which entries of the pack the event has, by number, and which values its code tells."""
    return frozenset(
        (number, value)
        for number, entry in enumerate(pack.fields)
        for value, events in (("", entry.events), *entry.known.items())
        if includes(events, channel, code)
    )
