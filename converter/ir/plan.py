"""Plans: what a rule does with many events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from .predicate import Predicate, View


@dataclass(frozen=True, slots=True)
class Filter:
    """Every event that satisfies the predicate is an alert."""

    predicate: Predicate


@dataclass(frozen=True, slots=True)
class TermField:
    """One field of a term; values that the view cannot read do not take part."""

    field: str
    view: View = View.RAW


@dataclass(frozen=True, slots=True)
class NewTerms:
    """One alert per run and term whose first base event is strictly later than the window's start.

    Base events satisfy `base` and lie in [end - history, end], both ends included. A term is one
    element of the cross product of the fields' distinct values; an event that lacks a field has none.
    """

    base: Predicate
    terms: tuple[TermField, ...]
    history: timedelta


Plan = Filter | NewTerms
