"""The syntax tree of a query_string.

A level is a flat list of clauses, each with its own occurrence, because the classic parser knows no
binary operators (LUCENE-1). Every leaf carries the field it asks; None stands for all fields.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import Enum

from converter.diagnostic import Span
from converter.ir import Wildcard


class Occur(Enum):
    """How a clause takes part in its level; the value is its canonical spelling."""

    SHOULD = ""
    MUST = "+"
    MUST_NOT = "-"


@dataclass(frozen=True, slots=True)
class Term:
    """Bare text, already unescaped; several bare words in a row are one term (LUCENE-4)."""

    field: str | None
    text: str
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Quoted text, already unescaped."""

    field: str | None
    text: str
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Text with wildcards."""

    field: str | None
    parts: tuple[str | Wildcard, ...]
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class RegularExpression:
    """The text between two slashes, as written."""

    field: str | None
    pattern: str
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class End:
    """One end of an interval."""

    text: str
    inclusive: bool


@dataclass(frozen=True, slots=True)
class Interval:
    """A range; an absent end is open."""

    field: str | None
    lower: End | None
    upper: End | None
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Present:
    """The field has a value."""

    field: str
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Everything:
    """Every document: `*` or `*:*`."""

    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Nothing:
    """No document: a blank query (LUCENE-3)."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a level."""

    occur: Occur
    query: Query


@dataclass(frozen=True, slots=True)
class Group:
    """A level of clauses."""

    clauses: tuple[Clause, ...]


Leaf = Term | Phrase | Pattern | RegularExpression | Interval | Present
Query = Leaf | Everything | Nothing | Group
