"""Lets fields that a table reads of one column say the same in an event.

`user.name` and `kubernetes.audit.user.username` stand in one column, so that no row is an event in which
they differ. One rule holds this together: what a predicate says of the event stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from converter.ir import Predicate
from converter.layout import FieldLayout, TableLayout
from harness.engines.predicate import evaluate
from harness.events.readings import ARRAYS, COUNTS, JOINS, read, text_of_values, values_of_text

from .fields import Fields


@dataclass(frozen=True, slots=True)
class Twins:
    """A field that is its column, and another one that is read of the column first."""

    first: str
    other: FieldLayout


def twins_of(layouts: Sequence[TableLayout], names: Collection[str]) -> list[Twins]:
    """Return the twins among these fields."""
    return [
        Twins(first.name, other)
        for layout in layouts
        for first, other in _pairs([one for one in layout.fields if one.name in names])
    ]


def agreed(
    fields: Fields, predicate: Predicate, twins: Sequence[Twins], kept: Collection[str]
) -> Fields:
    """Return the fields with twins that say the same, one change at a time; `kept` are not changed."""
    truth = evaluate(predicate, fields)
    for pair in twins:
        fields = _with_words(fields, predicate, pair, kept)
        fields = _with_extension(fields, predicate, pair)
        said = _said(pair.other, fields.get(pair.first))
        if said is None or pair.other.name in kept or fields.get(pair.other.name) == said:
            continue
        changed = {**fields, pair.other.name: said}
        if evaluate(predicate, changed) is truth:
            fields = changed
    return fields


def _with_words(fields: Fields, predicate: Predicate, pair: Twins, kept: Collection[str]) -> Fields:
    """Return the fields with a text of the words that the event has, where its twin holds words."""
    value = fields.get(pair.other.name)
    reading = pair.other.reading
    if reading not in ARRAYS or reading in JOINS or value in (None, "", []):
        return fields
    words = value if isinstance(value, list) else [value]
    first = fields.get(pair.first)
    if pair.first in kept:
        held = values_of_text(reading, first) if isinstance(first, str) else words
        if held == words:
            return fields
        words = [*held, *words]  # terms that differ still do
    changed = {**fields, pair.first: text_of_values(reading, words), pair.other.name: words}
    return changed if evaluate(predicate, changed) is evaluate(predicate, fields) else fields


def _with_extension(fields: Fields, predicate: Predicate, pair: Twins) -> Fields:
    """Return the fields with a name that ends in the extension that the event has.

    Names that differ still do, so that a term may be changed too.
    """
    name, extension = fields.get(pair.first), fields.get(pair.other.name)
    if pair.other.reading != "extension" or not (name and isinstance(extension, str)):
        return fields
    if not extension or read(pair.other.reading, str(name)) == extension:
        return fields
    changed = {**fields, pair.first: f"{name}.{extension}"}
    return changed if evaluate(predicate, changed) is evaluate(predicate, fields) else fields


def _pairs(fields: Sequence[FieldLayout]) -> Iterator[tuple[FieldLayout, FieldLayout]]:
    for first in fields:
        is_plain = len(first.places) == 1 and not (first.reading or first.cases or first.values)
        for other in fields if is_plain else ():
            if other is not first and other.places and other.places[0] == first.places[0]:
                yield first, other


def _said(field: FieldLayout, value: object) -> object:
    """Return what a field says where its column holds a value; None where nothing can be told."""
    if value is None or value in ("", []) or field.values or field.always:
        return None
    if not (field.reading or field.cases):
        return value
    if not isinstance(value, str) or field.reading in JOINS:
        return None
    if field.reading in ARRAYS:
        return values_of_text(field.reading, value)
    if field.reading in COUNTS:
        return len(value.split()) or None
    text = read(field.reading, value)
    return (field.cases.get(text, field.otherwise) if field.cases else text) or None
