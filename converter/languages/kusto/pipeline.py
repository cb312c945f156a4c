"""Follows the columns through the operators of a query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from duckdb_kql import ir

from .columns import ANYTHING, Columns, united
from .expressions import Expressions
from .functions import AGGREGATES
from .lint_calls import join_on_dynamic
from .places import Places
from .types import UNKNOWN

Tables = Mapping[str, Mapping[str, str]]


class Pipeline:
    """Checks a query; `let` tables are added as they are declared."""

    def __init__(self, text: str, tables: Tables) -> None:
        self.expressions = Expressions(Places(text), self.query)
        self._names_sides = "$left" in text  # the binder takes a join on a name of both sides
        self._tables = {name: Columns(dict(types)) for name, types in tables.items()}

    def query(self, query: ir.Query) -> Columns:
        """Check a query and return its columns."""
        for name, bound in query.lets:
            if isinstance(bound, ir.Query):
                self._tables[name] = self.query(bound)
        columns = self._source(query.source)
        for operator in query.operators:
            columns = self._operator(operator, columns)
        return columns

    def _source(self, source: ir.Source) -> Columns:
        match source:
            case ir.TableRef(name=name):
                place = self.expressions.places.find(name)
                if name in self._tables:
                    return self._tables[name]
                self.expressions.refuse(
                    "KS204", f"the name {name!r} does not refer to any known table", place
                )
                return ANYTHING
            case ir.DataTable(columns=columns):
                return Columns(dict(columns))
            case _:
                return ANYTHING

    def _operator(self, operator: ir.Operator, columns: Columns) -> Columns:
        check = self.expressions
        match operator:
            case ir.Where(predicate=predicate):
                check.expect_condition(predicate, columns)
                return columns
            case ir.Extend(expressions=named):
                return columns.with_types(self._named(named, columns))
            case ir.Project(expressions=named):
                return Columns(self._named(named, columns), columns.is_open and not named)
            case ir.Summarize():
                return self._summarize(operator, columns)
            case ir.Distinct(expressions=named):
                types = self._named(named, columns)
                self._refuse_dynamic(types)
                return Columns(types) if named else columns
            case ir.MvExpand(targets=targets):
                return self._mv_expand(targets, columns)
            case ir.ProjectAway(columns=names):
                return columns.without(names)
            case ir.ProjectRename(renames=renames):
                return columns.renamed(dict(renames))
            case ir.Sort(keys=keys):
                for key in keys:
                    self._refuse_dynamic({"": check.type_of(key.expr, columns)})
                return columns
            case ir.Top(keys=keys):
                for key in keys:
                    check.type_of(key.expr, columns)
                return columns
            case ir.Take():
                return columns
            case ir.Count():
                return Columns({"Count": "long"})
            case ir.Union(branches=branches):
                return united([columns, *map(self.query, branches)])
            case ir.Join():
                return self._join(operator, columns)
            case _:
                return ANYTHING

    def _named(self, named: Sequence[ir.NamedExpr], columns: Columns) -> dict[str, str]:
        types: dict[str, str] = {}
        for number, one in enumerate(named, start=1):
            kind = self.expressions.type_of(one.expr, columns)
            types[_name_of(one, number)] = kind
        return types

    def _summarize(self, operator: ir.Summarize, columns: Columns) -> Columns:
        aggregates: dict[str, str] = {}
        for number, one in enumerate(operator.aggregates, start=1):
            aggregates.update(self._aggregate(one, number, columns))
        keys = self._named(operator.by, columns)
        self._refuse_dynamic(keys)
        return Columns({**keys, **aggregates})

    def _aggregate(self, one: ir.NamedExpr, number: int, columns: Columns) -> dict[str, str]:
        call = one.expr
        if not isinstance(call, ir.FunctionCall) or call.name not in AGGREGATES:
            return {_name_of(one, number): self.expressions.type_of(call, columns)}
        types = self.expressions.aggregate(call, columns)
        if call.name in ("arg_min", "arg_max"):
            return _extremum(one, call, types, columns)
        result = AGGREGATES[call.name].result or (types[0] if types else UNKNOWN)
        return {_name_of(one, number): result}

    def _mv_expand(self, targets: Sequence[ir.MvExpandTarget], columns: Columns) -> Columns:
        types: dict[str, str] = {}
        for target in targets:
            kind = self.expressions.column(target.column, columns)
            if kind not in ("dynamic", UNKNOWN):
                self.expressions.refuse(
                    "KS141", f"mv-expand of a column of type {kind}; expected dynamic"
                )
            types[target.name or target.column] = target.to_type or "dynamic"
        return columns.with_types(types)

    def _join(self, join: ir.Join, columns: Columns) -> Columns:
        place = self.expressions.places.find("join")
        other = self.query(join.right)
        kind = join.kind
        for key in join.keys:
            kinds = columns.types.get(key.left), other.types.get(key.right)
            if "dynamic" in kinds and self._names_sides:
                self.expressions.refuse(
                    "KS241", "a join compares a value of type dynamic; cast it first", place
                )
            elif "dynamic" in kinds:
                self.expressions.remarks.append(join_on_dynamic(key.left, place))
        if "anti" in kind or "semi" in kind:
            return columns if kind.startswith("left") else other
        added = {
            (f"{name}1" if name in columns.types else name): t for name, t in other.types.items()
        }
        return Columns({**columns.types, **added}, columns.is_open or other.is_open)

    def _refuse_dynamic(self, types: Mapping[str, str]) -> None:
        for kind in types.values():
            if kind == "dynamic":
                self.expressions.refuse(
                    "KS116", "a value of type dynamic cannot be grouped or ordered; cast it first"
                )


def _extremum(
    one: ir.NamedExpr, call: ir.FunctionCall, types: Sequence[str], columns: Columns
) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, (argument, kind) in enumerate(zip(call.args, types, strict=True)):
        match argument:
            case ir.Wildcard():
                found = {**columns.types, **found}
            case ir.ColumnRef(name=name):
                found[one.name if place == 0 and one.name else name] = kind
            case _:
                found[one.name or f"{call.name}_{place}"] = kind
    return found


def _name_of(one: ir.NamedExpr, number: int) -> str:
    """Return the column's name; for one without a name Kusto's own where it is simple."""
    match one.name, one.expr:
        case str() as name, _:
            return name
        case _, ir.ColumnRef(name=name):
            return name
        case _, ir.FunctionCall(name=function, args=(ir.ColumnRef(name=name), *_)):
            return f"{function}_{name}" if function in AGGREGATES else name
        case _, ir.FunctionCall(name=function):
            return f"{function}_"
        case _:
            return f"Column{number}"
