"""The syntax tree of a kuery text: what Kibana's parser keeps, and where each node stands.

Two trees are equal when Kibana builds the same tree from both texts; spans do not count. Value lists
are already distributed over their field (KUERY-13), and every tree is one that some text parses to.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from enum import Enum

from converter.diagnostic import Span

NOWHERE = Span(0, 0, 1, 1)
"""The span of a node that no text stands behind."""

WHITE_SPACE = " \t\r\n\u00a0"
"""What separates tokens (KUERY-3)."""

TRIMMED = (
    WHITE_SPACE + "\v\f\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What JavaScript trims from the ends of an unquoted literal (KUERY-4)."""

CONSTANTS: dict[str, bool | None] = {"null": None, "true": True, "false": False}
"""Unquoted words that are no text (KUERY-11)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A literal without wildcards; unquoted it is trimmed and no constant."""

    value: str
    is_quoted: bool = False
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.is_quoted and (
            self.value.strip(TRIMMED) != self.value or self.value in CONSTANTS
        ):
            raise ValueError(f"no unquoted literal means the text {self.value!r}")


@dataclass(frozen=True, slots=True)
class Boolean:
    """Unquoted `true` or `false`."""

    value: bool
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Null:
    """Unquoted `null`."""

    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Pattern:
    """An unquoted literal with wildcards: the texts before, between and after its bare `*`."""

    pieces: tuple[str, ...]
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)

    def __post_init__(self) -> None:
        first, last = self.pieces[0], self.pieces[-1]
        if len(self.pieces) < 2 or first.lstrip(TRIMMED) != first or last.rstrip(TRIMMED) != last:
            raise ValueError(f"no unquoted literal means the pattern {self.pieces!r}")

    @property
    def is_lone(self) -> bool:
        """Say whether it is a single `*`: any value at all (KUERY-12)."""
        return self.pieces == ("", "")

    def fits(self, text: str) -> bool:
        """Say whether a whole text has this shape."""
        return re.fullmatch(".*".join(map(re.escape, self.pieces)), text, re.DOTALL) is not None


Literal = Text | Boolean | Null | Pattern


class Operator(Enum):
    """How a field compares with the bound of a range."""

    LT = "<"
    LTE = "<="
    GT = ">"
    GTE = ">="


@dataclass(frozen=True, slots=True)
class Empty:
    """No query at all; it matches everything (KUERY-16)."""

    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Is:
    """A field has a value; without a field, free text."""

    field: Literal | None
    value: Literal
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Range:
    """A field compares with one bound (KUERY-14)."""

    field: Literal
    operator: Operator
    bound: Literal
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Nested:
    """`path:{ ... }`; fields inside are written relative to the path (KUERY-15)."""

    path: Literal
    operand: Query
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """A negation."""

    operand: Query
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class And:
    """Two or more operands; a bracketed `and` inside stays a node of its own (KUERY-1)."""

    operands: tuple[Query, ...]
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)

    def __post_init__(self) -> None:
        _require_two(self.operands)


@dataclass(frozen=True, slots=True)
class Or:
    """Two or more operands; a bracketed `or` inside stays a node of its own (KUERY-1)."""

    operands: tuple[Query, ...]
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)

    def __post_init__(self) -> None:
        _require_two(self.operands)


Query = Empty | Is | Range | Nested | Not | And | Or


def _require_two(operands: tuple[Query, ...]) -> None:
    if len(operands) < 2:
        raise ValueError("a connective has two operands or more")
