"""What each field of a predicate may hold while a context is searched: few values, the plainest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import assert_never

from converter.ir import (
    AnyField,
    Atom,
    FieldComparison,
    FieldType,
    Glob,
    Nested,
    Predicate,
    Regex,
    Schema,
    Truth,
    Value,
    Wildcard,
)
from harness.engines.predicate import evaluate

from .candidates import accepted, near, unrelated
from .fields import ABSENT, can_hold_several, holds_text, unique
from .leaves import Goal, Leaf, fields_read, leaves
from .regex_samples import samples

_PAIRED_LEAVES = 12
_VALUES = 60
"""About how many accepted and near values a field has each, shared by the leaves on it."""

_RELATED = ("something else", "else", "something", "some", "something else again")
"""Texts of which some begin, end or hold others."""


@dataclass(slots=True)
class _Truths:
    """The truths of a leaf on the first values of its field, one bit a value."""

    count: int = 0
    true: int = 0
    unknown: int = 0

    def add(self, truth: Truth) -> None:
        if truth is True:
            self.true |= 1 << self.count
        elif truth is None:
            self.unknown |= 1 << self.count
        self.count += 1

    def of(self, goal: Goal) -> int:
        false = ((1 << self.count) - 1) & ~(self.true | self.unknown)
        return (
            (self.true if True in goal else 0)
            | (self.unknown if None in goal else 0)
            | (false if False in goal else 0)
        )


class Domains:
    """The values of every field that a predicate reads, and which leaves are true on which."""

    def __init__(self, predicates: Iterable[Predicate], schema: Schema) -> None:
        self._schema = schema
        self._leaves: dict[str, list[Leaf]] = {}
        for leaf in dict.fromkeys(leaf for one in predicates for leaf in leaves(one)):
            for field in fields_read(leaf):
                self._leaves.setdefault(field, []).append(leaf)
        self._values: dict[str, list[object]] = {}
        self._truths: dict[Leaf, _Truths] = {}

    def values(self, field: str) -> Sequence[object]:
        """Return the values of a field, ABSENT among them, in order of preference."""
        if field not in self._values:
            found = field_values(field, self._leaves.get(field, []), self._schema)
            self._values[field] = found
        return self._values[field]

    def mask(self, leaf: Atom | Nested | AnyField, goal: Goal) -> int:
        """Return the values of the leaf's field on which the leaf has a truth of the goal, as bits."""
        (field,) = fields_read(leaf)
        values = self.values(field)
        truths = self._truths.setdefault(leaf, _Truths())
        for place in range(truths.count, len(values)):
            truths.add(evaluate(leaf, _alone(field, values[place])))
        return truths.of(goal)

    def add_value(self, field: str, wanted: Sequence[tuple[Leaf, Goal]]) -> int:
        """Add a value on which all these leaves have the truths wanted; return it as a bit, else 0.

        Several conditions on a field may need a text that fits them all, or an array with a value each.
        """
        atoms = [atom for leaf, goal in wanted if True in goal and (atom := as_atom(leaf, field))]
        others = [(leaf, goal) for leaf, goal in wanted if True not in goal]
        for value in (*_fitting_all(atoms, self._schema), self._array(field, atoms, others)):
            if all(evaluate(leaf, {field: value}) in goal for leaf, goal in wanted):
                self._values[field] = [*self.values(field), value]
                return 1 << (len(self._values[field]) - 1)
        return 0

    def _array(
        self, field: str, atoms: Sequence[Atom], others: Sequence[tuple[Leaf, Goal]]
    ) -> list[Value]:
        """Return a value for each atom, none of which meets the others."""
        if not can_hold_several(field, self._schema):
            return []
        return [
            value
            for atom in atoms
            for value in [
                value
                for value in accepted(atom, self._schema)
                if all(evaluate(leaf, {field: value}) in goal for leaf, goal in others)
            ][:1]
        ]


