"""What is put into the field of one leaf: for each question about it, the values that answer it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from converter.ir import Atom, FieldType, OneOf, Schema, Value
from harness.engines.predicate import evaluate

from .candidates import accepted, near, other_cased, unrelated
from .domain import as_atom, field_values
from .fields import ABSENT, can_hold_several, holds_text, unique
from .leaves import Leaf, fields_read


class Question(IntEnum):
    """What an event asks about a leaf; smaller ones matter more."""

    MET = 0
    MISSED = 1
    MISSING = 2
    CASE = 3
    SEVERAL = 4
    SEVERAL_OTHERS = 5
    NULL = 6
    EMPTY_ARRAY = 7
    EMPTY_TEXT = 8
    LISTED = 9
    BORDER = 10


ALWAYS_ASKED = frozenset(Question) - {Question.BORDER}
"""Questions that every leaf is asked, whether or not another event finds the same faults."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One value of the leaf's field."""

    question: Question
    field: str
    raw: object


def probes(leaf: Leaf, schema: Schema) -> list[Probe]:
    """Return the values that are put into the leaf's first field, the important ones first."""
    field = fields_read(leaf)[0]
    atom = as_atom(leaf, field)
    if atom is None:
        found = [(Question.BORDER, raw) for raw in field_values(field, [leaf], schema)]
    else:
        found = sorted(_questions(atom, schema), key=lambda one: one[0])
    kept: dict[str, Probe] = {}
    for question, raw in found:
        kept.setdefault(repr(raw), Probe(question, field, raw))
    return list(kept.values())


def _questions(atom: Atom, schema: Schema) -> Iterator[tuple[Question, object]]:
    met, missed = _sides(atom, schema)
    if met:
        yield Question.MET, met[0]
    if missed:
        yield Question.MISSED, missed[0]
    yield Question.MISSING, ABSENT
    yield Question.NULL, None
    yield from _in_other_cases(atom, schema)
    if can_hold_several(atom.field, schema):
        yield Question.EMPTY_ARRAY, []
        yield from _several(met, missed)
    if holds_text(atom.field, schema):
        yield Question.EMPTY_TEXT, ""
    if isinstance(atom.test, OneOf):
        yield from ((Question.LISTED, value) for value in met)
    yield from ((Question.BORDER, value) for value in (*met, *missed))


def _sides(atom: Atom, schema: Schema) -> tuple[list[Value], list[Value]]:
    """Return single values that meet the atom and that do not; ordinary ones first."""
    ordinary = [*accepted(atom, schema), *unrelated(atom.field, schema)]
    values = [
        value
        for value in unique([*ordinary, *near(atom, schema)])
        if isinstance(value, str | bool | int | float)
    ]
    met = [value for value in values if evaluate(atom, {atom.field: value}) is True]
    refused = {repr(value) for value in met}
    return met, [value for value in values if repr(value) not in refused]


def _in_other_cases(atom: Atom, schema: Schema) -> Iterator[tuple[Question, object]]:
    if schema.type_of(atom.field) is FieldType.IP:
        return
    base = [value for value in accepted(atom, schema) if isinstance(value, str)][:1]
    changed = [value for value in other_cased(atom, schema) if value not in base]
    for place, value in enumerate(changed):
        yield (Question.BORDER if place else Question.CASE), value


def _several(
    met: Sequence[Value], missed: Sequence[Value]
) -> Iterable[tuple[Question, list[Value]]]:
    if met and missed:
        yield Question.SEVERAL, [met[0], missed[0]]
        yield Question.BORDER, [missed[0], met[0]]
    if len(missed) > 1:
        yield Question.SEVERAL_OTHERS, list(missed[:2])
    if len(met) > 1:
        yield Question.BORDER, list(met[:2])
    if met:
        yield Question.BORDER, [met[0], met[0]]
