"""Says on which Kusto texts and rows chdb is a second opinion worth having.

ClickHouse's dialect of Kusto compares nulls as SQL does, has no dynamic values, spells booleans otherwise and
lets `.` match line breaks. It is asked only where none of that can matter: filters over columns of text,
number and boolean, on rows that have a value in each of those, with a short list of functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from duckdb_kql import KqlError, ir
from duckdb_kql.lower import lower

from converter.languages.kusto import TokenKind, tokens

_NUMBERS = ("int", "long", "real")
_TYPES = ("string", "bool", *_NUMBERS)
_FUNCTIONS = frozenset(
    {
        "not",
        "isempty",
        "isnotempty",
        "isnull",
        "isnotnull",
        "tolower",
        "toupper",
        "coalesce",
        "strlen",
    }
)


class Untrusted(Exception):
    """Report why chdb is not asked."""


@dataclass(slots=True)
class Reading:
    """What a text reads of its table."""

    table: str
    columns: dict[str, str] = field(default_factory=dict)
    """Type by column."""
    has_dot: bool = False
    """Whether a regular expression has a dot, which must meet no line break."""


def reading_of(text: str, tables: Mapping[str, Mapping[str, str]]) -> Reading:
    """Return what a text reads; raises Untrusted where chdb's answer would mean nothing."""
    try:
        query = lower(text)
    except KqlError as error:
        raise Untrusted("the text is not read here") from error
    if query.lets or not isinstance(query.source, ir.TableRef) or query.source.name not in tables:
        raise Untrusted("it is more than a filter on one table")
    if any("\\" in one.text for one in tokens(text) if _has_odd_escape(one.kind, one.text)):
        raise Untrusted("a literal has an escape that chdb reads otherwise")
    found = Reading(query.source.name)
    for operator in query.operators:
        if not isinstance(operator, ir.Where):
            raise Untrusted("it is more than a filter on one table")
        _read(operator.predicate, tables[found.table], found)
    return found


def is_trusted(reading: Reading, row: Mapping[str, object]) -> bool:
    """Say whether nothing in a row's cells is read otherwise by chdb."""
    for column, kind in reading.columns.items():
        value = row.get(column)
        if kind != "string":
            if value is None:
                return False
        elif not str(value).isascii() or (reading.has_dot and "\n" in str(value)):
            return False
    return True


def _has_odd_escape(kind: TokenKind, text: str) -> bool:
    """Say whether an ordinary literal has another escape than of a quote or backslash."""
    if kind is not TokenKind.STRING or text.startswith("@"):
        return False
    return "\\" in text.replace("\\\\", "").replace('\\"', "").replace("\\'", "")


def _read(predicate: ir.Expr, types: Mapping[str, str], found: Reading) -> None:
    """Collect the columns of an expression, of any depth."""
    waiting: list[ir.Expr] = [predicate]
    while waiting:
        waiting.extend(_parts(waiting.pop(), types, found))


def _parts(expression: ir.Expr, types: Mapping[str, str], found: Reading) -> Iterator[ir.Expr]:
    match expression:
        case ir.Literal(value=value, kind=kind):
            if kind not in _TYPES or not str(value).isascii():
                raise Untrusted(
                    f"a value of type {kind} is compared, or a letter that is not ASCII"
                )
        case ir.ColumnRef(name=name):
            kind = types.get(name, "")
            if kind not in _TYPES:
                raise Untrusted(f"the column {name} is of type {kind or 'unknown'}")
            found.columns[name] = kind
        case ir.BinaryOp(op=operator, left=left, right=right):
            if operator == "matches regex":
                _note_regex(right, found)
            yield from (left, right)
        case ir.UnaryOp(operand=operand):
            yield operand
        case ir.FunctionCall(name=name, args=arguments):
            if name not in _FUNCTIONS:
                raise Untrusted(f"it calls {name}")
            yield from arguments
        case ir.InList(value=value, items=items, subquery=None):
            yield from (value, *items)
        case ir.HasList(value=value, items=items, subquery=None):
            yield from (value, *items)
        case ir.Between(value=value, low=low, high=high):
            yield from (value, low, high)
        case _:
            raise Untrusted("it has an expression whose meaning there is not known")


def _note_regex(pattern: ir.Expr, found: Reading) -> None:
    if not isinstance(pattern, ir.Literal):
        raise Untrusted("a regular expression is not written as a literal")
    found.has_dot = found.has_dot or "." in str(pattern.value)
