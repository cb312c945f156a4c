"""A kuery tree as a condition.

The type of a field decides what a value means, as Kibana has it (KUERY in the rules cited is
`converter/languages/kuery/SEMANTICS.md`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, assert_never

from converter.diagnostic import Diagnostic, Severity, Span
from converter.errors import Unsupported
from converter.languages.kuery import ast
from converter.languages.kuery.fields import Field, field_named

from .condition import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Condition,
    Kind,
    Match,
    Negation,
)
from .field_names import FieldNames
from .kuery_values import RefusedValue, compared, matched

_RANGE_KINDS = {
    ast.Operator.LT: Kind.LESS,
    ast.Operator.LTE: Kind.LESS_OR_EQUAL,
    ast.Operator.GT: Kind.GREATER,
    ast.Operator.GTE: Kind.GREATER_OR_EQUAL,
}


@dataclass(slots=True)
class KueryReader:
    """Turns the tree of one query into a condition and collects what it costs."""

    names: FieldNames
    place: Callable[[Span], Span]
    """Turns a span of the query into one of the rule file."""
    diagnostics: list[Diagnostic] = dataclasses.field(default_factory=list)

    def condition(self, query: ast.Query, path: str = "") -> Condition:
        """Return the condition; `path` is the nested object that field names are relative to."""
        match query:
            case ast.Empty():
                return EVERYTHING
            case ast.And(operands):
                return AllOf(tuple(self.condition(one, path) for one in operands))
            case ast.Or(operands):
                self._report_repeated(operands)
                return AnyOf(tuple(self.condition(one, path) for one in operands))
            case ast.Not(operand):
                return Negation(self.condition(operand, path))
            case ast.Is():
                return self._is(query, path)
            case ast.Range():
                return self._range(query, path)
            case ast.Nested():
                return self._nested(query, path)
            case _:
                assert_never(query)

    def _is(self, query: ast.Is, path: str) -> Condition:
        value = query.value
        is_lone = isinstance(value, ast.Pattern) and value.is_lone
        if query.field is None or _is_every_field(query.field):
            if is_lone:
                return EVERYTHING
            what = "a value without a field: where it is looked for is a setting of the index"
            self._refuse(what, query.span, "name the field")
        field = self._field(query.field, path)
        try:
            found, note = matched(self._sigma(field), field, value)
        except RefusedValue as refused:
            self._refuse(f"{refused} on field {field.name}", query.span)
        if note:
            self._note(note.code, f"field {field.name}: {note.message}", query.span)
        return found

    def _range(self, query: ast.Range, path: str) -> Condition:
        field = self._field(query.field, path)
        try:
            bound = compared(field, query.bound)
        except RefusedValue as refused:
            self._refuse(f"{refused} on field {field.name}", query.span)
        return Match(self._sigma(field), _RANGE_KINDS[query.operator], (bound,))

    def _nested(self, query: ast.Nested, path: str) -> Condition:
        inner = self._name(query.path, path)
        self._note(
            "nested-widened",
            f"Sigma has no nested objects: the conditions on {inner} may be met by different"
            " elements of the array",
            query.span,
        )
        return self.condition(query.operand, inner)

    def _field(self, name: ast.Literal, path: str) -> Field:
        found = self._name(name, path)
        try:
            return field_named(found, self.names.schema, name.span)
        except Unsupported as refused:
            self._refuse(refused.construct, name.span, refused.hint)

    def _sigma(self, field: Field) -> str:
        return self.names.sigma(field.path, is_type_known=field.is_known)

    def _name(self, name: ast.Literal, path: str) -> str:
        match name:
            case ast.Text(value):
                found = value
            case ast.Boolean(value):
                found = str(value).lower()
            case ast.Null():
                self._refuse("the field name null", name.span, "quote it")
            case ast.Pattern(pieces):
                shown = "*".join(pieces)
                what = f"the field wildcard {shown}: Sigma names one field in each test"
                self._refuse(what, name.span, "name the fields")
            case _:
                assert_never(name)
        if "|" in found:
            self._refuse(f"the field name {found}: Sigma reads | as a modifier", name.span)
        return f"{path}.{found}" if path else found

    def _report_repeated(self, operands: tuple[ast.Query, ...]) -> None:
        seen: set[ast.Is] = set()
        for operand in operands:
            if not isinstance(operand, ast.Is):
                continue
            if operand in seen:
                value = operand.value
                shown = value.value if isinstance(value, ast.Text) else str(value)
                what = f"the value {shown} is listed twice and kept once"
                self._note("duplicate-value", what, operand.value.span, Severity.NOTE)
            seen.add(operand)

    def _note(
        self, code: str, message: str, span: Span, severity: Severity = Severity.WARNING
    ) -> None:
        if not any((known.code, known.message) == (code, message) for known in self.diagnostics):
            self.diagnostics.append(Diagnostic(code, severity, message, self.place(span)))

    def _refuse(self, construct: str, span: Span, hint: str = "") -> NoReturn:
        raise Unsupported(construct, self.place(span), hint)


def _is_every_field(name: ast.Literal) -> bool:
    return isinstance(name, ast.Pattern) and name.is_lone
