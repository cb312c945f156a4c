"""Lowers one comparison of a field with a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
)

from converter.errors import Unsupported
from converter.ir import (
    AnyField,
    Atom,
    Bound,
    Case,
    Cidr,
    Exists,
    FieldComparison,
    FieldType,
    Not,
    OneOf,
    Predicate,
    Range,
    Relation,
    Schema,
    TermField,
    Test,
    View,
    Wildcard,
)
from converter.ir.located import check_readable
from converter.ir.values import parse_number

from .regex import regex_test
from .text import TextPattern, text_pattern

_NUMERIC = frozenset({FieldType.LONG, FieldType.DOUBLE})


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule's field names stand for."""

    fields: Mapping[str, str]
    """Name in the rule to name in the events."""
    schema: Schema

    def event_field(self, field: str) -> str:
        """Return the field's name in the events."""
        return self.fields.get(field, field)

    def term(self, field: str) -> TermField:
        """Return a field of a term."""
        name = self.event_field(field)
        check_readable(name, self.schema)
        return TermField(self.schema.path_of(name), self.schema.term_view(name))

    def type_of(self, event_field: str) -> FieldType | None:
        """Return the type; None where it is not known."""
        return self.schema.type_of(event_field) if self.schema.knows(event_field) else None


def lower_value(field: str, value: SigmaType, context: Context) -> list[Predicate]:
    """Return predicates of which one must hold; more than one for an expansion (SIGMA-13)."""
    if isinstance(value, SigmaExpansion):
        return [one for inner in value.values for one in lower_value(field, inner, context)]
    return [_lower_single(field, value, context)]


def _lower_single(field: str, value: SigmaType, context: Context) -> Predicate:
    name = context.event_field(field)
    found = _on_field(field, name, value, context)
    return _inside(found) if context.type_of(name) is FieldType.FLATTENED else found


def _inside(predicate: Predicate) -> Predicate:
    """Test the values under all keys of a flattened field (SIGMA-1)."""
    match predicate:
        case Atom(field=field, view=view, test=test):
            return AnyField(view, test, inside=field)
        case Not(operand):
            return Not(_inside(operand))
        case _:
            return predicate


def _on_field(field: str, name: str, value: SigmaType, context: Context) -> Predicate:
    match value:
        case SigmaString():
            return _lower_text(name, value, context)
        case SigmaTimestampPart():
            return Atom(name, _part(value), OneOf((value.number,)))  # SIGMA-17
        case SigmaNumber():
            return Atom(name, View.NUMBER, OneOf((value.number,)))  # SIGMA-8
        case SigmaBool():
            return Atom(name, View.LENIENT_BOOLEAN, OneOf((value.boolean,)))  # SIGMA-8
        case SigmaNull():
            return Not(has_value(name))  # SIGMA-7
        case SigmaExists():
            return has_value(name) if value.exists else Not(has_value(name))  # SIGMA-7
        case SigmaRegularExpression():
            return Atom(name, _pattern_view(context.type_of(name)), regex_test(value))  # SIGMA-9
        case SigmaCIDRExpression():
            return Atom(name, View.IP, Cidr((str(value.network),)))  # SIGMA-10
        case SigmaCompareExpression():
            return _lower_comparison(field, name, value)
        case SigmaFieldReference():
            return _lower_field_reference(name, value, context)
        case _:
            raise Unsupported(f"value of type {type(value).__name__} for field {field}")


def has_value(field: str) -> Predicate:
    """Say that a field has at least one value, of whatever type."""
    return Atom(field, View.RAW, Exists())


def _part(value: SigmaTimestampPart) -> View:
    return View[value.timestamp_part.name]


def _lower_text(field: str, value: SigmaString, context: Context) -> Predicate:
    pattern = text_pattern(value, field)
    case = Case.EXACT if isinstance(value, SigmaCasedString) else Case.ASCII  # SIGMA-4
    field_type = context.type_of(field)
    if pattern.parts == (Wildcard.MANY,):
        return has_value(field)  # SIGMA-7
    if pattern.plain is None:
        return Atom(field, _pattern_view(field_type), pattern.test(case))
    return _typed_equality(field, field_type, pattern, case) or Atom(
        field, View.TEXT, pattern.test(case)
    )


def _typed_equality(
    field: str, field_type: FieldType | None, pattern: TextPattern, case: Case
) -> Predicate | None:
    """Return the comparison that the type of the field asks for; None where text is text (SIGMA-8)."""
    text = pattern.plain or ""
    if field_type in _NUMERIC:
        number = parse_number(text)
        if number is not None and str(number) == text:
            return Atom(field, View.NUMBER, OneOf((number,)))
    if field_type is FieldType.BOOLEAN:
        if case is Case.EXACT and text in ("true", "false"):
            return Atom(field, View.BOOLEAN, OneOf((text == "true",)))
        if case is not Case.EXACT and text.lower() in ("true", "false"):
            return Atom(field, View.LENIENT_BOOLEAN, OneOf((text.lower() == "true",)))
    return None


def _pattern_view(field_type: FieldType | None) -> View:
    """Return how patterns read values: a number of a numeric field as its canonical text (SIGMA-8)."""
    return View.KEYWORD if field_type in _NUMERIC else View.TEXT


def _lower_comparison(field: str, name: str, value: SigmaCompareExpression) -> Predicate:
    view = _part(value.number) if isinstance(value.number, SigmaTimestampPart) else None
    number = value.number.number
    test: Test
    match value.op:
        case CompareOperators.LT:
            test = Range(None, Bound(number, inclusive=False))
        case CompareOperators.LTE:
            test = Range(None, Bound(number, inclusive=True))
        case CompareOperators.GT:
            test = Range(Bound(number, inclusive=False), None)
        case CompareOperators.GTE:
            test = Range(Bound(number, inclusive=True), None)
        case CompareOperators.NEQ:
            return Not(Atom(name, view or View.NUMBER, OneOf((number,))))  # SIGMA-3
    return Atom(name, view or View.COERCED_NUMBER, test)  # SIGMA-8


def _lower_field_reference(
    name: str, value: SigmaFieldReference, context: Context
) -> Predicate:  # SIGMA-11
    match value.starts_with, value.ends_with:
        case True, True:
            relation = Relation.CONTAINS
        case True, False:
            relation = Relation.STARTS_WITH
        case False, True:
            relation = Relation.ENDS_WITH
        case _:
            relation = Relation.EQUALS
    return FieldComparison(name, relation, context.event_field(value.field), case=Case.ASCII)
