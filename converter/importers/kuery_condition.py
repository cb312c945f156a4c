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
from converter.languages.kuery.fields import Field, field_named, fields_fitting

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


@dataclass(frozen=True, slots=True)
class Inside:
    """Where in a query a condition stands."""

    path: str = ""
    """The nested object that field names are relative to."""
    is_negated: bool = False


OUTSIDE = Inside()


@dataclass(slots=True)
class KueryReader:
    """Turns the tree of one query into a condition and collects what it costs."""

    names: FieldNames
    place: Callable[[Span], Span]
    """Turns a span of the query into one of the rule file."""
    diagnostics: list[Diagnostic] = dataclasses.field(default_factory=list)

    def condition(self, query: ast.Query, inside: Inside = OUTSIDE) -> Condition:
        """Return the condition."""
        match query:
            case ast.Empty():
                return EVERYTHING
            case ast.And(operands):
                return AllOf(tuple(self.condition(one, inside) for one in operands))
            case ast.Or(operands):
                self._report_repeated(operands)
                return AnyOf(tuple(self.condition(one, inside) for one in operands))
            case ast.Not(operand):
                negated = dataclasses.replace(inside, is_negated=not inside.is_negated)
                return Negation(self.condition(operand, negated))
            case ast.Is():
                return self._is(query, inside)
            case ast.Range():
                return self._range(query, inside)
            case ast.Nested():
                return self._nested(query, inside)
            case _:
                assert_never(query)

    def _is(self, query: ast.Is, inside: Inside) -> Condition:
        value = query.value
        is_lone = isinstance(value, ast.Pattern) and value.is_lone
        if query.field is None or _is_every_field(query.field):
            if is_lone:
                return EVERYTHING
            what = "a value without a field: where it is looked for is a setting of the index"
            self._refuse(what, query.span, "name the field")
        fields = self._fields(query.field, inside)
        return _any_of([self._value(field, value, query.span) for field in fields])

    def _value(self, field: Field, value: ast.Literal, span: Span) -> Condition:
        try:
            found, note = matched(self._sigma(field), field, value)
        except RefusedValue as refused:
            self._refuse(f"{refused} on field {field.name}", span)
        if note:
            self._note(note.code, f"field {field.name}: {note.message}", span)
        return found

    def _range(self, query: ast.Range, inside: Inside) -> Condition:
        kind = _RANGE_KINDS[query.operator]
        return _any_of(
            [
                Match(self._sigma(field), kind, (self._bound(field, query),))
                for field in self._fields(query.field, inside)
            ]
        )

    def _bound(self, field: Field, query: ast.Range) -> int | float:
        try:
            return compared(field, query.bound)
        except RefusedValue as refused:
            self._refuse(f"{refused} on field {field.name}", query.span)

    def _nested(self, query: ast.Nested, inside: Inside) -> Condition:
        inner = self._name(query.path, inside)
        self._note(
            "nested-widened",
            f"Sigma has no nested objects: the conditions on {inner} may be met by different"
            " elements of the array",
            query.span,
        )
        return self.condition(query.operand, dataclasses.replace(inside, path=inner))

    def _fields(self, name: ast.Literal, inside: Inside) -> list[Field]:
        """Return the fields that a name stands for."""
        if isinstance(name, ast.Pattern) and not inside.path:
            return self._fitting(name, inside)
        found = self._name(name, inside)
        try:
            return [field_named(found, self.names.schema, name.span)]
        except Unsupported as refused:
            self._refuse(refused.construct, name.span, refused.hint)

    def _fitting(self, pattern: ast.Pattern, inside: Inside) -> list[Field]:
        """Return the fields that a pattern fits, and report that an index may have more (KUERY-31)."""
        shown = "*".join(pattern.pieces)
        fields = fields_fitting(pattern, self.names.schema)
        if not fields:
            what = f"the field wildcard {shown}, which fits no known field"
            self._refuse(what, pattern.span, "name the fields, or give a schema that has them")
        is_numbered = any(field.name in self.names.assumed for field in fields)
        if self.names.is_declared and not is_numbered:
            what = f"the field wildcard {shown} stands for {len(fields)} fields of the schema"
            self._note("field-wildcard", what, pattern.span, Severity.NOTE)
            return fields
        code = "field-wildcard-widens" if inside.is_negated else "field-wildcard-narrows"
        known = (
            f"{len(fields)} numbered elements" if is_numbered else f"the {len(fields)} known ones"
        )
        what = (
            f"the field wildcard {shown} stands for every field of the index that fits; the Sigma rule names"
            f" {known}, up to {fields[-1].name}, and {'does not leave out' if inside.is_negated else 'misses'}"
            " events with a match in another one; give a schema that has them all"
        )
        self._note(code, what, pattern.span)
        return fields

    def _sigma(self, field: Field) -> str:
        return self.names.sigma(field.path, is_type_known=field.is_known)

    def _name(self, name: ast.Literal, inside: Inside) -> str:
        match name:
            case ast.Text(value):
                found = value
            case ast.Boolean(value):
                found = str(value).lower()
            case ast.Null():
                self._refuse("the field name null", name.span, "quote it")
            case ast.Pattern(pieces):
                shown = "*".join(pieces)
                what = f"the field wildcard {shown} in a nested object"
                self._refuse(what, name.span, "name the fields")
            case _:
                assert_never(name)
        if "|" in found:
            self._refuse(f"the field name {found}: Sigma reads | as a modifier", name.span)
        return f"{inside.path}.{found}" if inside.path else found

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

    def _refuse(self, construct: str, span: Span, hint: str = "rewrite this condition") -> NoReturn:
        raise Unsupported(construct, self.place(span), hint)


def _any_of(conditions: list[Condition]) -> Condition:
    return conditions[0] if len(conditions) == 1 else AnyOf(tuple(conditions))


def _is_every_field(name: ast.Literal) -> bool:
    return isinstance(name, ast.Pattern) and name.is_lone
