"""Fills in the fields that decide which table of a log source holds an event, where a rule leaves them open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from converter.ir import Predicate, Value
from harness.engines.predicate import evaluate

from .fields import Fields

Placement = Mapping[str, Value]
"""Values that the events of one table have."""


def placed(
    fields: Fields, probed: str, predicate: Predicate, placements: Sequence[Placement]
) -> list[Fields]:
    """Return the event as each table that fits may hold it; as it is where none fits.

    What the event has stays, and so does the truth of the predicate and the field that is probed.
    """
    truth = evaluate(predicate, fields)
    found: list[Fields] = []
    for placement in placements:
        filled = {**placement, **fields}
        if probed not in fields:
            filled.pop(probed, None)
        keeps = all(filled.get(name) == value for name, value in placement.items())
        if keeps and evaluate(predicate, filled) is truth:
            found.append(filled)
    return found or [fields]
