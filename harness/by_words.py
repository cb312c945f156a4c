"""The reference as Elasticsearch's query languages compare analysed text: word by word.

A text that says of analysed text what its language can say must do exactly that; what Sigma makes of the
characters differs, which is what `Approximate` reports.
"""

from __future__ import annotations

from dataclasses import replace

from converter.ir import (
    AnyField,
    Atom,
    FieldType,
    Glob,
    OneOf,
    Or,
    Predicate,
    Schema,
)
from converter.ir.leaves import Leaf, with_leaves
from converter.languages.kuery.words import has_phrase
from sigma.sigmaproof.elastic.analysed import keyword_phrase

from .reference import Reference, with_changed_bases


def compared_by_words(reference: Reference, schema: Schema) -> Reference:
    """Return the reference whose comparisons with analysed text look for their words in a row."""
    return with_changed_bases(
        reference, lambda base: with_leaves(base, lambda leaf: _by_words(leaf, schema))
    )


def _by_words(leaf: Leaf, schema: Schema) -> Predicate:
    match leaf:
        case Atom(field=field) if schema.type_of(field) is FieldType.TEXT:
            return _words(leaf)
        case AnyField(inside=""):
            return _anywhere(leaf, schema)
        case _:
            return leaf


def _anywhere(anything: AnyField, schema: Schema) -> Predicate:
    """Look for a value in whole values, and for its words in every field of analysed text."""
    analysed = sorted(schema.of_type(FieldType.TEXT))
    whole = replace(anything, without=anything.without.union(analysed))
    match anything.test:
        case Glob(parts):
            text = keyword_phrase(parts)
        case OneOf((bool() | str(),)):
            text = None
        case OneOf((number,)):
            text = str(number)
        case _:
            text = None
    phrases = [has_phrase(name, text) for name in analysed] if text is not None else []
    return Or((whole, *phrases)) if phrases else whole


def _words(atom: Atom) -> Predicate:
    match atom.test:
        case OneOf(values):
            texts = [value for value in values if isinstance(value, str)]
        case Glob(parts):
            texts = [part for part in parts if isinstance(part, str)]
        case _:
            return atom
    phrases = tuple(has_phrase(atom.field, text) for text in texts)
    return phrases[0] if len(phrases) == 1 else Or(phrases)
