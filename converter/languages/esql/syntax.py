"""The syntax tree of an ES|QL query.

Spans take no part in equality: two trees are equal when they mean the same. A negated form has no
node of its own, `x NOT IN (…)` is `Not(In(…))` as in the platform's own tree (ESQL-4).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import Enum

from converter.diagnostic import Span


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal, decoded."""

    value: str
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number without a decimal point."""

    value: int
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Decimal:
    """A number with a decimal point or an exponent."""

    value: float
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` or `false`."""

    value: bool
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Null:
    """`null`."""

    span: Span = dataclasses.field(compare=False)


class Unit(Enum):
    """The unit of a time span; the value is its canonical spelling."""

    MILLISECOND = "millisecond"
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A number with a unit, such as `14 days`."""

    amount: int
    unit: Unit
    span: Span = dataclasses.field(compare=False)


Scalar = Text | Integer | Decimal | Boolean


@dataclass(frozen=True, slots=True)
class ListLiteral:
    """A constant with several values, `[1, 2]`; its items are of one kind."""

    items: tuple[Scalar, ...]
    span: Span = dataclasses.field(compare=False)


Literal = Text | Integer | Decimal | Boolean | Null | TimeSpan | ListLiteral


@dataclass(frozen=True, slots=True)
class Column:
    """The name of a column, dots included."""

    name: str
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Star:
    """The `*` of `COUNT(*)`."""

    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """`NOT operand`."""

    operand: Expression
    span: Span = dataclasses.field(compare=False)


class Connective(Enum):
    """How conditions combine."""

    AND = "AND"
    OR = "OR"


@dataclass(frozen=True, slots=True)
class Logical:
    """Two or more conditions in a row under one connective; brackets keep a node of its own."""

    connective: Connective
    operands: tuple[Expression, ...]
    span: Span = dataclasses.field(compare=False)


class Comparator(Enum):
    """The comparison operators."""

    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values under a comparison operator."""

    comparator: Comparator
    left: Expression
    right: Expression
    span: Span = dataclasses.field(compare=False)


class Operator(Enum):
    """The arithmetic operators."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    MODULO = "%"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two values under an arithmetic operator."""

    operator: Operator
    left: Expression
    right: Expression
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    """`-operand`."""

    operand: Expression
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class In:
    """`operand IN (item, …)`."""

    operand: Expression
    items: tuple[Expression, ...]
    span: Span = dataclasses.field(compare=False)


class Pattern(Enum):
    """The two pattern operators."""

    LIKE = "LIKE"
    RLIKE = "RLIKE"


@dataclass(frozen=True, slots=True)
class Matches:
    """`operand LIKE "…"` or `RLIKE`, with one pattern or a list of them."""

    pattern: Pattern
    operand: Expression
    texts: tuple[Text, ...]
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Search:
    """`column : value`, the search operator."""

    column: Column
    value: Literal
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class IsNull:
    """`operand IS NULL`."""

    operand: Expression
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Cast:
    """`operand::type`; the type's name in lower case."""

    operand: Expression
    type_name: str
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; the function's name in upper case."""

    function: str
    arguments: tuple[Expression, ...]
    span: Span = dataclasses.field(compare=False)


Expression = (
    Literal
    | Column
    | Star
    | Not
    | Logical
    | Comparison
    | Arithmetic
    | Negative
    | In
    | Matches
    | Search
    | IsNull
    | Cast
    | Call
)


@dataclass(frozen=True, slots=True)
class Definition:
    """A column that a command computes; without a name of its own it is called as it is written."""

    name: str
    expression: Expression
    span: Span = dataclasses.field(compare=False)
    is_named: bool = dataclasses.field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A column that STATS computes, over the rows for which `where` is true."""

    definition: Definition
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class ColumnPattern:
    """A column name in which `*` stands for any text."""

    text: str
    span: Span = dataclasses.field(compare=False)
    is_pattern: bool = False
    """A quoted name keeps its `*` literally."""


@dataclass(frozen=True, slots=True)
class From:
    """The source command; `metadata` lists the metadata columns."""

    sources: tuple[str, ...]
    metadata: tuple[Column, ...]
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Row:
    """The source command that makes one row of constants."""

    definitions: tuple[Definition, ...]
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Where:
    """Keep the rows for which the condition is true."""

    condition: Expression
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Eval:
    """Add columns."""

    definitions: tuple[Definition, ...]
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Stats:
    """Aggregate by groups; inline, the rows stay and get the columns."""

    aggregates: tuple[Aggregate, ...]
    groups: tuple[Definition, ...]
    span: Span = dataclasses.field(compare=False)
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep these columns only, in this order."""

    columns: tuple[ColumnPattern, ...]
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Drop:
    """Remove these columns."""

    columns: tuple[ColumnPattern, ...]
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Renaming:
    """One column and its new name."""

    old: Column
    new: Column


@dataclass(frozen=True, slots=True)
class Rename:
    """Rename columns, one after the other."""

    renamings: tuple[Renaming, ...]
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of a sort."""

    expression: Expression
    is_descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Sort:
    """Order the rows."""

    keys: tuple[SortKey, ...]
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class Limit:
    """Keep the first rows."""

    count: int
    span: Span = dataclasses.field(compare=False)


@dataclass(frozen=True, slots=True)
class MvExpand:
    """Make one row of each value of a column."""

    column: Column
    span: Span = dataclasses.field(compare=False)


Source = From | Row
Command = Where | Eval | Stats | Keep | Drop | Rename | Sort | Limit | MvExpand


@dataclass(frozen=True, slots=True)
class Query:
    """A source command and the commands that its rows run through."""

    source: Source
    commands: tuple[Command, ...]
