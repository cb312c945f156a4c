"""All cases of the sample log, in order."""

from __future__ import annotations

from . import list_cases, similar_cases, value_cases, window_cases
from .window_cases import Case

CASES: tuple[Case, ...] = (
    *window_cases.CASES,
    *value_cases.CASES,
    *similar_cases.CASES,
    *list_cases.CASES,
)
