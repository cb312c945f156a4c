"""One condition of a Kibana filter on one field, by the type of the field.

What a whole value means on a type is the same as in Kibana's query language (`KUERY-21` to `KUERY-32`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from converter.diagnostic import Span
from converter.errors import Unsupported
from converter.ir import (
    AnyField,
    Atom,
    Case,
    FieldType,
    Glob,
    OneOf,
    Predicate,
    Range,
    Regex,
    RegexDialect,
    Schema,
    Test,
    View,
    Wildcard,
)
from converter.languages.kuery import ast, leaf
from converter.languages.kuery.fields import Field, field_named
from converter.languages.lucene.regex import plain_pattern

HINT = "write the filter as a condition of the query"
_NOWHERE = Span(0, 0, 1, 1)
_TEXTS = (
    FieldType.KEYWORD,
    FieldType.WILDCARD,
    FieldType.CONSTANT_KEYWORD,
    FieldType.FLATTENED,
)
_OPERATORS = {
    "gt": ast.Operator.GT,
    "gte": ast.Operator.GTE,
    "lt": ast.Operator.LT,
    "lte": ast.Operator.LTE,
}


def exists(name: str, schema: Schema) -> Predicate:
    """Lower `exists`."""
    return leaf.exists(_field(name, schema))


def term(name: str, value: object, schema: Schema) -> Predicate:
    """Lower `term`: the whole value, which analysed text does not keep."""
    field = _field(name, schema)
    if field.type is FieldType.TEXT:
        raise _unknown("a term", name)
    match value:
        case {"value": inner, "case_insensitive": True, **rest} if not rest:
            return _text(field, OneOf((_plain("a term", name, inner),), _folding(field)))
        case {"value": inner, **rest} if rest in ({}, {"case_insensitive": False}):
            return _whole("a term", field, inner)
        case _:
            return _whole("a term", field, value)


def phrase(name: str, value: object, schema: Schema) -> Predicate:
    """Lower `match_phrase`: the whole value, or words in a row of analysed text."""
    field = _field(name, schema)
    match value:
        case {"query": inner, **rest} if not rest:
            return _whole("a phrase", field, inner)
        case _:
            return _whole("a phrase", field, value)


def wildcard(name: str, value: object, schema: Schema) -> Predicate:
    """Lower `wildcard`."""
    field = _field(name, schema)
    match value:
        case str(text) | {"value": str(text)} | {"wildcard": str(text)}:
            is_folded = isinstance(value, dict) and value.get("case_insensitive") is True
            case = _folding(field) if is_folded else field.case
            return _text(field, Glob(_parts(text), case))
        case _:
            raise _unknown("a wildcard", name)


def regular_expression(name: str, value: object, schema: Schema) -> Predicate:
    """Lower `regexp`."""
    match value:
        case str(text) | {"value": str(text)} if value in (text, {"value": text}):
            pattern, is_complement = plain_pattern(text, _NOWHERE)
            if not is_complement:
                return _text(_field(name, schema), Regex(pattern, RegexDialect.LUCENE))
        case _:
            pass
    raise _unknown("a regular expression", name)


def span_of_values(name: str, value: object, schema: Schema) -> Predicate:
    """Lower `range`; one value must lie inside both of its ends."""
    field = _field(name, schema)
    if not isinstance(value, dict) or not value or not value.keys() <= _OPERATORS.keys():
        raise _unknown("a range", name)
    if not field.is_known and all(isinstance(end, int | float) for end in value.values()):
        field = replace(field, type=FieldType.DOUBLE)  # KUERY-37
    ends = [
        leaf.lower_range(field, _OPERATORS[key], _literal("a range", name, end))
        for key, end in value.items()
    ]
    found = ends[0]
    for end in ends[1:]:
        found = _joined(found, end, name)
    return found


def _joined(one: Predicate, other: Predicate, name: str) -> Predicate:
    match one, other:
        case Atom(test=Range(lower, upper)), Atom(test=Range(low, up)):
            both = Range(lower or low, upper or up)
            return replace(one, test=both)
        case _:
            raise _unknown("a range with two ends", name)


def _field(name: str, schema: Schema) -> Field:
    return field_named(name, schema, _NOWHERE)


def _whole(what: str, field: Field, value: object) -> Predicate:
    return leaf.lower_value(field, _literal(what, field.name, value))


def _text(field: Field, test: Test) -> Predicate:
    """Test text as it is, on a field that keeps it."""
    if field.type not in _TEXTS:
        raise Unsupported(
            f"a Kibana filter for text on the {field.type.value} field {field.name}", hint=HINT
        )
    if field.type is FieldType.FLATTENED and not field.is_key:
        return AnyField(View.KEYWORD, test, inside=field.path)
    return Atom(field.path, View.KEYWORD, test)


def _folding(field: Field) -> Case:
    match field.case:
        case Case.EXACT | Case.ASCII:
            return Case.ASCII
        case Case.LOWER | Case.UNICODE:
            return field.case
        case _:
            assert_never(field.case)


def _literal(what: str, name: str, value: object) -> ast.Text:
    return ast.Text(_plain(what, name, value), is_quoted=True)


def _plain(what: str, name: str, value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
        case _:
            raise _unknown(what, name)


def _unknown(what: str, name: str) -> Unsupported:
    return Unsupported(f"a Kibana filter with {what} on {name}", hint=HINT)


def _parts(text: str) -> tuple[str | Wildcard, ...]:
    """Split a wildcard text into texts and wildcards; never two texts in a row."""
    parts: list[str | Wildcard] = []
    is_escaped = False
    for character in text:
        last = parts[-1] if parts else None
        if is_escaped or character not in "*?\\":
            if isinstance(last, str):
                parts[-1] = last + character
            else:
                parts.append(character)
            is_escaped = False
        elif character == "\\":
            is_escaped = True
        else:
            parts.append(Wildcard(character))
    return tuple(parts)
