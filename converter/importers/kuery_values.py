"""What a kuery value tests on a field of a type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import assert_never

from converter.ir import Case, FieldType, Wildcard
from converter.ir.values import parse_number
from converter.languages.kuery import ast
from converter.languages.kuery.fields import Field

from .condition import NOTHING, AnyOf, Condition, Kind, Match
from .shapes import Part, Shape, shape_of


class RefusedValue(Exception):
    """A value that Sigma cannot test, or that Elasticsearch refuses; the text says which."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a value costs."""

    code: str
    message: str


ANALYSED = Note(
    "analysed-text",
    "it holds analysed text, which Elasticsearch compares word by word; Sigma looks for the text"
    " anywhere, in any case",
)
SPLIT_PATTERN = Note(
    "pattern-with-space",
    "Kibana splits a pattern at its spaces on a field that is no keyword, and so does the Sigma"
    " rule: each piece is compared with the whole value",
)


def matched(name: str, field: Field, value: ast.Literal) -> tuple[Condition, Note | None]:
    """Return the test for `field: value` under the field's Sigma name, and what it costs."""
    if isinstance(value, ast.Null):
        raise RefusedValue("the value null, which Elasticsearch refuses,")
    if isinstance(value, ast.Pattern) and value.is_lone:
        return Match(name, Kind.EXISTS, (True,)), None
    text = Kind.TEXT if field.case is Case.EXACT else Kind.LOWER_TEXT
    match field.type:
        case FieldType.KEYWORD:
            return Match(name, text, (_shape(value),)), None
        case FieldType.WILDCARD | FieldType.CONSTANT_KEYWORD:
            return _on_wildcard(name, value)
        case FieldType.TEXT:
            return _analysed(name, value), ANALYSED
        case FieldType.LONG | FieldType.DOUBLE:
            return Match(name, Kind.PLAIN, (_number(value),)), None
        case FieldType.BOOLEAN:
            return Match(name, Kind.PLAIN, (_boolean(value),)), None
        case FieldType.IP:
            return Match(name, Kind.NETWORK, (_network(value),)), None
        case FieldType.FLATTENED if not field.is_key:
            return _on_wildcard(name, value)
        case FieldType.FLATTENED:
            return _on_key(name, value)
        case FieldType.DATE | FieldType.NESTED | FieldType.OBJECT:
            raise RefusedValue(f"a value of type {field.type.value}")
        case _:
            assert_never(field.type)


def compared(field: Field, bound: ast.Literal) -> int | float:
    """Return the bound of a range; a field of unknown type is taken to hold numbers."""
    if field.is_known and field.type not in (FieldType.LONG, FieldType.DOUBLE):
        what = "text" if field.type in _TEXTS else field.type.value
        raise RefusedValue(f"a comparison of {what}, which Sigma makes with numbers only,")
    return _number(bound)


_TEXTS = (FieldType.KEYWORD, FieldType.CONSTANT_KEYWORD, FieldType.WILDCARD, FieldType.TEXT)


def _shape(value: ast.Literal) -> Shape:
    match value:
        case ast.Pattern(pieces):
            return shape_of(_parts(pieces))
        case _:
            return shape_of((_text(value),))


def _parts(pieces: tuple[str, ...]) -> list[Part]:
    parts: list[Part] = [pieces[0]]
    for piece in pieces[1:]:
        parts += (Wildcard.MANY, piece)
    return parts


def _text(value: ast.Literal) -> str:
    match value:
        case ast.Text(text):
            return text
        case ast.Boolean(is_true):
            return "true" if is_true else "false"
        case ast.Pattern(pieces):
            return "*".join(pieces)
        case ast.Null():
            return "null"
        case _:
            assert_never(value)


def _on_wildcard(name: str, value: ast.Literal) -> tuple[Condition, Note | None]:
    """Test a field of type wildcard, on which Kibana sends a pattern as a query string."""
    if not isinstance(value, ast.Pattern) or not any(map(_SPACE.search, value.pieces)):
        return Match(name, Kind.TEXT, (_shape(value),)), None
    shapes = [shape_of(_parts(word)) for word in _words(value)]
    tests = (Match(name, Kind.TEXT, (shape,)) for shape in shapes)
    return AnyOf(tuple(tests)), SPLIT_PATTERN


def _on_key(name: str, value: ast.Literal) -> tuple[Condition, Note | None]:
    """Test a key of a flattened field (KUERY-29)."""
    if isinstance(value, ast.Pattern):
        prefix, *rest = value.pieces
        if rest != [""] or _SPACE.search(prefix):
            raise RefusedValue("a pattern that is no prefix, on a key of a flattened field,")
    return Match(name, Kind.TEXT, (_shape(value),)), None


def _words(pattern: ast.Pattern) -> list[tuple[str, ...]]:
    """Split a pattern at its spaces as a query string does: plain words in a row stay one text."""
    words: list[tuple[str, ...]] = []
    for text in _SPACE.split("*".join(map(_guarded, pattern.pieces))):
        if text in ("AND", "OR", "NOT"):
            raise RefusedValue(f"a pattern with the word {text}, an operator of query strings,")
        word = tuple(map(_unguarded, text.split("*")))
        if len(word) == 1 and words and len(words[-1]) == 1:
            words[-1] = (f"{words[-1][0]} {word[0]}",)
        elif text:
            words.append(word)
    return words


_SPACE = re.compile(r"[ \t\r\n\u3000]+")
_STAR = "\ufdd0"
"""Stands for a literal star while a pattern is split; no character of any text."""


def _guarded(piece: str) -> str:
    return piece.replace("*", _STAR)


def _unguarded(piece: str) -> str:
    return piece.replace(_STAR, "*")


def _analysed(name: str, value: ast.Literal) -> Condition:
    """Look for a phrase, or for any of several words, anywhere in the text."""
    if isinstance(value, ast.Text) and not value.is_quoted:
        texts: list[list[Part]] = [[word] for word in value.value.split()]
    elif isinstance(value, ast.Pattern):
        texts = [_parts(value.pieces)]
    else:
        texts = [[_text(value)]]
    many = Wildcard.MANY
    shapes = tuple(shape_of((many, *text, many)) for text in texts if any(text))
    # Text without a word matches nothing.
    return Match(name, Kind.FOLDED_TEXT, shapes) if shapes else NOTHING


def _number(value: ast.Literal) -> int | float:
    number = parse_number(_text(value)) if isinstance(value, ast.Text) else None
    if number is None:
        raise RefusedValue(f"the value {_text(value)}, which is no number,")
    return number


def _boolean(value: ast.Literal) -> bool:
    text = _text(value)
    if text not in ("true", "false"):
        raise RefusedValue(f"the value {text}, which is neither true nor false,")
    return text == "true"


def _network(value: ast.Literal) -> str:
    """Write an address or a range; an address alone is a range of one (SIGMA-10)."""
    return network_of(_text(value))


def network_of(text: str) -> str:
    """Write an address or a network as a network."""
    try:
        network = ip_network(text, strict=False) if "/" in text else ip_network(ip_address(text))
    except ValueError:
        raise RefusedValue(f"the value {text}, which is no address,") from None
    return str(network)
