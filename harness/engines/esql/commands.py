"""Compiles the commands of a query to steps."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from converter.errors import Unsupported
from converter.languages.esql.syntax import (
    Column,
    ColumnPattern,
    Command,
    Definition,
    Drop,
    Eval,
    Expression,
    From,
    Keep,
    Limit,
    MvExpand,
    Query,
    Rename,
    Row,
    Sort,
    Stats,
    Where,
)

from .compiled import Context
from .compiled import Row as Cells
from .expressions import Compiler, conjuncts, unknown_column
from .provenance import NO_EVENT
from .scope import Place, Scope
from .searching import WhereCompiler
from .source import METADATA, Source
from .stats import Compilation, compile_stats, storable
from .steps import Cut, Expand, Extend, Filter, Order, SortedBy, Step
from .types import Type

OtherCommand = Eval | Stats | Keep | Drop | Rename | Sort | Limit | MvExpand
"""Every command but WHERE, which needs the source."""

DEFAULT_LIMIT = 1_000
MAXIMUM_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """A query that is ready to run."""

    rows: tuple[Cells, ...] | None
    """The row of ROW; None for FROM."""
    loaded: tuple[str, ...]
    """The columns that FROM loads, in the order of the slots."""
    steps: tuple[Step, ...]
    scope: Scope
    """The columns of the result."""


def compile_query(
    context: Context, query: Query, source: Source, wants_rows: bool
) -> CompiledQuery:
    """Compile a query; what the platform refuses is in the context's problems.

    With `wants_rows` every column of the result is loaded, else only those that the query reads.
    """
    rows: tuple[Cells, ...] | None = None
    loaded: tuple[str, ...] = ()
    match query.source:
        case From():
            scope, loaded = _from(context, query, query.source, source, wants_rows)
        case Row(definitions):
            scope, rows = _row(context, definitions)
        case _:
            assert_never(query.source)
    steps: list[Step] = []
    for index, command in enumerate(query.commands):
        if isinstance(command, Stats) and command.is_inline:
            _check_inline(context, command, query.commands[:index])
        if isinstance(command, Where):
            compiler = WhereCompiler(context, scope, source, query.commands[:index])
            steps += _filters(context, compiler, command.condition)
            continue
        compilation = _command(context, scope, command)
        steps += compilation.steps
        scope = compilation.scope
    steps.append(_implicit_limit(context, query))
    return CompiledQuery(rows, loaded, tuple(steps), scope)


def _check_inline(context: Context, stats: Stats, before: Sequence[Command]) -> None:
    """Report what may not stand before INLINE STATS (ESQL-21)."""
    for command in before:
        if isinstance(command, Limit | Sort):
            name = type(command).__name__.upper()
            context.problem(f"INLINE STATS cannot be used after {name}", stats.span)
            return


def _from(
    context: Context, query: Query, command: From, source: Source, wants_rows: bool
) -> tuple[Scope, tuple[str, ...]]:
    columns = dict(source.columns)
    for metadata in command.metadata:
        kind = METADATA.get(metadata.name)
        if kind is None:
            raise Unsupported(
                f"metadata column {metadata.name}",
                metadata.span,
                f"those known here are {', '.join(METADATA)}",
            )
        columns[metadata.name] = kind
    needed = _needed(query, columns, wants_rows)
    loaded = tuple(name for name in columns if name in needed)
    slots = {name: index + 1 for index, name in enumerate(loaded)}
    places = {
        name: Place(
            kind,
            slots.get(name),
            source.field_type(name) if kind is Type.UNSUPPORTED else "",
            is_field=name not in METADATA,
        )
        for name, kind in columns.items()
    }
    return Scope(places, 1 + len(loaded)), loaded


def _needed(query: Query, columns: dict[str, Type], wants_rows: bool) -> set[str]:
    is_closed = any(
        isinstance(command, Keep) or (isinstance(command, Stats) and not command.is_inline)
        for command in query.commands
    )
    if wants_rows and not is_closed:
        return set(columns)
    needed: set[str] = set()
    for node in _nodes(query):
        if isinstance(node, Column):
            needed.add(node.name)
        elif isinstance(node, ColumnPattern):
            needed |= set(_matching(node, columns)) if wants_rows else {node.text}
    return needed


def _nodes(node: object) -> Iterator[object]:
    """Yield every node of a syntax tree."""
    if isinstance(node, tuple):
        for item in node:
            yield from _nodes(item)
    elif dataclasses.is_dataclass(node) and not isinstance(node, type):
        yield node
        for field in dataclasses.fields(node):
            yield from _nodes(getattr(node, field.name))


def _row(context: Context, definitions: Sequence[Definition]) -> tuple[Scope, tuple[Cells, ...]]:
    """Compile ROW; a later column may read an earlier one."""
    scope = Scope({}, 1)
    row: Cells = (NO_EVENT,)
    for definition in definitions:
        compiled = Compiler(context, scope).compile(definition.expression)
        compiled = storable(context, "ROW", definition, compiled)
        row = (*row, None if context.problems else compiled.evaluate(row))
        scope = scope.with_column(definition.name, compiled.type)
    return scope, (row,)


def _command(context: Context, scope: Scope, command: OtherCommand) -> Compilation:
    match command:
        case Eval(definitions):
            return _eval(context, scope, definitions)
        case Stats():
            return compile_stats(context, scope, command)
        case Keep(columns):
            return Compilation((), _keep(context, scope, columns))
        case Drop(columns):
            return Compilation((), _drop(context, scope, columns))
        case Rename():
            return Compilation((), _rename(context, scope, command))
        case Sort():
            return Compilation((_sort(context, scope, command),), scope)
        case Limit(count):
            return Compilation((Cut(count),), scope)
        case MvExpand(column):
            return _mv_expand(context, scope, column)
        case _:
            assert_never(command)


def _filters(context: Context, compiler: WhereCompiler, condition: Expression) -> Iterator[Step]:
    """Compile each conjunct to a filter of its own: a row stays if all of them are true."""
    for conjunct in conjuncts(condition):
        compiled = compiler.condition(conjunct)
        fields = frozenset(node.name for node in _nodes(conjunct) if isinstance(node, Column))
        text = " ".join(context.source(conjunct.span).split())
        yield Filter(compiled.evaluate, compiled.reads_now, text, fields)


def _eval(context: Context, scope: Scope, definitions: Sequence[Definition]) -> Compilation:
    steps: list[Step] = []
    for definition in definitions:
        compiled = Compiler(context, scope).compile(definition.expression)
        compiled = storable(context, "EVAL", definition, compiled)
        steps.append(Extend(compiled.evaluate, compiled.reads_now))
        scope = scope.with_column(definition.name, compiled.type)
    return Compilation(tuple(steps), scope)


def _matching(pattern: ColumnPattern, columns: Sequence[str] | dict[str, Type]) -> list[str]:
    if not pattern.is_pattern:
        return [name for name in columns if name == pattern.text]
    expression = re.compile(".*".join(map(re.escape, pattern.text.split("*"))), re.DOTALL)
    return [name for name in columns if expression.fullmatch(name)]


def _chosen(context: Context, scope: Scope, pattern: ColumnPattern) -> list[str]:
    names = _matching(pattern, list(scope.columns))
    if not names and pattern.text != "*":
        if pattern.is_pattern:
            context.problem(
                f"no matches found for pattern [{pattern.text}]",
                pattern.span,
                "esql-unknown-column",
            )
        else:
            unknown_column(context, scope, Column(pattern.text, pattern.span))
    return names


def _keep(context: Context, scope: Scope, patterns: Sequence[ColumnPattern]) -> Scope:
    """Order the columns: a full name wins over a pattern, a narrow pattern over `*` (ESQL-14)."""
    kept: dict[str, int] = {}
    for pattern in patterns:
        priority = 2 if not pattern.is_pattern else 0 if pattern.text == "*" else 1
        for name in _chosen(context, scope, pattern):
            if priority >= kept.get(name, 0):
                kept.pop(name, None)
                kept[name] = priority
    return Scope({name: scope.columns[name] for name in kept}, scope.width)


def _drop(context: Context, scope: Scope, patterns: Sequence[ColumnPattern]) -> Scope:
    dropped = {name for pattern in patterns for name in _chosen(context, scope, pattern)}
    kept = {name: place for name, place in scope.columns.items() if name not in dropped}
    return Scope(kept, scope.width)


def _rename(context: Context, scope: Scope, command: Rename) -> Scope:
    columns = dict(scope.columns)
    for renaming in command.renamings:
        old, new = renaming.old.name, renaming.new.name
        if old not in columns:
            unknown_column(context, Scope(columns, scope.width), renaming.old)
        elif old != new:
            columns = {
                new if name == old else name: place
                for name, place in columns.items()
                if name != new
            }
    return Scope(columns, scope.width)


def _sort(context: Context, scope: Scope, command: Sort) -> Step:
    compiler = Compiler(context, scope)
    keys: list[SortedBy] = []
    reads_now = False
    for key in command.keys:
        compiled = compiler.compile(key.expression)
        reads_now = reads_now or compiled.reads_now
        keys.append(SortedBy(compiled.evaluate, key.is_descending, key.nulls_first))
    return Order(tuple(keys), reads_now)


def _mv_expand(context: Context, scope: Scope, column: Column) -> Compilation:
    place = scope.find(column.name)
    if place is None or place.slot is None:
        unknown_column(context, scope, column)
        return Compilation((), scope)
    return Compilation((Expand(place.slot),), scope.with_place(column.name, place.type))


def _implicit_limit(context: Context, query: Query) -> Step:
    """Return the limit that the platform adds: a default, or the maximum if there is one (ESQL-17)."""
    has_limit = any(isinstance(command, Limit) for command in query.commands)
    count = MAXIMUM_LIMIT if has_limit else DEFAULT_LIMIT
    return Cut(count, lambda: context.truncated(count))
