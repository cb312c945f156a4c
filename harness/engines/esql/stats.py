"""Compiles STATS and INLINE STATS (ESQL-19, ESQL-21).

A group's row holds its keys and then one cell for each aggregate call; what is computed from them,
such as `SUM(a) / COUNT(*)`, is added behind. Inline, the calls' cells go behind the row itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from converter.diagnostic import Span
from converter.languages.esql.syntax import Aggregate as Node
from converter.languages.esql.syntax import Call, Column, Definition, Expression, Star, Stats

from .aggregates import AGGREGATES, Aggregate, AggregateFunction, filtered, over
from .compiled import Compiled, Context, Evaluate
from .expressions import Compiler, read
from .scope import Place, Scope
from .steps import Extend, Group, InlineGroup, Step
from .types import Scalar, Type

_BROKEN = Compiled(Type.BROKEN, lambda row: None)


@dataclass(frozen=True, slots=True)
class Compilation:
    """The steps of a command, and the columns behind it."""

    steps: tuple[Step, ...]
    scope: Scope


def compile_stats(context: Context, scope: Scope, stats: Stats) -> Compilation:
    """Return the steps of a STATS or INLINE STATS."""
    before, keys, inner = _keys(context, scope, stats)
    first = inner.width if stats.is_inline else 1 + len(keys)
    outside = {
        name: inner.columns[name] if stats.is_inline else Place(key.type, 1 + index)
        for index, (name, key) in enumerate(keys.items())
    }
    calls = _AggregateCalls(context, inner, first)
    results = [
        _result(context, Scope(outside, first), calls, aggregate, inner)
        for aggregate in stats.aggregates
    ]
    evaluates: tuple[Evaluate, ...] = tuple(key.evaluate for key in keys.values())
    grouping = InlineGroup if stats.is_inline else Group
    steps = [*before, grouping(evaluates, tuple(calls.aggregates), calls.reads_now)]
    width = first + len(calls.aggregates)
    columns = dict(inner.columns) if stats.is_inline else {}
    for result in results:
        slot = result.slot
        if slot is None:
            steps.append(Extend(result.compiled.evaluate, result.compiled.reads_now))
            slot, width = width, width + 1
        columns.pop(result.name, None)
        columns[result.name] = Place(result.compiled.type, slot)
    for name, place in outside.items():
        # A key wins over an aggregate of its name.
        columns.pop(name, None)
        columns[name] = place
    return Compilation(tuple(steps), Scope(columns, width))


def _keys(
    context: Context, scope: Scope, stats: Stats
) -> tuple[list[Step], dict[str, Compiled], Scope]:
    """Compile the keys; a computed key becomes a column that the aggregates may read."""
    compiler = Compiler(context, scope)
    steps: list[Step] = []
    keys: dict[str, Compiled] = {}
    for group in stats.groups:
        compiled = storable(context, "STATS", group, compiler.compile(group.expression))
        if not isinstance(group.expression, Column) or group.name != group.expression.name:
            steps.append(Extend(compiled.evaluate, compiled.reads_now))
            scope = scope.with_column(group.name, compiled.type)
            compiled = read(scope.columns[group.name])
        keys.pop(group.name, None)
        keys[group.name] = compiled
    return steps, keys, scope


@dataclass(frozen=True, slots=True)
class _Result:
    name: str
    compiled: Compiled
    slot: int | None
    """Where its cell is when it is nothing but an aggregate call."""


def _result(
    context: Context, outside: Scope, calls: _AggregateCalls, node: Node, inner: Scope
) -> _Result:
    definition = node.definition
    before = len(calls.aggregates)
    calls.filter_by(node.where)
    compiled = _Outside(context, outside, calls, inner).compile(definition.expression)
    compiled = storable(context, "STATS", definition, compiled)
    if len(calls.aggregates) == before and compiled.type is not Type.BROKEN:
        text = context.source(definition.expression.span)
        compiled = context.problem(
            f"expected an aggregate function but found [{text}]", definition.expression.span
        )
    is_call = isinstance(definition.expression, Call) and is_aggregate(definition.expression)
    slot = calls.last_slot if is_call and len(calls.aggregates) > before else None
    return _Result(definition.name, compiled, slot)


def is_aggregate(call: Call) -> bool:
    """Say whether a call is an aggregate."""
    return call.function in AGGREGATES


class _Outside(Compiler):
    """Compiles around the aggregate calls, where only keys can be read."""

    def __init__(
        self, context: Context, scope: Scope, calls: _AggregateCalls, inner: Scope
    ) -> None:
        super().__init__(context, scope)
        self._calls = calls
        self._inside = inner

    def special_call(self, call: Call) -> Compiled | None:
        """Compile an aggregate call."""
        return self._calls.compile(call)

    def unknown_column(self, column: Column) -> Compiled:
        """Report a column that is no key."""
        if self._inside.find(column.name) is None:
            return super().unknown_column(column)
        return self._context.problem(
            f"column [{column.name}] must appear in the STATS BY clause"
            " or be used in an aggregate function",
            column.span,
        )


class _AggregateCalls:
    """Compiles aggregate calls and gives each its slot."""

    def __init__(self, context: Context, scope: Scope, first_slot: int) -> None:
        self._context = context
        self._compiler = Compiler(context, scope)
        self._first_slot = first_slot
        self._filter: Compiled | None = None
        self.aggregates: list[Aggregate] = []
        self.reads_now = False

    @property
    def last_slot(self) -> int:
        """Where the cell of the last call is."""
        return self._first_slot + len(self.aggregates) - 1

    def filter_by(self, where: Expression | None) -> None:
        """Set the condition for the calls that follow."""
        self._filter = self._compiler.condition(where) if where else None

    def compile(self, call: Call) -> Compiled | None:
        """Compile an aggregate call; None for any other."""
        if not is_aggregate(call):
            return None
        if call.function == "COUNT" and (not call.arguments or _is_star(call.arguments[0])):
            return self._star(call)
        function = AGGREGATES[call.function]
        if not 1 <= len(call.arguments) <= 1 + function.constants:
            return self._context.problem(f"wrong number of arguments of {call.function}", call.span)
        argument, *constants = (self._compiler.compile(one) for one in call.arguments)
        if argument.type not in function.accepts:
            return self._refused(call, function, argument)
        values = self._constants(constants, call.span)
        if values is None:
            return _BROKEN
        self.reads_now = self.reads_now or argument.reads_now
        return self._add(over(function, argument, values), function.result(argument.type))

    def _star(self, call: Call) -> Compiled:
        if len(call.arguments) > 1:
            return self._context.problem("COUNT(*) takes nothing else", call.span)
        return self._add(len, Type.LONG)

    def _add(self, aggregate: Aggregate, kind: Type) -> Compiled:
        if self._filter:
            aggregate = filtered(aggregate, self._filter.evaluate)
            self.reads_now = self.reads_now or self._filter.reads_now
        self.aggregates.append(aggregate)
        return read(Place(kind, self.last_slot))

    def _refused(self, call: Call, function: AggregateFunction, argument: Compiled) -> Compiled:
        if argument.type is Type.BROKEN:
            return argument
        wanted = " or ".join(sorted(kind.value for kind in function.accepts - {Type.NULL}))
        return self._context.problem(
            f"argument of [{self._context.source(call.span)}] must be [{wanted}],"
            f" found type [{argument.type.value}]",
            call.span,
        )

    def _constants(self, arguments: list[Compiled], span: Span) -> list[Scalar] | None:
        values: list[Scalar] = []
        for argument in arguments:
            value = argument.evaluate(()) if argument.is_constant else None
            if value is None or isinstance(value, tuple):
                self._context.problem(
                    f"the second and later arguments of [{self._context.source(span)}]"
                    " must be constants",
                    span,
                )
                return None
            values.append(value)
        return values


def _is_star(expression: Expression) -> bool:
    return isinstance(expression, Star)


def storable(
    context: Context, command: str, definition: Definition, compiled: Compiled
) -> Compiled:
    """Check that a column can hold an expression."""
    if compiled.amount:
        return context.problem(
            f"{command} does not support type [{compiled.type.value}] as the type of"
            f" [{context.source(definition.span)}]",
            definition.span,
        )
    return compiled
