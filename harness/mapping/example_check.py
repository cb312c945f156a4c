"""Judges a pack by its examples: every field of every table, vendor path, constant and value must be in one.

One rule holds this together: what no example reaches is unproved, and a pack with examples that is unproved
anywhere fails, so that no change of it passes unseen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from converter.layout import TableLayout
from converter.mapping import document_layout, table_layouts
from harness.events.rows import is_of_table
from sigma.sigmaproof.mapping import MappingPack
from sigma.sigmaproof.steps import written

from .example_facts import differences
from .examples import Example, Examples, Said
from .readings_of_examples import (
    Reached,
    document_read,
    ecs_layouts,
    entries_of,
    fitting,
    inside_of,
    paths_read,
    recorded_layouts,
    rows_read,
)
from .recorded import is_recorded_source

_ANY = "any text but those of its cases"


def example_problems(pack: MappingPack, examples: Examples) -> Iterator[str]:
    """Yield what the pack says otherwise than its examples, then what none of them reaches.

    What a variant repeats of another example is left out.
    """
    known: set[str] = set()
    for problem in _problems(pack, examples):
        said = problem.rpartition(": ")[2]
        if said not in known:
            known.add(said)
            yield problem


def _problems(pack: MappingPack, examples: Examples) -> Iterator[str]:
    yield from differences(examples.facts, pack)
    reached = Reached()
    if is_recorded_source(pack):
        yield from _recorded_problems(pack, examples.events, reached)
        return
    layouts = {layout.name: layout for layout in table_layouts(pack)}
    for example in examples.events:
        for table, wanted in example.tables.items():
            if table not in layouts:
                yield f"{example.title}: the pack has no table {table}"
                continue
            yield from _row_problems(layouts[table], example, wanted, reached)
    yield from _unreached(list(layouts.values()), reached)


def _row_problems(
    layout: TableLayout, example: Example, wanted: Said, reached: Reached
) -> Iterator[str]:
    for read in rows_read([layout], example, reached):
        yield from _wrong(example, f"row of {layout.name}", read.said, wanted)
    for name, found, value in paths_read(layout, example, wanted, reached):
        yield f"{example.title}: vendor path of {name} gives {_shown(found)}, not {_shown(value)}"
    document = {name: _single(values) for name, values in wanted.items() if name in layout.selector}
    if document and not is_of_table(layout, document):
        yield f"{example.title}: the event is not of {layout.name}, whose selector has other values"


def _single(values: Sequence[str]) -> object:
    """Return the value of a selector's field as documents have it."""
    return {"true": True, "false": False}.get(values[0], values[0])


def _wrong(example: Example, what: str, said: Said, wanted: Said) -> Iterator[str]:
    for name in sorted({*said, *wanted}):
        ours, theirs = said.get(name, ()), wanted.get(name, ())
        if ours != theirs:
            yield (
                f"{example.title}: {what} says {_shown(ours)} of {name}, and must say {_shown(theirs)}"
            )


def _shown(values: Sequence[str]) -> str:
    return ", ".join(values) or "nothing"


def _recorded_problems(
    pack: MappingPack, examples: Sequence[Example], reached: Reached
) -> Iterator[str]:
    tables = _Tables(pack)
    done: set[tuple[str, str]] = set()
    told: set[str] = set()
    for example in examples:
        alike: dict[frozenset[tuple[int, str]], str] = {}
        for code in example.codes:
            done.add((example.channel, code))
            alike.setdefault(entries_of(pack, example.channel, code), code)
        for code in alike.values():
            said, known = document_read(tables.documents, example, code)
            told |= known & said.keys()
            what = f"document of {example.channel} {code}"
            yield from _wrong(example, what, said, example.document or {})
            event = replace(example, event=inside_of(example, code))
            recorded, under_ecs = tables.layouts(example.channel, code)
            yield from _rows_wrong(event, recorded, example.tables, "", reached)
            yield from _rows_wrong(event, under_ecs, example.under_ecs, " under ECS names", reached)
    yield from _events_without_example(pack, done)
    yield from _fields_without_example(pack, told)
    yield from dict.fromkeys(_unreached(tables.used, reached, are_paths_read=False))


def _rows_wrong(
    example: Example,
    layouts: Sequence[TableLayout],
    wanted: Mapping[str, Said],
    names: str,
    reached: Reached,
) -> Iterator[str]:
    found = {row.table: row.said for row in rows_read(layouts, example, reached)}
    for table in dict.fromkeys((*found, *wanted)):
        what = f"row of {table}{names}"
        yield from _wrong(example, what, found.get(table, {}), wanted.get(table, {}))


class _Tables:
    """How the tables of an event log hold events, remembered by channel and entries."""

    def __init__(self, pack: MappingPack) -> None:
        layout = document_layout(pack)
        if layout is None:
            raise TypeError(f"pack {pack.name} does not say how events are recorded")
        self.documents = layout
        self.used: list[TableLayout] = []
        """Every layout that was asked for."""
        self._pack = pack
        self._parts = ecs_layouts(pack)
        self._known: dict[object, tuple[list[TableLayout], list[TableLayout]]] = {}

    def layouts(self, channel: str, code: str) -> tuple[list[TableLayout], list[TableLayout]]:
        """Return the layouts of an event as recorded and under ECS names."""
        key = (channel, entries_of(self._pack, channel, code))
        if key not in self._known:
            found = (
                recorded_layouts(self._pack, channel, code),
                fitting(self._parts, self._pack, channel, code),
            )
            self._known[key] = found
            self.used += [*found[0], *found[1]]
        return self._known[key]


def _events_without_example(pack: MappingPack, done: set[tuple[str, str]]) -> Iterator[str]:
    named = {
        (channel, code)
        for entry in pack.fields
        for events in (entry.events, *entry.known.values())
        for channel, codes in events.items()
        for code in codes
    }
    for channel, code in sorted(named - done):
        yield f"unproved: no example has an event {code} of {channel}"


def _fields_without_example(pack: MappingPack, told: set[str]) -> Iterator[str]:
    for entry in pack.fields:
        names = tuple(entry.parts.values()) or (entry.ecs,)
        if entry.vendor and not entry.is_dropped and told.isdisjoint(names):
            yield f"unproved: no example has {' or '.join(names)} in a document"


def _unreached(
    layouts: Sequence[TableLayout], reached: Reached, *, are_paths_read: bool = True
) -> Iterator[str]:
    paths: dict[tuple[str, str], None] = {}
    for layout in layouts:
        for one in layout.fields:
            for place in one.places:
                if (layout.name, one.name, str(place)) not in reached.places:
                    yield f"unproved: no example reads {one.name} of {layout.name} in {written((place.column, *place.path))}"
            if not one.places or one.constant is not None:
                continue
            for key in one.cases:
                if (layout.name, one.name, key) not in reached.cases:
                    yield f"unproved: no example of {layout.name} has {key!r} for {one.name}"
            if (
                one.cases
                and one.otherwise
                and not _has_other(layout.name, one.name, one.cases, reached)
            ):
                yield f"unproved: no example of {layout.name} has {_ANY} for {one.name}"
            if are_paths_read:
                paths.update(dict.fromkeys((one.name, path) for path in one.vendor))
    for name, path in paths:
        if (name, path) not in reached.paths:
            yield f"unproved: no example has {name} at {path} in the vendor's event"


def _has_other(table: str, name: str, cases: object, reached: Reached) -> bool:
    keys = set(cases) if isinstance(cases, dict) else set()
    return any(one[:2] == (table, name) and one[2] not in keys for one in reached.cases)
