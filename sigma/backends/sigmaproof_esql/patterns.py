"""Patterns of ES|QL on fields that may hold several values.

LIKE and RLIKE are null on an array. MV_CONCAT makes one text of its values, and the pattern then looks for
one value between two separators. A single value is asked as it is, so that only an array can be read
otherwise than Sigma reads it, and only one whose values hold the separator.
"""

from __future__ import annotations

from dataclasses import dataclass

from sigma.sigmaproof.elastic.comparison import Comparison, Search, Shape
from sigma.sigmaproof.elastic.expression import MAXIMUM_LENGTH, of_search, of_shape
from sigma.sigmaproof.elastic.fields import Field
from sigma.sigmaproof.elastic.layout import Choice, Line, Node
from sigma.sigmaproof.elastic.refusal import refusal

from .conversions import text_of
from .literals import like_pattern, string

SEPARATORS = "\u241f\u241e"
"""The symbols for the unit and the record separator.

They can be seen, typed and copied, unlike the control characters they show, and no log source writes them.
"""


@dataclass(frozen=True, slots=True)
class Pattern:
    """How a pattern is asked of one value, and of several that a separator joins."""

    single: str
    """The operator and its pattern."""
    joined: str
    separator: str
    is_plain: bool
    """Whether `joined` means the same as `single` on one value, and never stops at the separator."""


def condition_of(field: Field, pattern: Pattern) -> Node:
    """Write that some value matches."""
    text = text_of(field)
    if field.is_single:
        return Line(f"COALESCE({text} {pattern.single}, false)")
    joined = f"MV_CONCAT({text}, {string(pattern.separator)}) {pattern.joined}"
    if pattern.is_plain:
        return Line(f"COALESCE({joined}, false)")
    return either(f"MV_FIRST({text}) {pattern.single}", f"(MV_COUNT({text}) > 1 AND {joined})")


def either(first: str, second: str) -> Node:
    """Write that one of two conditions is true, each on its line where one line is too short."""
    return Choice("COALESCE(", (first, f"OR {second}, false"), ")")


def folded_text(name: str) -> str:
    """Write a text in which A to Z are folded and nothing else.

    What is no letter, digit or one of `-_.~` is encoded first, so that TO_LOWER meets no other letters.
    """
    return f"TO_LOWER(URL_ENCODE({name}))"


def pattern_of(field: Field, comparison: Shape | Search) -> Pattern:
    """Return how a field is asked for a text with wildcards or for an expression."""
    match comparison:
        case Shape():
            return _shape(field, comparison)
        case Search(pattern):
            separator = _separator(field, pattern)
            single = _checked(field, of_search(comparison, field.name))
            joined = _checked(field, of_search(comparison, field.name, separator))
            return Pattern(_rlike(single), _rlike(joined), separator, single == joined)


def assumed_separator(field: Field, comparison: Comparison) -> str:
    """Return the separator that no value of an array may hold; empty where none matters."""
    if field.is_single or not isinstance(comparison, Shape | Search):
        return ""
    pattern = pattern_of(field, comparison)
    return "" if pattern.is_plain else pattern.separator


def _shape(field: Field, shape: Shape) -> Pattern:
    texts = "".join(part for part in shape.parts if isinstance(part, str))
    separator = _separator(field, texts)
    plain = of_shape(shape.parts, ignores_case=shape.ignores_case)
    among = of_shape(shape.parts, ignores_case=shape.ignores_case, separator=separator)
    if shape.ignores_case:
        single = _rlike(_checked(field, plain))
    else:
        single = f"LIKE {like_pattern(shape.parts)}"
    if plain == among:
        return Pattern(single, single, separator, is_plain=True)
    return Pattern(single, _rlike(_checked(field, among)), separator, is_plain=False)


def _separator(field: Field, text: str) -> str:
    if field.is_single:
        return ""
    for separator in SEPARATORS:
        if separator not in text:
            return separator
    raise refusal(
        f"field {field.name}: a pattern with the characters {' and '.join(SEPARATORS)}, which separate"
        " the values of an array",
        "declare the field single-valued, or write the pattern with one of them",
    )


def _rlike(expression: str) -> str:
    return f"RLIKE {string(expression)}"


def _checked(field: Field, expression: str) -> str:
    if len(expression) > MAXIMUM_LENGTH:
        raise refusal(
            f"field {field.name}: a regular expression of {len(expression)} characters",
            f"an index takes {MAXIMUM_LENGTH}; split the value",
        )
    return expression
