"""Finds the type of an expression, and what in it the binder refuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from duckdb_kql import ir

from converter.diagnostic import Diagnostic, Severity, Span

from .columns import Columns
from .functions import AGGREGATES, FUNCTIONS, Signature
from .lint import CONSTANT, binary_findings
from .lint_calls import call_findings, list_findings
from .places import Places
from .tokens import ANY_COLUMN
from .types import NUMBERS, TEXT, UNKNOWN, common, result_of

CheckQuery = Callable[[ir.Query], Columns]
"""Checks a query inside an expression and returns its columns."""


class Expressions:
    """Checks expressions in the order of the text and collects diagnostics."""

    def __init__(self, places: Places, check_query: CheckQuery) -> None:
        self.places = places
        self.found: list[Diagnostic] = []
        self.remarks: list[Diagnostic] = []
        self._check_query = check_query

    def type_of(self, expression: ir.Expr, columns: Columns) -> str:
        """Return the type of an expression; unknown where it is refused or not known here."""
        match expression:
            case ir.Literal(kind=kind):
                return UNKNOWN if kind == "null" else kind
            case ir.ColumnRef(name=name):
                return self.column(name, columns)
            case ir.LetRef(name=name, value=value):
                self.places.find(name)
                return columns.types.get(name) or self._let_type(value)
            case ir.BinaryOp():
                return self._binary(expression, columns)
            case ir.UnaryOp(operand=operand):
                return self.type_of(operand, columns)
            case ir.FunctionCall():
                return self._call(expression, columns)
            case ir.InList():
                return self._in_list(expression, columns)
            case ir.HasList():
                return self._has_list(expression, columns)
            case ir.Between():
                return self._between(expression, columns)
            case ir.PathAccess():
                return self._path(expression, columns)
            case ir.ToScalar(query=query):
                inner = self._check_query(query)
                return next(iter(inner.types.values()), UNKNOWN)
            case _:
                return UNKNOWN

    def column(self, name: str, columns: Columns) -> str:
        """Return the type of a column (KS142 where there is none)."""
        place = self.places.find(name)
        if name == ANY_COLUMN:
            return "string"
        if name in columns.types:
            return columns.types[name]
        if not columns.is_open:
            self.refuse("KS142", f"the name {name!r} does not refer to any column", place)
        return UNKNOWN

    def expect_condition(self, expression: ir.Expr, columns: Columns) -> None:
        """Check the condition of a `where`."""
        found = self.type_of(expression, columns)
        if isinstance(expression, ir.Literal) and found == "bool":
            message = f"the condition is {str(expression.value).lower()} for every row"
            self.remarks.append(Diagnostic(CONSTANT, Severity.WARNING, message, self.places.here()))
        if found not in ("bool", UNKNOWN):
            self.refuse("KS141", f"the condition is of type {found}; expected bool")

    def refuse(self, code: str, message: str, place: Span | None = None) -> None:
        """Add a diagnostic; at the token that was reached where no place is given."""
        span = place or self.places.here()
        self.found.append(Diagnostic(code, Severity.ERROR, message, span))

    def aggregate(self, call: ir.FunctionCall, columns: Columns) -> list[str]:
        """Check an aggregate and return the types of its arguments."""
        self.places.find(call.name)
        found = self._arguments(call.args, columns)
        self._demand(call.name, AGGREGATES.get(call.name, Signature(UNKNOWN)), found, None)
        return [kind for kind, _ in found]

    def _arguments(self, arguments: Sequence[ir.Expr], columns: Columns) -> list[tuple[str, Span]]:
        """Return type and place of each argument."""
        return [(self.type_of(argument, columns), self.places.here()) for argument in arguments]

    def _let_type(self, value: ir.Expr) -> str:
        quiet = Expressions(Places(""), self._check_query)
        return quiet.type_of(value, Columns({}, is_open=True))

    def _binary(self, expression: ir.BinaryOp, columns: Columns) -> str:
        """Check a chain of operators from its left end, as hundreds of alternatives nest to the left."""
        chain = [expression]
        while isinstance(chain[-1].left, ir.BinaryOp):
            chain.append(chain[-1].left)
        kind = self.type_of(chain[-1].left, columns)
        for one in reversed(chain):
            kind = self._applied(one, kind, columns)
        return kind

    def _applied(self, expression: ir.BinaryOp, left_type: str, columns: Columns) -> str:
        operator, left, right = expression.op, expression.left, expression.right
        place = self.places.find(operator)
        right_type = self.type_of(right, columns)
        if "has" in operator and isinstance(right, ir.Literal) and right.kind == "dynamic":
            right_type = "bool"  # the term operators take no array, the other text operators do
        self.remarks += binary_findings(operator, (left, left_type), (right, right_type), place)
        result = result_of(operator, left_type, right_type)
        if result is None:
            self.refuse(
                "KS106", f"{operator} does not take the types {left_type} and {right_type}", place
            )
        return UNKNOWN if result is None else result

    def _call(self, call: ir.FunctionCall, columns: Columns) -> str:
        name = call.name
        place = self.places.find(name)
        found = self._arguments(call.args, columns)
        types = [kind for kind, _ in found]
        self.remarks += call_findings(call, types, place)
        signature = FUNCTIONS.get(name)
        if signature is None:
            return UNKNOWN
        self._demand(name, signature, found, place)
        match name:
            case "iff":
                return common(types[1:])
            case "coalesce":
                return common(types)
            case "case":
                return common([*types[1::2], *types[-1:]])
            case _:
                return signature.result

    def _demand(
        self,
        name: str,
        signature: Signature,
        found: list[tuple[str, Span]],
        place: Span | None,
    ) -> None:
        if signature.arguments not in (None, len(found)):
            self.refuse("KS119", f"{name} takes {signature.arguments} arguments", place)
            return
        for demand in signature.demands:
            if demand.place >= len(found):
                continue
            kind, where = found[demand.place]
            if kind not in demand.types | {UNKNOWN}:
                self.refuse(
                    demand.code,
                    f"argument {demand.place + 1} of {name} is of type {kind};"
                    f" expected {demand.expected}",
                    where,
                )

    def _in_list(self, expression: ir.InList, columns: Columns) -> str:
        operator = ("!" if expression.negated else "") + "in"
        operator += "~" if expression.case_insensitive else ""
        value = self.type_of(expression.value, columns)
        if expression.case_insensitive:
            self._expect_text(operator, value)
        place = self.places.find(operator if expression.negated else "in")
        kinds = self._items(expression.items, expression.subquery, columns)
        items = list(zip(expression.items, kinds, strict=True))
        self.remarks += list_findings((expression.value, value), items, place)
        return "bool"

    def _has_list(self, expression: ir.HasList, columns: Columns) -> str:
        value = self.type_of(expression.value, columns)
        self._expect_text("has_all" if expression.require_all else "has_any", value)
        self._items(expression.items, expression.subquery, columns)
        return "bool"

    def _expect_text(self, operator: str, value: str) -> None:
        if value not in TEXT | {UNKNOWN}:
            self.refuse("KS107", f"{operator} compares a value of type {value}; expected a string")

    def _items(
        self, items: tuple[ir.Expr, ...], subquery: ir.Query | None, columns: Columns
    ) -> list[str]:
        """Check what is in a list and return its types."""
        kinds = [self.type_of(item, columns) for item in items]
        if subquery is not None:
            self._check_query(subquery)
        return kinds

    def _between(self, expression: ir.Between, columns: Columns) -> str:
        value = self.type_of(expression.value, columns)
        place = self.places.find("between")
        bounds = [self.type_of(bound, columns) for bound in (expression.low, expression.high)]
        code = _refused_bounds(value, bounds[0], bounds[1])
        if code:
            shown = f"{bounds[0]} .. {bounds[1]}"
            self.refuse(code, f"between ({shown}) does not take a value of type {value}", place)
        return "bool"

    def _path(self, expression: ir.PathAccess, columns: Columns) -> str:
        base = self.type_of(expression.base, columns)
        if base in ("dynamic", UNKNOWN):
            return "dynamic"
        step = expression.steps[0]
        if step.name is None:
            self.refuse("KS147", f"a value of type {base} has no elements")
        else:
            place = self.places.find(step.name)
            self.refuse("KS142", f"a value of type {base} has no property {step.name!r}", place)
        return UNKNOWN


def _refused_bounds(value: str, low: str, high: str) -> str:
    """Return the code under which `between` refuses its bounds; empty where it takes them."""
    if UNKNOWN in (value, low, high):
        return ""
    if {low, high} == {"string"}:
        return {"datetime": "KS107", "timespan": "KS141", "dynamic": "KS137"}.get(value, "KS106")
    if {low, high} <= NUMBERS:
        is_text = value in ("string", "bool", "guid")
        return "KS106" if is_text else "KS141" if value in ("datetime", "timespan") else ""
    if value in ("datetime", "timespan") or value in NUMBERS:
        allowed = (low, high) == (value, value) or (value, low, high) == _SPAN_FROM
        return "" if allowed else "KS141"
    return "KS141" if low == high else "KS107"


_SPAN_FROM = ("datetime", "datetime", "timespan")
"""A datetime may lie between a datetime and a timespan after it."""
