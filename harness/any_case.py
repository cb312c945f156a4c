"""Events on which the case of a letter decides, where a table does not keep the case.

A source writes such a field in capitals or in small letters, and a port compares it without regard to case. An
event that the rule finds or leaves out for its case alone is in no row as it was, and judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from converter.ir import (
    Atom,
    Case,
    FieldComparison,
    Glob,
    OneOf,
    Predicate,
    Regex,
    Test,
)
from converter.ir.leaves import Leaf, with_leaves
from converter.layout import FieldLayout, Layout, TableLayout

from .engines.predicate import evaluate
from .events.event import Document

_AS_WRITTEN = {
    "lower-case": "",
    "lower-case-last-segment": "last-segment",
    "upper-case": "",
}
"""Reading of a column in another case to the reading of one that keeps the case."""


@dataclass(frozen=True, slots=True)
class CaseQuestion:
    """A rule as it is, and as it is without regard to the case that tables do not keep."""

    rule: Predicate
    in_any_case: Predicate
    fields: frozenset[str]

    def open(self, document: Document) -> str:
        """Say why the event judges nothing; empty where it does."""
        if self.rule == self.in_any_case:
            return ""
        if evaluate(self.rule, document) is evaluate(self.in_any_case, document):
            return ""
        return f"its case alone decides, which the table does not keep: {', '.join(sorted(self.fields))}"


def case_question(rule: Predicate, layouts: Iterable[Layout]) -> CaseQuestion:
    """Return what the case of the fields decides that these tables have in another one."""
    fields = frozenset(
        field.name
        for layout in layouts
        if isinstance(layout, TableLayout)
        for field in layout.fields
        if field.reading in _AS_WRITTEN
    )
    in_any_case = with_leaves(rule, lambda leaf: _in_any_case(leaf, fields))
    return CaseQuestion(rule, in_any_case, fields)


def kept_as_written(layout: Layout) -> Layout:
    """Return the layout with the case of events in its rows, which no comparison there regards."""
    if not isinstance(layout, TableLayout):
        return layout
    return replace(layout, fields=tuple(map(_as_written, layout.fields)))


def _as_written(field: FieldLayout) -> FieldLayout:
    return replace(field, reading=_AS_WRITTEN.get(field.reading, field.reading))


def _in_any_case(leaf: Leaf, fields: frozenset[str]) -> Predicate:
    match leaf:
        case Atom(field=field, test=test):
            return replace(leaf, test=_folded(test)) if field in fields else leaf
        case FieldComparison(left=left, right=right, case=Case.EXACT):
            return replace(leaf, case=Case.UNICODE) if {left, right} & fields else leaf
        case _:
            return leaf


def _folded(test: Test) -> Test:
    match test:
        case OneOf(case=Case.EXACT) | Glob(case=Case.EXACT) | Regex(case=Case.EXACT):
            return replace(test, case=Case.UNICODE)
        case _:
            return test
