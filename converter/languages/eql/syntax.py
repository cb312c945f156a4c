"""The syntax tree of an event query."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import Enum

from converter.diagnostic import Span
from converter.ir import Value


class Operator(Enum):
    """A comparison of two expressions."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="


class Sign(Enum):
    """An arithmetic operator."""

    TIMES = "*"
    DIVIDE = "/"
    MODULO = "%"
    PLUS = "+"
    MINUS = "-"


class MatchOperator(Enum):
    """How patterns are read (EQL-8, EQL-9)."""

    COLON = ":"
    LIKE = "like"
    LIKE_ANY_CASE = "like~"
    REGEX = "regex"
    REGEX_ANY_CASE = "regex~"

    @property
    def is_regex(self) -> bool:
        """Say whether the patterns are regular expressions."""
        return self in (MatchOperator.REGEX, MatchOperator.REGEX_ANY_CASE)

    @property
    def ignores_case(self) -> bool:
        """Say whether letters match in any case."""
        return self not in (MatchOperator.LIKE, MatchOperator.REGEX)


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; None is null."""

    value: Value | None
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class FieldName:
    """A field, or `?` and a field that need not be mapped (EQL-14)."""

    name: str
    is_optional: bool
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; the name as written, without the `~` that ignores case."""

    name: str
    ignores_case: bool
    arguments: tuple[Expression, ...]
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers and a sign."""

    sign: Sign
    left: Expression
    right: Expression
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """A number with its sign turned; a negative constant is a `Literal`."""

    operand: Expression
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two expressions compared."""

    operator: Operator
    left: Expression
    right: Expression
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Match:
    """An expression fits one of the patterns; never empty."""

    operator: MatchOperator
    operand: Expression
    patterns: tuple[Literal, ...]
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Membership:
    """An expression equals one of the members; never empty."""

    operand: Expression
    members: tuple[Expression, ...]
    ignores_case: bool
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class And:
    """All conditions hold; at least two."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One condition holds at least; at least two."""

    operands: tuple[Expression, ...]


Leaf = Literal | FieldName | Call | Arithmetic | Negative | Comparison | Match | Membership
Expression = Leaf | Not | And | Or


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Events of a category, of any where it is None, that satisfy a condition (EQL-4)."""

    category: str | None
    condition: Expression
