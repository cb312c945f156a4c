"""Puts a keyword into a field that the pack does not list, which a table of an event log keeps all the same.

A text that looks for keywords in the fields alone that somebody listed misses such an event.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from converter.ir import Predicate
from converter.layout import TableLayout
from harness.engines.predicate import evaluate

from .cases import Case
from .leaves import FREE_TEXT

_UNLISTED = "NameOfNoField"


def with_unlisted(
    cases: Sequence[Case], base: Predicate, layouts: Sequence[TableLayout]
) -> list[Case]:
    """Return the cases, and behind each with a text for any field the same with one that nobody lists."""
    names = tuple(dict.fromkeys(filter(None, map(_unlisted, layouts))))
    return [one for case in cases for one in (case, *_moved(case, base, names))]


def _unlisted(layout: TableLayout) -> str:
    """Return the name of a field that the table keeps, but does not list; empty where there is none."""
    if not layout.is_open:
        return ""
    if layout.data is not None:
        return _UNLISTED
    read = {place.column for field in layout.fields for place in field.places}
    known = read | {field.name for field in layout.fields} | layout.refused
    free = (name for name, kind in layout.columns.items() if kind == "string" and name not in known)
    return next(free, "")


def _moved(case: Case, base: Predicate, names: Sequence[str]) -> Iterator[Case]:
    if not isinstance(case.fields.get(FREE_TEXT), str):
        return
    others = {name: value for name, value in case.fields.items() if name != FREE_TEXT}
    truth = evaluate(base, case.fields)
    for name in names:
        fields = {**others, name: case.fields[FREE_TEXT]}
        if name not in others and evaluate(base, fields) is truth:
            yield replace(case, probed=name, fields=fields)
