"""A predicate of the intermediate representation as a condition, for languages read by their meaning.

Only what Sigma says with the same truth is taken; the rest is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

from converter.diagnostic import Diagnostic, Severity, Span
from converter.errors import Unsupported
from converter.ir import (
    And,
    AnyField,
    Atom,
    Bound,
    Case,
    Cidr,
    Constant,
    Exists,
    FieldComparison,
    Glob,
    IsTrue,
    Missing,
    Nested,
    Not,
    OneOf,
    Or,
    Predicate,
    Quantifier,
    Range,
    Regex,
    View,
    Wildcard,
    Words,
)

from .condition import EVERYTHING, NOTHING, AllOf, AnyOf, Condition, Kind, Match, Negation
from .field_names import FieldNames
from .kuery_values import ANALYSED, RefusedValue, network_of
from .shapes import shape_of

_PLAIN_VIEWS = (View.NUMBER, View.COERCED_NUMBER, View.BOOLEAN, View.LENIENT_BOOLEAN)
_TEXT_VIEWS = (View.TEXT, View.KEYWORD)
_REWRITE = "the importer does not write it in Sigma; rewrite the query"


@dataclass(slots=True)
class PredicateReader:
    """Turns one predicate into a condition; every message has the same place."""

    names: FieldNames
    span: Span
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def condition(self, predicate: Predicate) -> Condition:
        """Return the condition."""
        match predicate:
            case And(operands):
                return AllOf(tuple(map(self.condition, operands)))
            case Or(operands):
                return AnyOf(tuple(map(self.condition, operands)))
            case Not(operand):
                return Negation(self.condition(operand))
            case IsTrue(operand):
                return self.condition(operand)
            case Constant(truth):
                return EVERYTHING if truth else NOTHING
            case Atom():
                return self._atom(predicate)
            case AnyField(view, test, inside) if inside:
                return self._atom(Atom(inside, view, test))
            case AnyField():
                raise self._refusal("a value without a field")
            case FieldComparison() | Nested():
                raise self._refusal(f"a condition of the form {type(predicate).__name__}")
            case _:
                assert_never(predicate)

    def _atom(self, atom: Atom) -> Condition:
        if atom.quantifier is not Quantifier.ANY or atom.missing is not Missing.FALSE:
            raise self._refusal(f"a condition on field {atom.field} that is no any-value test")
        name = self.names.sigma(atom.field)
        match atom.test:
            case Exists():
                return Match(name, Kind.EXISTS, (True,))
            case OneOf(values, case):
                return self._one_of(name, atom, values, case)
            case Glob(parts, case):
                return Match(name, _text_kind(case), (shape_of(parts),))
            case Range(lower, upper):
                return self._range(name, atom, lower, upper)
            case Cidr(networks):
                return Match(name, Kind.NETWORK, tuple(map(network_of, networks)))
            case Words(words, phrase):
                return self._words(name, atom, words, phrase)
            case Regex():
                raise self._refusal(
                    f"a regular expression on field {atom.field}",
                    "the importer does not write Lucene's expressions; use wildcards, or write |re in a"
                    " Sigma rule",
                )
            case _:
                assert_never(atom.test)

    def _one_of(
        self, name: str, atom: Atom, values: tuple[str | bool | int | float, ...], case: Case
    ) -> Condition:
        if atom.view in _PLAIN_VIEWS:
            return Match(name, Kind.PLAIN, values)
        texts = tuple(str(value) for value in values)
        if atom.view is View.IP:
            try:
                return Match(name, Kind.NETWORK, tuple(map(network_of, texts)))
            except RefusedValue as refused:
                raise self._refusal(f"{refused} on field {atom.field}") from refused
        if atom.view not in _TEXT_VIEWS:
            raise self._refusal(f"a value of type {atom.view.value} on field {atom.field}")
        return Match(name, _text_kind(case), tuple(shape_of((text,)) for text in texts))

    def _range(self, name: str, atom: Atom, lower: Bound | None, upper: Bound | None) -> Condition:
        if atom.view not in (View.NUMBER, View.COERCED_NUMBER):
            raise self._refusal(
                f"a range of type {atom.view.value} on field {atom.field}",
                "the importer writes networks of addresses and ranges of numbers; use one of them",
            )
        if lower and upper:
            # On an array two comparisons may be met by two values, a range is met by one.
            raise self._refusal(
                f"a range with two ends on field {atom.field}",
                "the importer writes ranges with one end only, as two ends may be met by two values of"
                " an array; where it holds one value, join two such ranges by AND",
            )
        if lower:
            kind = Kind.GREATER_OR_EQUAL if lower.inclusive else Kind.GREATER
            return Match(name, kind, (lower.value,))
        if upper:
            kind = Kind.LESS_OR_EQUAL if upper.inclusive else Kind.LESS
            return Match(name, kind, (upper.value,))
        return Match(name, Kind.EXISTS, (True,))

    def _words(self, name: str, atom: Atom, words: tuple[str, ...], phrase: bool) -> Condition:
        what = f"field {atom.field}: {ANALYSED.message}"
        self.diagnostics.append(Diagnostic(ANALYSED.code, Severity.WARNING, what, self.span))
        texts = (" ".join(words),) if phrase else words
        many = Wildcard.MANY
        shapes = tuple(shape_of((many, text, many)) for text in texts)
        return Match(name, Kind.FOLDED_TEXT, shapes) if shapes else NOTHING

    def _refusal(self, construct: str, hint: str = _REWRITE) -> Unsupported:
        return Unsupported(construct, self.span, hint)


def _text_kind(case: Case) -> Kind:
    return Kind.TEXT if case is Case.EXACT else Kind.FOLDED_TEXT
