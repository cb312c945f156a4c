"""Predicates over one event: the meaning of a filter, with nothing left to an evaluator's habit.

Everything that languages disagree on is a field of a node: how a raw value is read (`View`), what case
means (`Case`), what several values mean (`Quantifier`), what no value means (`Missing`). Truth is
Kleene's: And and Or are the strong connectives, Not keeps unknown, IsTrue turns unknown into false.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .values import Case, Value


class View(Enum):
    """How an atom reads a raw JSON value before its test sees it.

    A value that the view cannot read satisfies no test; under `Missing` it still counts as present.
    """

    TEXT = "text"
    """Text as it is; numbers and booleans cannot be read (SIGMA-8)."""
    KEYWORD = "keyword"
    """Text as it is; a number or boolean becomes the text that a keyword field indexes."""
    NUMBER = "number"
    """Numbers, and text in canonical decimal form (SIGMA-8)."""
    COERCED_NUMBER = "coerced number"
    """Numbers, and any text that parses as a number (a numeric field of Elasticsearch)."""
    BOOLEAN = "boolean"
    """Booleans, and the texts true and false exactly (a boolean field of Elasticsearch)."""
    LENIENT_BOOLEAN = "lenient boolean"
    """Booleans, and the texts true and false in any case (SIGMA-8)."""
    IP = "ip"
    """Text that is an IPv4 or IPv6 address; compares as an address, IPv4 mapped into IPv6."""
    DATE = "date"
    """ISO 8601 text or epoch milliseconds, read as microseconds since the epoch."""
    MINUTE = "minute"
    """What `DATE` reads, as its minute in UTC: 0 to 59 (SIGMA-17)."""
    HOUR = "hour"
    """Its hour in UTC: 0 to 23."""
    DAY = "day"
    """Its day of the month in UTC."""
    WEEK = "week"
    """Its week in UTC, as ISO 8601 counts them."""
    MONTH = "month"
    """Its month in UTC."""
    YEAR = "year"
    """Its year in UTC."""
    RAW = "raw"
    """The value as it is, of any type."""


TIME_PARTS = frozenset({View.MINUTE, View.HOUR, View.DAY, View.WEEK, View.MONTH, View.YEAR})
"""The views that read a part of a time; what their tests compare with is that part itself."""


class Quantifier(Enum):
    """What a test means on a field with several values."""

    ANY = "any"
    ALL = "all"
    SINGLE = "single"
    """Unknown when the field has more than one value (ES|QL scalar functions)."""
    LEAST = "least"
    """Of the least value alone: text by code points, addresses as numbers."""
    JOINED = "joined"
    """Of one text: the different values in order, joined by the atom's separator."""


class Missing(Enum):
    """What an atom is when the field has no value (absent, null or an empty array)."""

    FALSE = "false"
    TRUE = "true"
    UNKNOWN = "unknown"
    EMPTY_TEXT = "empty text"
    """The test runs on the empty text (a Kusto string column)."""


class Wildcard(Enum):
    """A wildcard inside a `Glob`."""

    MANY = "*"
    """Any number of characters, line breaks included."""
    ONE = "?"
    """Exactly one character, line breaks included."""


@dataclass(frozen=True, slots=True)
class Exists:
    """True of every value."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The value equals one of these; never empty. `case` matters for text only."""

    values: tuple[Value, ...]
    case: Case = Case.EXACT


@dataclass(frozen=True, slots=True)
class Glob:
    """The whole text has this shape."""

    parts: tuple[str | Wildcard, ...]
    case: Case = Case.EXACT


class RegexDialect(Enum):
    """Whose regular expressions a pattern is written in."""

    LUCENE = "lucene"
    """Anchored, no `^ $ (?i)`; `.` matches line breaks; `# @ & < > ~ "` are operators."""
    RE2 = "re2"
    """Searches anywhere; `.` without line breaks unless `s`; the common subset with PCRE."""


@dataclass(frozen=True, slots=True)
class Regex:
    """The text matches a pattern; `flags` is a subset of "ims", sorted."""

    pattern: str
    dialect: RegexDialect
    flags: str = ""
    case: Case = Case.EXACT


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range."""

    value: Value
    inclusive: bool


@dataclass(frozen=True, slots=True)
class Range:
    """The value lies between the bounds; text compares by code points, dates in microseconds."""

    lower: Bound | None
    upper: Bound | None


@dataclass(frozen=True, slots=True)
class Cidr:
    """The text is an address inside one of the networks."""

    networks: tuple[str, ...]
    unreadable_is_unknown: bool = False
    """Text that is no address makes the test unknown instead of false (Kusto `ipv4_is_in_range`)."""


@dataclass(frozen=True, slots=True)
class Words:
    """Analysed text holds one of the words, or all of them in a row (`phrase`); lower-cased words."""

    words: tuple[str, ...]
    phrase: bool


Test = Exists | OneOf | Glob | Regex | Range | Cidr | Words


@dataclass(frozen=True, slots=True)
class Atom:
    """A test on the values of one field."""

    field: str
    view: View
    test: Test
    quantifier: Quantifier = Quantifier.ANY
    missing: Missing = Missing.FALSE
    separator: str = ""


@dataclass(frozen=True, slots=True)
class AnyField:
    """A test on every value of every field (free text, Sigma keywords); false without any value."""

    view: View
    test: Test
    inside: str = ""
    """Path of the object whose values alone are tested (a flattened field); empty for the event."""
    without: frozenset[str] = frozenset()
    """Fields whose values are not tested (analysed text, of which only words can be, and dates)."""


class Relation(Enum):
    """How the value of one field relates to that of another."""

    EQUALS = "equals"
    STARTS_WITH = "starts with"
    ENDS_WITH = "ends with"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class FieldComparison:
    """Some value of `left` relates to some value of `right`; false when a side has none (SIGMA-11)."""

    left: str
    relation: Relation
    right: str
    view: View = View.RAW
    case: Case = Case.EXACT


@dataclass(frozen=True, slots=True)
class Nested:
    """Some object of the array at `path` satisfies the predicate, whose fields are full paths."""

    path: str
    operand: Predicate


@dataclass(frozen=True, slots=True)
class And:
    """Kleene conjunction; true when empty."""

    operands: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Kleene disjunction; false when empty."""

    operands: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Kleene negation: unknown stays unknown."""

    operand: Predicate


@dataclass(frozen=True, slots=True)
class IsTrue:
    """True where the operand is true, false elsewhere (`coalesce(p, false)`)."""

    operand: Predicate


@dataclass(frozen=True, slots=True)
class Constant:
    """The same truth for every event."""

    truth: bool | None


Predicate = And | Or | Not | IsTrue | Constant | Atom | AnyField | FieldComparison | Nested

ALWAYS = Constant(True)
NEVER = Constant(False)
