"""Fills in the fields that decide which table of a log source holds an event, where a rule leaves them open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import product

from converter.ir import Predicate, Value
from converter.layout import Selector, TableLayout
from harness.engines.predicate import evaluate

from .fields import Fields

Placement = Mapping[str, Value]
"""Values that the events of one table have."""


def placements_in(layouts: Sequence[TableLayout], read: Collection[str]) -> list[Placement]:
    """Return what puts events into each table, first into those that keep most of the fields that are read."""
    ordered = sorted(layouts, key=lambda layout: _lacking(layout, read))
    return [one for layout in ordered if layout.selector for one in _placements_of(layout.selector)]


def _lacking(layout: TableLayout, read: Collection[str]) -> int:
    return sum(
        field.name in read and not field.places and field.constant is None
        for field in layout.fields
    )


def _placements_of(selector: Selector) -> list[Placement]:
    """Return each choice of values that puts an event into the table of the selector."""
    values = [value if isinstance(value, tuple) else (value,) for value in selector.values()]
    return [dict(zip(selector, some, strict=True)) for some in product(*values)]


def placed(
    fields: Fields, probed: str, predicate: Predicate, placements: Sequence[Placement]
) -> list[Fields]:
    """Return the event as each table that fits may hold it; as it is where none fits.

    What the event has stays, where some table has it, and so do the truth of the predicate and the field
    that is probed.
    """
    truth = evaluate(predicate, fields)
    for is_moved in (False, True):
        found: list[Fields] = []
        for placement in placements:
            filled = {**fields, **placement} if is_moved else {**placement, **fields}
            if is_moved and probed in placement:
                continue
            if probed not in fields:
                filled.pop(probed, None)
            keeps = all(filled.get(name) == value for name, value in placement.items())
            if keeps and evaluate(predicate, filled) is truth:
                found.append(filled)
        if found:
            return found
    return [fields]