def field_values(field: str, on_field: Sequence[Leaf], schema: Schema) -> list[object]:
    """Return what a field may hold: accepted values, others, arrays, nothing, the empty text."""
    nested = [leaf for leaf in on_field if isinstance(leaf, Nested)]
    if nested:
        return unique([*_objects(nested, schema), ABSENT])
    atoms = [atom for leaf in on_field if (atom := as_atom(leaf, field))]
    share = max(_VALUES // max(len(atoms), 1), 1)
    singles: list[object] = [v for atom in atoms for v in accepted(atom, schema)[:share]]
    singles += _common(atoms, schema)
    singles += unrelated(field, schema)
    if any(isinstance(leaf, FieldComparison) for leaf in on_field):
        singles += _RELATED if holds_text(field, schema) else ()
    singles += [v for atom in atoms[:_PAIRED_LEAVES] for v in near(atom, schema)[:share]]
    several: list[object] = []
    if can_hold_several(field, schema):
        several += _pairs(atoms, schema)
    empty: list[object] = [""] if holds_text(field, schema) else []
    return unique([*singles, *several, ABSENT, *empty])


def as_atom(leaf: Leaf, field: str) -> Atom | None:
    """Return the test of a leaf as a test of one field; None where it has no values of its own."""
    match leaf:
        case Atom():
            return leaf
        case AnyField(view, test):
            return Atom(field, view, test)
        case FieldComparison() | Nested():
            return None
        case _:
            assert_never(leaf)


def _alone(field: str, raw: object) -> Mapping[str, object]:
    return {} if raw is ABSENT else {field: raw}


def _pairs(atoms: Sequence[Atom], schema: Schema) -> Iterator[list[Value]]:
    """Yield arrays that two atoms accept together, where no single value may be."""
    for left, right in combinations(atoms[:_PAIRED_LEAVES], 2):
        yield [*accepted(left, schema)[:1], *accepted(right, schema)[:1]]


def _common(atoms: Sequence[Atom], schema: Schema) -> Iterator[object]:
    """Yield texts that may fit several patterns at once: their starts, middles and ends joined."""
    every = [atom for atom in atoms if isinstance(atom.test, Glob | Regex)]
    patterns = every[:_PAIRED_LEAVES]
    if len(patterns) < 2 or not holds_text(patterns[0].field, schema):
        return
    # Words of analysed text stay words only with something between them.
    between = " " if schema.type_of(patterns[0].field) is FieldType.TEXT else ""
    for left, right in combinations(patterns, 2):
        yield from (_joined([left, right], between), _joined([right, left], between))
    # A list behind a long one is further away than the pairs reach.
    for other in every[_PAIRED_LEAVES:_VALUES]:
        yield from (_joined([every[0], other], between), _joined([other, every[0]], between))
    # What must hold mostly stands before what must not.
    for count in range(3, len(patterns) + 1):
        several = _joined(patterns[:count], between)
        # Some rule may forbid what stands at an end now.
        yield from (several, f"{several}x", f"x{several}", f"x{several}x")


def _fitting_all(atoms: Sequence[Atom], schema: Schema) -> Iterator[str]:
    """Yield texts that may fit all these patterns, in one order and the other."""
    patterns = list(dict.fromkeys(atoms))
    if len(patterns) < 2 or not holds_text(patterns[0].field, schema):
        return
    if not all(isinstance(one.test, Glob | Regex) for one in patterns):
        return
    for between in ("", " ", "x"):
        for order in (patterns, patterns[::-1]):
            text = _joined(order, between)
            yield from (text, f"x{text}", f"{text}x", f"x{text}x")


def _joined(patterns: Sequence[Atom], between: str) -> str:
    starts: dict[str, None] = {}
    middles: dict[str, None] = {}
    ends: dict[str, None] = {}
    for pattern in patterns:
        parts = _pieces(pattern)
        for place, part in enumerate(parts):
            if isinstance(part, Wildcard):
                continue
            if place == 0:
                starts[part] = None
            elif place == len(parts) - 1:
                ends[part] = None
            else:
                middles[part] = None
    longest = max(starts, key=len, default=""), max(ends, key=len, default="")
    return between.join(filter(None, (longest[0], *middles, longest[1])))


def _pieces(atom: Atom) -> tuple[str | Wildcard, ...]:
    """Return texts and wildcards of a pattern; for an expression, a text that it describes."""
    match atom.test:
        case Glob(parts):
            return parts
        case Regex(pattern):
            opens = () if pattern.startswith("^") else (Wildcard.MANY,)
            closes = () if pattern.endswith("$") else (Wildcard.MANY,)
            return (*opens, samples(pattern)[0], *closes)
        case _:
            return ()


def _objects(nested: Sequence[Nested], schema: Schema) -> Iterator[list[dict[str, object]]]:
    """Yield arrays of objects: one that satisfies each predicate, others, both, and halves."""
    for leaf in nested:
        inner = [_below(leaf.path, fields) for fields in _combinations(leaf.operand, schema)]
        good = [one for one in inner if evaluate(leaf, {leaf.path: [one]})]
        bad = [one for one in inner if one not in good]
        yield from ([one] for one in (*good[:2], *bad[:4]))
        yield [*bad[:1], *good[:1]]
        yield list(bad[:3])
        yield []


def _combinations(predicate: Predicate, schema: Schema) -> Iterator[dict[str, object]]:
    """Yield objects in which each field takes a few of its values while the others keep their first."""
    domains = Domains([predicate], schema)
    fields = dict.fromkeys(field for leaf in leaves(predicate) for field in fields_read(leaf))
    firsts = {field: domains.values(field)[0] for field in fields}
    yield {field: raw for field, raw in firsts.items() if raw is not ABSENT}
    for field in fields:
        for raw in (*domains.values(field)[1:4], *unrelated(field, schema)[:1], ABSENT):
            changed = {**firsts, field: raw}
            yield {name: value for name, value in changed.items() if value is not ABSENT}


def _below(path: str, fields: Mapping[str, object]) -> dict[str, object]:
    """Name the fields of an object as they stand inside the array at `path`."""
    return {name.removeprefix(f"{path}."): raw for name, raw in fields.items()}
