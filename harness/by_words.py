"""The reference as Elasticsearch's query languages compare analysed text: word by word.

A text that says of analysed text what its language can say must do exactly that; what Sigma makes of the
characters differs, which is what `Approximate` reports.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from converter.ir import (
    And,
    AnyField,
    Atom,
    Constant,
    FieldComparison,
    FieldType,
    Glob,
    IsTrue,
    Nested,
    Not,
    OneOf,
    Or,
    Predicate,
    Schema,
)
from converter.ir.plan import with_bases
from converter.languages.kuery.words import has_phrase
from sigma.sigmaproof.elastic.analysed import keyword_phrase

from .engines.plan import execute_plan
from .reference import Reference


def compared_by_words(reference: Reference, schema: Schema) -> Reference:
    """Return the reference whose comparisons with analysed text look for their words in a row."""
    plan = with_bases(reference.plan, lambda base: _by_words(base, schema))
    execution = execute_plan(plan, reference.dataset, reference.runs)
    return replace(reference, plan=plan, execution=execution)


def _by_words(predicate: Predicate, schema: Schema) -> Predicate:
    match predicate:
        case Atom(field=field) if schema.type_of(field) is FieldType.TEXT:
            return _words(predicate)
        case AnyField(inside=""):
            return _anywhere(predicate, schema)
        case Atom() | AnyField() | FieldComparison() | Constant():
            return predicate
        case And(operands) | Or(operands):
            return replace(predicate, operands=tuple(_by_words(one, schema) for one in operands))
        case Not(operand) | IsTrue(operand) | Nested(operand=operand):
            return replace(predicate, operand=_by_words(operand, schema))
        case _:
            assert_never(predicate)


def _anywhere(anything: AnyField, schema: Schema) -> Predicate:
    """Look for a value in whole values, and for its words in every field of analysed text."""
    analysed = sorted(name for name, kind in schema.types.items() if kind is FieldType.TEXT)
    whole = replace(anything, without=frozenset(analysed))
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
