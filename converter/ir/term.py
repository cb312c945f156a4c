"""The fields that tell groups of events apart."""

from __future__ import annotations

from dataclasses import dataclass

from .predicate import View


@dataclass(frozen=True, slots=True)
class TermField:
    """One field of a term; values that the view cannot read do not take part."""

    field: str
    view: View = View.RAW
