"""Lowers conditions on one field, which Elasticsearch compiles to queries: any value satisfies them (EQL-10)."""

from __future__ import annotations

from typing import assert_never

from converter.errors import Unsupported
from converter.ir import (
    Atom,
    Case,
    Cidr,
    Exists,
    FieldType,
    Glob,
    Missing,
    Not,
    OneOf,
    Or,
    Predicate,
    Quantifier,
    Regex,
    RegexDialect,
    Schema,
    Test,
    View,
    Wildcard,
)

from .checking import refuse_unreadable, text_pattern
from .patterns import plain_regex, query_parts, wildcard_parts
from .scripts import null_checked
from .syntax import Call, Comparison, Expression, FieldName, Literal, Match, Membership, Operator
from .typed import compared, one_of

_AFFIXES = ("startswith", "endswith", "stringcontains")
_TEXT_TYPES = frozenset({FieldType.KEYWORD, FieldType.WILDCARD, FieldType.CONSTANT_KEYWORD})


def pushed(
    leaf: FieldName | Call | Comparison | Match | Membership, schema: Schema
) -> Predicate | None:
    """Return the predicate of a condition on one field and constants; None where a script is needed."""
    match leaf:
        case FieldName(_, _, span):
            # A bare field is a boolean one.
            return pushed(Comparison(Operator.EQUAL, leaf, Literal(True, span), span), schema)
        case Comparison(operator, FieldName() as field, Literal(value)):
            refuse_unreadable(field, schema, is_only_asked_for=null_checked(leaf) is not None)
            if null_checked(leaf) is not None:
                exists = Atom(field.name, View.RAW, Exists())  # EQL-13
                return Not(exists)
            if value is None:
                raise AssertionError("an order with null is folded before")
            return compared(field, operator, leaf.right, schema)
        case Membership(FieldName() as field, members, ignores_case):
            refuse_unreadable(field, schema)
            return _membership(field, members, ignores_case, schema)
        case Match(_, FieldName() as field):
            refuse_unreadable(field, schema)
            return _match(leaf, field, schema)
        case Call(_, _, (FieldName() as field, *constants)):
            return _call(leaf, field, constants, schema)
        case Call() | Comparison() | Match() | Membership():
            return None
        case _:
            assert_never(leaf)


def _membership(
    field: FieldName, members: tuple[Expression, ...], ignores_case: bool, schema: Schema
) -> Predicate:
    literals = [member for member in members if isinstance(member, Literal)]
    if len(literals) < len(members):
        raise Unsupported(
            f"a list for {field.name} that is not of constants",
            field.span,
            "Elasticsearch compares with constants only",
        )
    if not ignores_case:
        return one_of(field, literals, schema)
    _require_text(field, "in~", schema)
    texts = tuple(text_pattern(literal) for literal in literals)
    return Atom(field.name, View.KEYWORD, OneOf(texts, Case.ASCII))  # EQL-7


def _require_text(field: FieldName, what: str, schema: Schema) -> None:
    field_type = schema.type_of(field.name)
    if field_type not in _TEXT_TYPES:
        raise Unsupported(
            f"{what} on field {field.name} of type {field_type.value}",
            field.span,
            "it takes text; use ==, in or cidrMatch",
        )


def _match(match_: Match, field: FieldName, schema: Schema) -> Predicate:
    _require_text(field, match_.operator.value, schema)
    if match_.operator.is_regex:
        return _any([_regex(match_, field, pattern) for pattern in match_.patterns])
    case = Case.ASCII if match_.operator.ignores_case else Case.EXACT  # EQL-7
    texts = [text_pattern(pattern) for pattern in match_.patterns]
    plain = tuple(text for text in texts if not any(mark in text for mark in "*?"))
    tests: list[Test] = [OneOf(plain, case)] if plain else []
    tests += [Glob(wildcard_parts(text), case) for text in texts if text not in plain]
    return _any([Atom(field.name, View.KEYWORD, test) for test in tests])


def _any(predicates: list[Predicate]) -> Predicate:
    return predicates[0] if len(predicates) == 1 else Or(tuple(predicates))


def _regex(match_: Match, field: FieldName, literal: Literal) -> Predicate:
    pattern, is_complement = plain_regex(
        text_pattern(literal), literal.span, ignores_case=match_.operator.ignores_case
    )
    test = Regex(pattern, RegexDialect.LUCENE)
    if not is_complement:
        return Atom(field.name, View.KEYWORD, test)
    # Some value must fail the pattern; a document without values has none.
    return Not(Atom(field.name, View.KEYWORD, test, Quantifier.ALL, Missing.TRUE))


def _call(
    call: Call, field: FieldName, constants: list[Expression], schema: Schema
) -> Predicate | None:
    name = call.name.lower()
    if name == "cidrmatch":
        return _in_networks(call, field, constants, schema)
    if name not in _AFFIXES:
        return None
    match constants:
        case [Literal(str() as text)]:
            refuse_unreadable(field, schema)
            _require_text(field, call.name, schema)
            return Atom(field.name, View.KEYWORD, _affix(call, text))
        case _:
            return None


def _affix(call: Call, text: str) -> Glob:
    """Return the shape; but for startsWith it goes through a wildcard query, which reads the text (EQL-11)."""
    case = Case.ASCII if call.ignores_case else Case.EXACT
    if text == "":
        raise Unsupported(
            f"{call.name} with an empty text",
            call.span,
            "its meaning differs between queries and scripts; remove it",
        )
    match call.name.lower():
        case "startswith":
            return Glob((text, Wildcard.MANY), case)
        case "endswith":
            return Glob((Wildcard.MANY, *query_parts(text)), case)
        case _:
            return Glob((Wildcard.MANY, *query_parts(text), Wildcard.MANY), case)


def _in_networks(
    call: Call, field: FieldName, constants: list[Expression], schema: Schema
) -> Predicate:
    if schema.knows(field.name) and schema.type_of(field.name) is not FieldType.IP:
        raise Unsupported(
            f"cidrMatch on field {field.name} of type {schema.type_of(field.name).value}",
            call.span,
            "it takes a field of type ip",
        )
    networks = tuple(str(one.value) for one in constants if isinstance(one, Literal))
    return Atom(field.name, View.IP, Cidr(networks))  # EQL-12
