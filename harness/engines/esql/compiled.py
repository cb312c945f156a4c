"""What expressions compile to, and what their compilation shares.

A compiled expression is a closure from a row to a cell. It reads no state but the clock, which stands
at the end of the run, so that it may be evaluated in any order and any number of times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from converter.diagnostic import Diagnostic, Severity, Span

from .types import Cell, Type

Row = tuple[object, ...]
"""Where the row comes from (`provenance.py`), then the cells, each at its slot."""

Evaluate = Callable[[Row], Cell]


@dataclass(frozen=True, slots=True)
class Amount:
    """A time span as a constant: calendar months, and microseconds."""

    months: int
    microseconds: int


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression that is ready to run."""

    type: Type
    evaluate: Evaluate
    is_constant: bool = False
    """It has one value in a run."""
    reads_now: bool = False
    amount: Amount | None = None
    """Its value when it is a time span."""


class Clock:
    """What NOW() says: the end of the run, in microseconds since the epoch."""

    def __init__(self) -> None:
        self.now: int | None = None


class Context:
    """What the compilation of a query shares: its text, its clock, its problems and warnings."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.clock = Clock()
        self.problems: list[Diagnostic] = []
        self._warnings: dict[tuple[int, str], Diagnostic] = {}

    def problem(self, message: str, span: Span, code: str = "esql-verification") -> Compiled:
        """Record why the platform refuses the query; return an expression that stands in."""
        self.problems.append(Diagnostic(code, Severity.ERROR, message, span, "correct the query"))
        return broken()

    def source(self, span: Span) -> str:
        """Return the text of an expression as it is written."""
        return self.text[span.start : span.end]

    def warner(self, span: Span, reason: str) -> Callable[[], None]:
        """Return what records a warning about an expression; the first time counts."""
        key = (span.start, reason)

        def warn() -> None:
            if key not in self._warnings:
                message = f"{self.source(span)} is null for some rows: {reason}"
                self._warnings[key] = Diagnostic("esql-null", Severity.WARNING, message, span)

        return warn

    def truncated(self, count: int) -> None:
        """Record that the platform's own limit cut the result."""
        message = (
            f"the result has more than {count} rows and was cut; which rows stay is not defined"
        )
        self._warnings[(len(self.text), "")] = Diagnostic(
            "esql-truncated", Severity.WARNING, message, hint="narrow the query or add a LIMIT"
        )

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The warnings so far, in the order of the text."""
        return tuple(self._warnings[key] for key in sorted(self._warnings))


SINGLE = "a function of single values met several values"
"""The reason of a null that a multi-valued cell makes (ESQL-8)."""


def broken() -> Compiled:
    """Return what stands in for an expression that has been reported."""
    return Compiled(Type.BROKEN, lambda row: None)


def constant(kind: Type, value: Cell) -> Compiled:
    """Return a constant."""
    return Compiled(kind, lambda row: value, is_constant=True)


def folded(compiled: Compiled) -> Compiled:
    """Evaluate a constant expression once, or once in a run when it reads the clock."""
    if not compiled.is_constant or compiled.reads_now or compiled.amount:
        return compiled
    return constant(compiled.type, compiled.evaluate(()))


def per_run(compiled: Compiled, clock: Clock) -> Evaluate:
    """Return an evaluation that remembers the value of a constant for the whole run."""
    if not (compiled.is_constant and compiled.reads_now):
        return compiled.evaluate
    evaluate = compiled.evaluate
    seen: dict[int | None, Cell] = {}

    def remembered(row: Row) -> Cell:
        now = clock.now
        if now not in seen:
            seen.clear()
            seen[now] = evaluate(row)
        return seen[now]

    return remembered
