"""Lets fields that are told by one column have values that one text of the column tells.

`event.type: change` and `event.action: rename` both come from `FileRenamed`: no row is an event with the
first and another action. One rule holds this together: what a predicate says of the event stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from converter.ir import Predicate
from converter.layout import FieldLayout, TableLayout
from harness.engines.predicate import evaluate

from .fields import ABSENT, Fields, with_field

Derived = Sequence[tuple[TableLayout, Sequence[FieldLayout]]]
"""Tables with fields that are told by one column each."""


def derived_of(layouts: Sequence[TableLayout], names: Collection[str]) -> Derived:
    """Return the fields among these names that share a column which tells them by cases.

    What tells the events of the table from others may be the text of the column itself.
    """
    found = []
    for layout in layouts:
        groups: dict[str, list[FieldLayout]] = {}
        for field in layout.fields:
            is_told = field.name in (names if field.cases else layout.selector)
            if is_told and not field.reading and len(field.places) == 1:
                groups.setdefault(str(field.places[0]), []).append(field)
        found += [
            (layout, group)
            for group in groups.values()
            if len(group) > 1 and any(field.cases for field in group)
        ]
    return found


def told(fields: Fields, predicate: Predicate, derived: Derived, kept: Collection[str]) -> Fields:
    """Return the fields as one text of the column tells them, changing as few as possible."""
    truth = evaluate(predicate, fields)
    for layout, group in derived:
        if not _may_hold(layout, fields):
            continue
        fitting = [
            changed
            for changed in _as_told(fields, group)
            if all(changed.get(name) == fields.get(name) for name in kept)
            and _may_hold(layout, changed)
            and evaluate(predicate, changed) is truth
        ]
        if fitting:
            fields = min(fitting, key=lambda changed: _changes(fields, changed))
    return fields


def _as_told(fields: Fields, group: Sequence[FieldLayout]) -> Iterator[Fields]:
    """Yield the event once for each text of the column."""
    for key in dict.fromkeys(key for field in group for key in field.cases):
        changed = fields
        for field in group:
            value = field.cases.get(key, field.otherwise) if field.cases else key
            changed = with_field(changed, field.name, value or ABSENT)
        yield changed


def _may_hold(layout: TableLayout, fields: Fields) -> bool:
    return all(
        fields.get(name) in (value if isinstance(value, tuple) else (value,))
        for name, value in layout.selector.items()
        if name in fields
    ) and not layout.selector.keys().isdisjoint(fields)


def _changes(fields: Fields, changed: Fields) -> int:
    names = {*fields, *changed}
    return sum(fields.get(name) != changed.get(name) for name in names)
