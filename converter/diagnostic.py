"""Diagnostics: what a person must know about a conversion or verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How much a diagnostic matters."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text: offsets of characters, and the one-based line and column of the start."""

    start: int
    end: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding; `code` is stable kebab-case, `message` names construct, place and consequence."""

    code: str
    severity: Severity
    message: str
    span: Span | None = None
    hint: str = ""
